"""The project's macros rendered for one engine, and SQL evaluated on both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parent.parent.parent
MACROS = PROJECT / "macros"

# What stands in a whole build for macros that are about nights, and for dbt's own.
WHOLE_BUILD = {
    "affected_rows": lambda model, _affected, _columns: model,
    "config": lambda **_settings: "",
    "is_incremental": lambda: False,
    "new_rows": lambda table: table,
    "only_affected": lambda _affected, _columns: "",
    "ref": lambda model: model,
    "return": lambda value: value,
}


def dispatched() -> dict[str, set[str]]:
    """The engines that have a side of each macro that macros/engine dispatches, by its name."""
    text = "".join(file.read_text("utf-8") for file in (MACROS / "engine").glob("*.sql"))
    sides = set(re.findall(r"macro (duckdb|spark)__(\w+)", text))
    names = re.findall(r"adapter\.dispatch\('(\w+)'", text)
    return {name: {engine for engine, side in sides if side == name} for name in names}


def render(engine: str, text: str, variables: Mapping[str, object]) -> str:
    """A Jinja text that calls the project's macros, as dbt renders it for an engine.

    variables: dbt's.
    """
    files = [*(MACROS / "engine").glob("*.sql"), *MACROS.glob("*.sql")]
    # Materializations are no expressions, and need tags of dbt's own.
    sources = (file.read_text("utf-8") for file in sorted(files))
    macros = "".join(source for source in sources if "{% materialization" not in source)
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        f"{macros}{{% macro rendered() %}}{text}{{% endmacro %}}"
    )
    sides: dict[str, Any] = {}
    module = template.make_module(
        {
            **WHOLE_BUILD,
            "adapter": {"dispatch": lambda name, _project: sides[f"{engine}__{name}"]},
            "var": variables.__getitem__,
        }
    )
    sides |= vars(module)
    return str(sides["rendered"]())


class Engines:
    """DuckDB and Spark, with the same tables.

    folder: where the tables lie, as the Parquet files that the raw layer has too.
    """

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self._spark = spark
        self._duckdb = duckdb.connect()
        self._duckdb.execute("set TimeZone = 'UTC'")
        self._folder = folder

    def fill(self, name: str, table: pa.Table) -> None:
        """Make the table of that name anew, on both."""
        file = self._folder / f"{name}.parquet"
        pq.write_table(table, file)
        self._duckdb.execute(f"create or replace view {name} as from read_parquet('{file}')")
        self._spark.read.parquet(str(file)).createOrReplaceTempView(name)

    def view(self, name: str, queries: Mapping[str, str]) -> None:
        """Make a view of that name, of each engine's own query."""
        self._duckdb.execute(f"create or replace view {name} as {queries['duckdb']}")
        self._spark.sql(f"create or replace temporary view {name} as {queries['spark']}")

    def rows(self, engine: str, query: str) -> list[tuple[Any, ...]]:
        """What a query gives on an engine; raises what the engine does."""
        if engine == "duckdb":
            found: Sequence[Sequence[Any]] = self._duckdb.execute(query).fetchall()
        else:
            found = self._spark.sql(query).collect()
        return [tuple(_plain(value) for value in row) for row in found]


def _plain(value: Any) -> Any:
    """A value of either engine in one form: whole numbers as int, structs as dict."""
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value
