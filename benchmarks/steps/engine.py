"""DuckDB as the steps use it: all of them with the same threads and the same memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import CORES

# Files are attached as the project attaches its build file.
AS_THE_BUILD = "(storage_version 'v1.5.0')"

_connect = duckdb.connect


def connect(memory_limit: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that spills into a folder."""
    connection = _connect(config={"threads": CORES, "memory_limit": memory_limit})
    connection.execute(f"set temp_directory = '{spill}'")
    connection.execute("set timezone = 'UTC'")
    # A step measures the engine's own reading; the system's cache serves all steps alike.
    connection.execute("set enable_external_file_cache = false")
    return connection


def bound_every_connection(memory_limit: str, attached: Mapping[str, str] | None = None) -> None:
    """Give the connections that dbt and others open in this process the same bounds.

    attached: database files by the name under which each of these connections can read them.
    """

    def bounded(
        database: Any = ":memory:",
        read_only: bool = False,
        config: dict[str, Any] | None = None,
        **others: Any,
    ) -> duckdb.DuckDBPyConnection:
        bounds: dict[str, Any] = {"threads": CORES, "memory_limit": memory_limit}
        connection = _connect(
            database, read_only=read_only, config=bounds | (config or {}), **others
        )
        for name, file in (attached or {}).items():
            connection.execute(f"attach if not exists '{file}' as {name} (read_only)")
        return connection

    duckdb.connect = bounded
