"""The raw tables: what the load makes of the landing folder."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.load import load_landing
from orchestration.night import Night, told_plainly
from orchestration.settings import Settings

# A landing folder on a network drive fails now and then. What a user has to mend isn't retried.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)

# Variables of the rules that the load must know too.
LOAD_VARIABLES = ("association_history",)


def raw_tables(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The tables of the dbt source `raw` with their descriptions: so the lineage connects."""
    sources = manifest["sources"].values()
    return {
        source["name"]: source["description"]
        for source in sources
        if source["source_name"] == "raw"
    }


def build_raw_asset(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """One asset per raw table, all made by one load; a part of a landing folder is never loaded."""
    tables = raw_tables(manifest)
    specs = [
        dg.AssetSpec(["raw", name], description=description, group_name="raw", kinds={"parquet"})
        for name, description in tables.items()
    ]

    @dg.multi_asset(name="load", specs=specs, can_subset=False, retry_policy=RETRIES)
    def load(
        context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]
    ) -> Iterator[dg.MaterializeResult]:
        settings = night.settings
        context.log.info(f"Loading {settings.landing}.")
        with told_plainly():
            load_landing(
                settings.landing,
                settings.warehouse,
                run_id=night.run_id,
                progress=lambda line: context.log.info(f"  {line}"),
                memory_limit=settings.memory_limit,
                erasure_key=settings.erasure_key,
                **load_options(settings),
            )
        figures = figures_by_table(night.ledger_lines())
        for name in tables:
            yield dg.MaterializeResult(asset_key=["raw", name], metadata=figures.get(name, {}))

    return load


def load_options(settings: Settings) -> dict[str, Any]:
    """Those of the user's variables that the load takes."""
    return {name: settings.dbt_vars[name] for name in LOAD_VARIABLES if name in settings.dbt_vars}


def figures_by_table(ledger_lines: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Files and rows by table, from ledger lines."""
    figures: dict[str, dict[str, int]] = {}
    for line in ledger_lines:
        table = figures.setdefault(line["table_name"] or "", {"files": 0})
        table["files"] += 1
        for name in ("rows_in", "rows_loaded", "rows_duplicate", "rows_quarantined"):
            table[name] = table.get(name, 0) + line[name]
    return figures
