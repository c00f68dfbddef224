"""Compares two built databases inside DuckDB, all columns of every table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.reference import KEYS

Row = dict[str, Any]

# Rows shown of each table: enough to see a pattern, few enough to read.
SHOWN = 8

MARTS = "marts"

# Rows of each side that are read to find those with one key.
_READ = 2_000


def differences(
    nights: Path,
    rebuild: Path,
    *,
    schemas: Collection[str] | None = (MARTS,),
    except_for: Collection[str] = (),
    shown: int = SHOWN,
) -> list[str]:
    """What the tables of one database have otherwise than those of the other, one line per row.

    schemas: those compared, None for all. except_for: what is left out, as `schema` or
    `schema.table`. shown: how many rows of a table are told, at most.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{nights}' as nights (read_only)")
        connection.execute(f"attach '{rebuild}' as rebuild (read_only)")
        tables = {side: _tables(connection, side) for side in ("nights", "rebuild")}
        lines: list[str] = []
        for name in sorted(tables["nights"].keys() | tables["rebuild"].keys()):
            schema, table = name
            if schemas is not None and schema not in schemas:
                continue
            if schema in except_for or f"{schema}.{table}" in except_for:
                continue
            columns = [tables[side].get(name) for side in ("nights", "rebuild")]
            if columns[0] != columns[1]:
                lines.append(
                    f"{schema}.{table}: columns {columns[0]} after the nights, "
                    f"{columns[1]} in the rebuild"
                )
            else:
                lines += _table_differences(connection, schema, table, shown)
    return lines


def _tables(
    connection: duckdb.DuckDBPyConnection, database: str
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(schema, table): its columns with their types, in order."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select c.schema_name, c.table_name, c.column_name, c.data_type from duckdb_columns() as c "
        "join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.database_name = ? order by c.column_index",
        [database],
    ).fetchall()
    for schema, table, column, kind in rows:
        found.setdefault((schema, table), []).append((column, kind))
    return found


def _table_differences(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, shown: int
) -> list[str]:
    name = f'"{schema}"."{table}"'
    only = {
        side: _rows(connection, f"from {side}.{name} except all from {other}.{name}")
        for side, other in (("nights", "rebuild"), ("rebuild", "nights"))
    }
    if not any(only.values()):
        return []
    counts = {side: len(rows) for side, rows in only.items()}
    lines = [
        f"{schema}.{table}: {counts['nights']} rows only after the nights, "
        f"{counts['rebuild']} only in the rebuild"
    ]
    key = KEYS.get(table, ()) if schema == MARTS else ()
    by_key = {
        side: {tuple(row.get(column) for column in key): row for row in rows} if key else {}
        for side, rows in only.items()
    }
    told = 0
    for side in ("nights", "rebuild"):
        other = "rebuild" if side == "nights" else "nights"
        for row in only[side]:
            row_key = tuple(row.get(column) for column in key)
            twin = by_key[other].get(row_key)
            if twin is not None and side == "rebuild":
                continue
            told += 1
            if told <= shown:
                lines.append(f"  {_told(row_key, row, twin, side)}")
    return lines


def _told(
    row_key: Sequence[Any], row: dict[str, Any], twin: dict[str, Any] | None, side: str
) -> str:
    if twin is None:
        where = "after the nights" if side == "nights" else "in the rebuild"
        return f"{_plain(row_key)} only {where}: {_plain(row)}"
    changed = [
        f"{column}: {_plain(value)} after the nights, {_plain(twin[column])} in the rebuild"
        for column, value in row.items()
        if value != twin[column]
    ]
    return f"{_plain(row_key)} " + "; ".join(changed)


def _plain(value: Any) -> str:
    """A value as text, instants and amounts in a form that can be searched for."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_plain(each)}" for name, each in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(_plain, value)) + ")"
    return str(value)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(f"select * from ({query}) order by all limit {_READ}")
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
