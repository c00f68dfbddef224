"""The page of the input tables: each column, with an example from the sample's files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from orchestration.load.contracts import TABLES, Column, Table

_HEAD = """# Input tables

Each table that a landing folder may have, with its columns in order and a row of the bundled
sample; what that row leaves empty is taken from another one. [Your data](docs/your-data.md) says
how files and values are written, and what becomes of bad ones."""


def inputs_page(sample: Path) -> str:
    """The Markdown of the page; sample is the bundled landing folder.

    Raises ValueError where the sample has no row of a table.
    """
    return "\n".join([_HEAD, *(line for t in TABLES.values() for line in _section(t, sample))])


def _section(table: Table, sample: Path) -> Iterator[str]:
    example = example_row(table, sample)
    yield f"\n## {table.name}\n"
    yield f"A row is known by its {', '.join(f'`{name}`' for name in table.key)}."
    if table.needs_visitor_or_contact:
        yield "One of `visitor_id` and `contact_id` is required."
    if table.interval:
        begin, end = table.interval
        yield f"`{end}` may not lie before `{begin}`."
    yield "\n| column | kind | required | example |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield _row(column, example)


def _row(column: Column, example: Mapping[str, str]) -> str:
    required = "yes" if column.required else ""
    shown = example.get(column.name, "").replace("|", "\\|")
    return (
        f"| `{column.name}` | {column.kind.value} | {required} | {f'`{shown}`' if shown else ''} |"
    )


def example_row(table: Table, sample: Path) -> dict[str, str]:
    """The first row of the sample that fills the most columns, as texts, and others' values behind.

    Raises ValueError where the sample has no row of the table.
    """
    rows = [row for file in sorted((sample / table.name).iterdir()) for row in _rows(file)]
    if not rows:
        raise ValueError(f"{sample / table.name} has no row: make the sample again.")
    fullest = max(rows, key=lambda row: len(row.keys() & set(table.column_names)))
    others = {name: value for row in reversed(rows) for name, value in row.items()}
    return others | fullest


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows of a landing file as texts, without their empty values."""
    if ".ndjson" in file.suffixes:
        open_text = gzip.open if file.suffix == ".gz" else open
        with open_text(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    else:
        reader = (
            "read_parquet($file)"
            if ".parquet" in file.suffixes
            else "read_csv($file, all_varchar = true)"
        )
        found = duckdb.execute(f"select * from {reader}", {"file": str(file)})
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    return [{name: _text(v) for name, v in row.items() if v not in (None, "")} for row in rows]


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
