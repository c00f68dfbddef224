"""The dbt models, seeds and tests as Dagster assets and asset checks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import build_dbt_specs
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.erasure import Erasure
from orchestration.load.checksums import check_raw_files
from orchestration.load.sql import identifier
from orchestration.night import Night, told_plainly
from orchestration.settings import Settings
from orchestration.state import copy_unit_tests, note_run, write_lines
from orchestration.transform import audit
from orchestration.transform.dbt import Dbt
from orchestration.transform.engine import Engine, engine_of
from orchestration.transform.progress import BuildProgress, group_of
from orchestration.volume import judge as judge_volume

# The models that read what the audit found: they are built behind it.
AFTER_AUDIT = "after_audit"

BUILT = frozenset({"model", "seed", "snapshot"})


class GroupedByFolder(DagsterDbtTranslator):
    """Groups the models in the UI as their folders do."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The node's group; sources are shown with the raw tables."""
        if dbt_resource_props["resource_type"] == "source":
            return str(dbt_resource_props["source_name"])
        return group_of(dbt_resource_props)


class BuildConfig(dg.Config):
    """How the models are built."""

    full_refresh: bool = False


def build_models_asset(dbt: Dbt, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """One asset per model and seed, one check per data test, all made by one dbt build.

    They can't be built in parts: only a whole build is audited, and only an audited one published.
    """
    attach_singular_tests(manifest)
    translator = GroupedByFolder()
    specs, checks = build_dbt_specs(
        translator=translator,
        manifest=manifest,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )

    @dg.multi_asset(
        name="build",
        specs=specs,
        check_specs=checks,
        can_subset=False,
        allow_arbitrary_check_specs=True,
    )
    def build(
        context: dg.AssetExecutionContext, config: BuildConfig, night: dg.ResourceParam[Night]
    ) -> Iterator[Any]:
        settings, say = night.settings, context.log.info
        erasure, engine = Erasure(settings, say), engine_of(settings)
        with told_plainly():
            if erasure.has_new_requests():
                engine.remove_build()
                erasure.find_people(dbt.on_duckdb())
                erasure.forget_people()
                engine.remove_build()
            judge_volume(night.volumes(), is_low_allowed=settings.allow_low_volume)
            if config.full_refresh:
                say("Removing the build: every table is built from the raw layer.")
                engine.remove_build()
            elif erasure.is_rebuild_due():
                say("People were forgotten: every table is built from the raw layer.")
                engine.remove_build()
            elif reason := engine.why_anew(dbt.rules()):
                say(f"Every table is built from the raw layer: {reason}.")
                engine.remove_build()

            # What this run has just loaded is as it was written.
            loaded_before = night.ledger_lines(earlier=True)
            if not settings.build_file.exists():
                check_raw_files(settings.warehouse, loaded_before)
            steps = DbtSteps(dbt, engine, manifest, translator, context)
            before = ["build", "--exclude", f"tag:{AFTER_AUDIT}"]
            say("Building the models.")
            yield from steps.run(before, is_after_audit=False)
            if steps.has_failed:
                check_raw_files(settings.warehouse, loaded_before)
            if audit.is_damaged(settings, steps.found, steps.exception):
                say("build.duckdb is damaged: removing it, and building once more.")
                engine.remove_build()
                steps.found.clear()
                yield from steps.run(before, is_after_audit=False)
            if erasure.forget_people():
                say("More belongs to people who were forgotten: building once more.")
                engine.remove_build()
                steps.found.clear()
                yield from steps.run(before, is_after_audit=False)

            write_lines(
                settings.state / "test_results.ndjson",
                audit.test_lines(steps.found, night.run_id),
            )
            audit.judge(settings, steps.found, steps.exception)
            tests = sum(outcome.is_test for outcome in steps.found)
            warnings = audit.warnings(steps.found)
            say(f"Audit passed: {tests} tests, {len(warnings)} with warnings.")
            for warning in warnings:
                say(f"  warning: {warning}")

            issues = count_issues(settings)
            note_run(settings, night.line(is_published=True, issues=issues))
            copy_unit_tests(settings)
            steps.found.clear()
            yield from steps.run(["build", "--select", f"tag:{AFTER_AUDIT}"], is_after_audit=True)
            audit.judge(settings, steps.found, steps.exception)
            erasure.note_rebuilt()
            for key, rows in rows_by_asset(settings, manifest, translator).items():
                told = dg.AssetObservation(key, metadata={"dagster/row_count": rows})
                context.log_event(told)

    return build


def attach_singular_tests(manifest: Mapping[str, Any]) -> None:
    """Make a test of several models a check of the one that is built last, not of none."""
    for node in manifest["nodes"].values():
        parents = [
            parent
            for parent in node.get("depends_on", {}).get("nodes", [])
            if parent in manifest["nodes"]
        ]
        if node["resource_type"] == "test" and not node.get("attached_node") and len(parents) > 1:
            last = max(parents, key=lambda parent: (len(_ancestors(manifest, parent)), parent))
            node["config"].setdefault("meta", {})["dagster"] = {
                "ref": {"name": manifest["nodes"][last]["name"]}
            }


def _ancestors(manifest: Mapping[str, Any], unique_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        parents = set(manifest["parent_map"].get(waiting.pop(), [])) - found
        found |= parents
        waiting += parents
    return found


class DbtSteps:
    """The dbt commands of a build, their events handed on to Dagster."""

    def __init__(
        self,
        dbt: Dbt,
        engine: Engine,
        manifest: Mapping[str, Any],
        translator: DagsterDbtTranslator,
        context: dg.AssetExecutionContext,
    ) -> None:
        self._dbt = dbt
        self._engine = engine
        self._manifest = manifest
        self._translator = translator
        self._context = context
        self._told: set[str] = set()
        self.found: list[audit.Outcome] = []
        self.exception: BaseException | None = None

    def run(self, arguments: Sequence[str], *, is_after_audit: bool) -> Iterator[Any]:
        """Run a command; afterwards found and exception say what came of it."""
        nodes = {
            unique_id: node
            for unique_id, node in self._manifest["nodes"].items()
            if node["resource_type"] in BUILT
            and (AFTER_AUDIT in node["tags"]) == is_after_audit
            and node["config"]["materialized"] != "ephemeral"
        }
        progress = BuildProgress(nodes, self._context.log.info)
        self._engine.prepare(self._manifest)
        command = self._dbt.command(
            [*arguments, *self._engine.options, "--exclude-resource-type", "unit_test"]
        )
        for event in command:
            progress.note(event)
            yield from self._dagster_events(event)
        self._engine.finish()
        self.found += audit.outcomes(command.results)
        self.exception = command.exception

    @property
    def has_failed(self) -> bool:
        """Whether a model failed, or dbt before any."""
        models = (outcome for outcome in self.found if not outcome.is_test)
        return self.exception is not None or any(outcome.has_failed for outcome in models)

    def _dagster_events(self, event: Mapping[str, Any]) -> Iterator[Any]:
        unique_id = event["data"]["node_info"]["unique_id"]
        # A second build of the same night repeats what Dagster has heard.
        if unique_id in self._told:
            return
        message = DbtCoreCliEventMessage(raw_event=dict(event), event_history_metadata={})
        for told in message.to_default_asset_events(
            manifest=self._manifest,
            dagster_dbt_translator=self._translator,
            context=self._context,
        ):
            self._told.add(unique_id)
            yield told


def rows_by_asset(
    settings: Settings, manifest: Mapping[str, Any], translator: DagsterDbtTranslator
) -> dict[dg.AssetKey, int]:
    """How many rows each model and seed has in build.duckdb."""
    nodes = {
        (node["schema"], node["alias"]): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in BUILT
    }
    with duckdb.connect(str(settings.build_file), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
        counts = {
            table: connection.execute(
                f"select count(*) from {'.'.join(map(identifier, table))}"
            ).fetchone()
            for table in tables
            if table in nodes
        }
    return {
        translator.get_asset_key(nodes[table]): int(count[0])
        for table, count in counts.items()
        if count
    }


def count_issues(settings: Settings) -> int:
    """How many rows data_quality_issues has; 0 where it wasn't built."""
    if not settings.build_file.exists():
        return 0
    with duckdb.connect(str(settings.build_file), read_only=True) as connection:
        try:
            row = connection.execute("select count(*) from marts.data_quality_issues").fetchone()
        except duckdb.CatalogException:
            return 0
    return int(row[0]) if row else 0
