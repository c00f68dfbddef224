"""Tables of texts that the fuzzed files start from, and how each format writes them."""

from __future__ import annotations

import csv
import functools
import gzip
import io
import json
import random
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.load.contracts import TABLES, Table
from tests.fuzz.values import COLUMNS, hostile
from tests.load.folder import csv_text

SAMPLE = Path(__file__).resolve().parents[2] / "seeds" / "sample"

_ROWS_OF_SAMPLE = 40


@dataclass
class Grid:
    """Rows of texts ('' is missing) under columns; what rules they keep says the table."""

    table: Table
    columns: list[str]
    rows: list[list[str]]


def _texts_of_json(row: dict[str, object]) -> dict[str, str]:
    return {
        name: "" if value is None else value if isinstance(value, str) else json.dumps(value)
        for name, value in row.items()
    }


@functools.cache
def sample_rows(table_name: str) -> tuple[dict[str, str], ...]:
    """The first rows of a table of the bundled sample."""
    path = sorted((SAMPLE / table_name).iterdir())[0]
    packed = path.read_bytes()
    content = gzip.decompress(packed) if path.suffix == ".gz" else packed
    if ".csv" in path.name:
        text = io.StringIO(content.decode("utf-8-sig"), newline="")
        found = list(csv.DictReader(text, restval=""))
    elif ".ndjson" in path.name:
        found = [_texts_of_json(json.loads(line)) for line in content.splitlines()]
    else:
        table = pq.read_table(path)
        found = [
            {name: "" if value is None else str(value) for name, value in row.items()}
            for row in table.to_pylist()
        ]
    return tuple(found[:_ROWS_OF_SAMPLE])


def hostile_grid(rng: random.Random, table_name: str) -> Grid:
    """A few rows of the sample, some of whose values are hostile, under odd columns too."""
    table = TABLES[table_name]
    rows = rng.sample(
        sample_rows(table_name), min(rng.choice((1, 2, 5, 12)), len(sample_rows(table_name)))
    )
    columns = list(table.column_names)
    for column in table.columns:
        if not column.required and rng.random() < 0.1:
            columns.remove(column.name)
    rng.shuffle(columns)
    share = rng.choice((0.0, 0.02, 0.1, 0.3))
    grid = Grid(table, columns, [])
    for row in rows:
        texts = [row.get(name, "") for name in columns]
        for position, name in enumerate(columns):
            if rng.random() < share:
                texts[position] = hostile(rng, table.column(name).kind)
        grid.rows.append(texts)
    for _ in range(rng.choice((0, 0, 0, 1, 3))):
        add_column(rng, grid)
    return grid


def add_column(rng: random.Random, grid: Grid) -> None:
    """Add a column that the contract doesn't know, under a name that is not there yet."""
    name = rng.choice(COLUMNS)
    taken = {column.strip().lower() for column in grid.columns}
    if not name.strip() or name.strip().lower() in taken:
        return
    position = rng.randrange(len(grid.columns) + 1)
    grid.columns.insert(position, name)
    for row in grid.rows:
        row.insert(position, rng.choice(("", "x", hostile(rng, grid.table.columns[0].kind))))


def csv_lines(rng: random.Random, grid: Grid) -> tuple[list[str], str]:
    """Records of CSV without their line ends, and the line end."""
    delimiter = rng.choice(",,;\t")
    text = [csv_text(row, [], delimiter)[:-1] for row in [grid.columns, *grid.rows]]
    return text, rng.choice(("\n", "\n", "\r\n"))


def ndjson_lines(rng: random.Random, grid: Grid) -> list[str]:
    """Lines of JSON; missing values as null, as an empty text or left out."""
    lines = []
    for row in grid.rows:
        pairs = list(zip(grid.columns, row, strict=True))
        given: dict[str, str | None] = {}
        for name, text in pairs:
            if text != "":
                given[name] = text
            elif rng.random() < 0.6:
                given[name] = rng.choice((None, ""))
        lines.append(json.dumps(given, ensure_ascii=rng.random() < 0.5))
    return lines
