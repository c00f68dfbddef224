"""Pieces of SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb

# What a query over landing files raises: DuckDB quotes them in its messages, and cuts what it
# quotes within a letter at times, so that the message is no text.
QUERY_ERRORS = (duckdb.Error, UnicodeDecodeError)


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def raw_rows(paths: list[Path]) -> str:
    """A relation of the rows of raw files."""
    names = ", ".join(literal(str(path)) for path in paths)
    # Without the option, a folder named as month=5 would become a column.
    return f"read_parquet([{names}], hive_partitioning = false)"
