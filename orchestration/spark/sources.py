"""The raw layer and the state of the runs as tables of Spark's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from orchestration.load.sql import literal

# Of what DuckDB names otherwise.
_TYPES = {
    "VARCHAR": "string",
    "VARCHAR[]": "array<string>",
    "JSON": "string",
    "TIMESTAMP": "timestamp_ntz",
    "INTEGER": "int",
}


def register_sources(session: SparkSession, manifest: Mapping[str, Any], folder: Path) -> None:
    """Make a table of every dbt source that has files, as they are now.

    Those of Parquet files are read where they lie. What is text (ledger, state) is small, and
    written as Parquet into a folder: DuckDB reads it as the manifest says.
    """
    for source in manifest["sources"].values():
        schema, name = source["source_name"], source["name"]
        location = source["config"]["external_location"].replace("{name}", name)
        call, _, rest = location.partition("('")
        path = Path(rest.partition("'")[0])
        if not any(path.parent.glob(path.name)):
            continue
        columns = duckdb.sql(f"describe from {location}").fetchall()
        parquet = path.parent
        if call.strip() != "read_parquet":
            parquet = folder / schema / name
            parquet.mkdir(parents=True, exist_ok=True)
            rows = literal(str(parquet / "rows.parquet"))
            duckdb.sql(f"copy (from {location}) to {rows}")
        session.sql(f"create schema if not exists {schema}")
        session.sql(f"drop table if exists {schema}.{name}")
        # Spark would read the files' schemas in a job of its own for each table.
        types = ", ".join(f"`{column}` {_TYPES.get(kind, kind)}" for column, kind, *_ in columns)
        session.sql(
            f"create table {schema}.{name} ({types}) using parquet "
            f"options (path {literal(str(parquet))})"
        )
