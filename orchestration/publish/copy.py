"""A new file with the marts of a build, and the same marts as Parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.load.sql import identifier, literal
from orchestration.publish.personal import define_macros, published_columns

MARTS = "marts"


def copy_marts(
    build: Path,
    target: Path,
    parquet: Path,
    manifest: Mapping[str, Any],
    memory_limit: str | None = None,
) -> list[str]:
    """Copy the marts of a build into the new database `target` and the new folder `parquet`.

    E-mail addresses and phone numbers stay behind. Descriptions of the manifest become comments on
    tables and columns. Returns the names of the tables, once everything is on disk. memory_limit is
    as DuckDB writes it, None for its own.
    Raises duckdb.Error or OSError where something can't be read or written.
    """
    parquet.mkdir(parents=True)
    with duckdb.connect() as connection:
        if memory_limit is not None:
            connection.execute(f"set memory_limit = {literal(memory_limit)}")
        # Larger than memory, a mart spills beside where it goes, not into the present folder.
        connection.execute(f"set temp_directory = {literal(str(parquet / '.spill'))}")
        connection.execute("set enable_external_file_cache = false")
        connection.execute(f"attach {literal(str(build))} as build (read_only)")
        connection.execute(f"attach {literal(str(target))} as published")
        connection.execute(f"create schema published.{MARTS}")
        define_macros(connection)
        tables = _tables(connection)
        for table in tables:
            name, built = (
                f"{place}.{MARTS}.{identifier(table)}" for place in ("published", "build")
            )
            columns = published_columns(connection.sql(f"from {built}"))
            connection.execute(f"create table {name} as select {columns} from {built}")
            connection.execute(
                f"copy {name} to {literal(str(parquet / f'{table}.parquet'))} "
                "(format parquet, compression zstd)"
            )
        for statement in _comments(connection, tables, manifest):
            connection.execute(statement)
        connection.execute("checkpoint published")
        connection.execute("detach published")
    spill = parquet / ".spill"
    if spill.exists():
        spill.rmdir()
    for path in (target, *parquet.iterdir(), parquet):
        sync(path)
    return tables


def sync(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = 'build' and table_schema = ? order by table_name",
        [MARTS],
    ).fetchall()
    return [name for (name,) in rows]


def _comments(
    connection: duckdb.DuckDBPyConnection, tables: list[str], manifest: Mapping[str, Any]
) -> Iterator[str]:
    """The statements that put descriptions on the published tables and their columns."""
    columns = set(
        connection.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_catalog = 'published' and table_schema = ?",
            [MARTS],
        ).fetchall()
    )
    for node in manifest["nodes"].values():
        table = node.get("alias")
        if node["resource_type"] != "model" or node["schema"] != MARTS or table not in tables:
            continue
        name = f"published.{MARTS}.{identifier(table)}"
        if node["description"]:
            yield f"comment on table {name} is {literal(node['description'].strip())}"
        for column, properties in node["columns"].items():
            if properties["description"] and (table, column) in columns:
                description = literal(properties["description"].strip())
                yield f"comment on column {name}.{identifier(column)} is {description}"
