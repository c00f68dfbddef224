"""Rows to files: CSV, NDJSON and Parquet in the variety that users bring."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.scenarios import contract
from tests.scenarios.bad_rows import BrokenRow
from tests.scenarios.contract import COLUMNS, REQUIRED
from tests.scenarios.spelling import Raw, as_json, as_text, epoch_milliseconds, is_plain_number
from tests.scenarios.world import Row

FileRow = Row | BrokenRow

_EXTRA_COLUMN = "source_note"
_EXTRA_TEXTS = (
    None,
    "",
    "plain",
    'two lines,\n"quoted"; tab\there',
    "Größe",
    "\u2028 odd \U0001f600",
)


@dataclass(frozen=True)
class FileForm:
    """How a file is written. `kind` is csv, ndjson or parquet; the rest is CSV's but for gzip."""

    kind: str
    delimiter: str = ","
    has_bom: bool = False
    newline: str = "\n"
    quotes_all: bool = False
    is_gzipped: bool = False
    has_extra_column: bool = False

    @property
    def suffix(self) -> str:
        """The end of the file's name, dot included."""
        return f".{self.kind}.gz" if self.is_gzipped else f".{self.kind}"


def any_form(rng: random.Random, kind: str) -> FileForm:
    """A random form of a kind of file."""
    return FileForm(
        kind=kind,
        delimiter=rng.choice(",,;\t"),
        has_bom=rng.random() < 0.3,
        newline=rng.choice(("\n", "\n", "\r\n")),
        quotes_all=rng.random() < 0.25,
        is_gzipped=rng.random() < 0.3,
        has_extra_column=rng.random() < 0.4,
    )


def write_file(
    path: Path,
    table: str,
    rows: Sequence[FileRow],
    form: FileForm,
    rng: random.Random,
    *,
    without: Collection[str] = (),
) -> None:
    """Writes rows of a table; parent folders are made.

    Columns without a value may be left out, those of `without` always are.
    """
    good = [row for row in rows if not isinstance(row, BrokenRow)]
    columns = [
        column
        for column in COLUMNS[table]
        if column in REQUIRED[table]
        or any(row.get(column) is not None for row in good)
        or rng.random() < 0.5
    ]
    columns = [column for column in columns if column not in without]
    if form.has_extra_column:
        columns.append(_EXTRA_COLUMN)
    if form.kind != "parquet":
        rng.shuffle(columns)
    if form.kind == "csv":
        content = _csv(table, columns, rows, form, rng)
    elif form.kind == "ndjson":
        content = _ndjson(columns, rows, rng)
    else:
        content = _parquet(columns, good, rng)
    if form.is_gzipped:
        content = gzip.compress(content, compresslevel=1, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _extra(rng: random.Random) -> str | None:
    return rng.choice(_EXTRA_TEXTS)


def _csv(
    table: str,
    columns: Sequence[str],
    rows: Sequence[FileRow],
    form: FileForm,
    rng: random.Random,
) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(
        buffer,
        delimiter=form.delimiter,
        lineterminator=form.newline,
        quoting=csv.QUOTE_ALL if form.quotes_all else csv.QUOTE_MINIMAL,
    )
    writer.writerow(columns)
    for row in rows:
        if isinstance(row, BrokenRow):
            writer.writerow(["bad"] * (len(columns) + row.fields))
            continue
        fields = []
        for column in columns:
            value = _extra(rng) if column == _EXTRA_COLUMN else row.get(column)
            kind = contract.kind_of(column)
            fields.append("" if value is None else as_text(rng, kind, value))
        writer.writerow(fields)
        if rng.random() < 0.01:
            buffer.write(form.newline)
    return buffer.getvalue().encode("utf-8-sig" if form.has_bom else "utf-8")


def _ndjson(columns: Sequence[str], rows: Sequence[FileRow], rng: random.Random) -> bytes:
    lines = []
    for row in rows:
        if isinstance(row, BrokenRow):
            lines.append(row.line)
            continue
        record: dict[str, Any] = {}
        for column in columns:
            value = _extra(rng) if column == _EXTRA_COLUMN else row.get(column)
            if value is not None:
                record[column] = as_json(rng, contract.kind_of(column), column, value)
            elif rng.random() < 0.4:
                record[column] = rng.choice((None, None, ""))
        lines.append(json.dumps(record, ensure_ascii=rng.random() < 0.5))
        if rng.random() < 0.01:
            lines.append("")
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(columns: Sequence[str], rows: Sequence[Row], rng: random.Random) -> bytes:
    arrays = {
        column: _column(column, [row.get(column) for row in rows], rng)
        if column != _EXTRA_COLUMN
        else pa.array([_extra(rng) for _ in rows], pa.string())
        for column in columns
    }
    buffer = io.BytesIO()
    compression = rng.choice(("snappy", "zstd", "none"))
    pq.write_table(pa.table(arrays), buffer, compression=compression, row_group_size=500)
    return buffer.getvalue()


def _column(column: str, values: list[Any], rng: random.Random) -> pa.Array:
    """A Parquet column in one of the types that hold all of its values exactly, or as text."""
    kind = contract.kind_of(column)
    present = [value for value in values if value is not None]
    if not any(isinstance(value, Raw) for value in present) and rng.random() < 0.75:
        array = _typed(kind, column, values, present, rng)
        if array is not None:
            return array
    texts = [None if value is None else as_text(rng, kind, value) for value in values]
    return pa.array(texts, rng.choice((pa.string(), pa.string(), pa.large_string())))


def _typed(
    kind: str, column: str, values: list[Any], present: list[Any], rng: random.Random
) -> pa.Array | None:
    if kind in (contract.TEXT, contract.JSON):
        is_number = column.endswith("_id") and all(map(is_plain_number, present))
        if kind == contract.TEXT and present and is_number:
            return pa.array([None if value is None else int(value) for value in values], pa.int64())
        return None
    if any(isinstance(value, str) for value in present):
        return None
    if kind == contract.INSTANT:
        if all(epoch_milliseconds(value) is not None for value in present):
            way = rng.choice(("ms", "epoch", "us"))
            if way == "epoch":
                epochs = [None if value is None else epoch_milliseconds(value) for value in values]
                return pa.array(epochs, pa.int64())
            if way == "ms":
                return pa.array(values, pa.timestamp("ms", "UTC"))
        if rng.random() < 0.5:
            return pa.array(values, pa.timestamp("us", "UTC"))
        naive = [None if value is None else value.replace(tzinfo=None) for value in values]
        return pa.array(naive, pa.timestamp(rng.choice(("us", "ns"))))
    if kind == contract.DATE:
        if rng.random() < 0.3:
            instants = [
                None if day is None else datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
                for day in values
            ]
            return pa.array(instants, pa.timestamp("us", "UTC"))
        return pa.array(values, pa.date32())
    if kind == contract.BOOLEAN:
        if rng.random() < 0.2:
            return pa.array([None if value is None else int(value) for value in values], pa.int8())
        return pa.array(values, pa.bool_())
    numbers: list[Any] = [None if value is None else Decimal(str(value)) for value in values]
    known = [number for number in numbers if number is not None]
    if all(number == int(number) for number in known):
        whole = [None if number is None else int(number) for number in numbers]
        return pa.array(whole, pa.int64())
    if all(Decimal(float(number)) == number for number in known):
        return pa.array([None if n is None else float(n) for n in numbers], pa.float64())
    return pa.array(numbers, pa.decimal128(30, 12))
