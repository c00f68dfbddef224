"""Rows that break their table's contract, one for every way to do so; and files that do."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.scenarios import contract
from tests.scenarios.contract import COLUMNS, INTERVALS, REQUIRED
from tests.scenarios.spelling import Raw
from tests.scenarios.world import Row

_AT = datetime(2025, 6, 15, 12, tzinfo=UTC)

_BAD_TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    contract.INSTANT: (
        "unparsable_instant",
        (
            "yesterday",
            "2025-13-01",
            "2025-02-29T00:00:00Z",
            "2025-06-15T25:00:00Z",
            "2025-06-15T10:60Z",
            "2025-06-15T10",
            "2025-6-15",
            "20250615T100000Z",
            "15.06.2025 10:00",
            "2025-06-15T10:00:00,5Z",
            "2025-06-15  10:00:00",
            "0000-01-01",
            "12.5",
            "99999999999999999",
        ),
    ),
    contract.DATE: (
        "unparsable_date",
        ("soon", "2025-02-30", "2025/06/15", "15.06.2025", "2025-6-1", "2025-W24"),
    ),
    contract.AMOUNT: (
        "unparsable_number",
        ("abc", "1,000.00", "1.000,00", "0x10", "10 EUR", "1e17", "1 000", "--1", "NaN"),
    ),
    contract.RATE: ("unparsable_number", ("one", "0,9", "1e9")),
    contract.INTEGER: ("unparsable_number", ("1.5", "many", "9223372036854775808", "1e30")),
    contract.NUMBER: ("unparsable_number", ("high", "1.2.3", "Infinity", "1e400")),
    contract.BOOLEAN: ("unparsable_boolean", ("maybe", "2", "y", "t", "on", "10")),
    contract.JSON: (
        "properties_not_an_object",
        ("not json", "[1, 2]", '"text"', "7", '{"a": ', "{'a': 1}"),
    ),
}

_BROKEN_LINES = ('{"event_id": "x"', "[1, 2]", '"text"', "17", "not json at all", '{"a": 1} {}')

FORMATS = ("csv", "ndjson", "parquet")


@dataclass(frozen=True)
class BrokenRow:
    """A row that is none: a CSV row with another number of fields, a line that is no object.

    `fields` is added to the number of a CSV row's fields; `line` stands in an NDJSON.
    """

    fields: int
    line: str


@dataclass(frozen=True)
class BadRow:
    """A row for quarantine, and what the load must say about it."""

    table: str
    code: str
    column: str | None
    row: Row | BrokenRow


def _plain_row(table: str, number: int) -> Row:
    """A good row of a table that refers to nothing which the scenarios have."""
    row: Row = {}
    for column in COLUMNS[table]:
        kind = contract.kind_of(column)
        if column == "asset_type":
            row[column] = "form"
        elif kind == contract.INSTANT:
            row[column] = _AT
        elif kind == contract.DATE:
            row[column] = _AT.date()
        elif kind == contract.BOOLEAN:
            row[column] = False
        elif kind == contract.JSON:
            row[column] = {}
        elif kind == contract.TEXT:
            row[column] = f"bad-{column}-{number}"
        else:
            row[column] = Decimal("1")
    return row


def _violations(table: str) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """(code, column, changes to a good row) for each way to break the table's contract."""
    for column in REQUIRED[table]:
        yield "required_value_missing", column, {column: None}
    yield "required_value_missing", REQUIRED[table][0], {REQUIRED[table][0]: ""}
    for column in COLUMNS[table]:
        code, texts = _BAD_TEXTS.get(contract.kind_of(column), ("", ()))
        for text in texts:
            yield code, column, {column: Raw(text)}
    if table == "assets":
        for text in ("webpage", "Form", " form", "landing page"):
            yield "unknown_asset_type", "asset_type", {"asset_type": text}
    if table == "events":
        yield "no_visitor_or_contact", "visitor_id", {"visitor_id": None, "contact_id": ""}
        both = {"event_type": None, "occurred_at": Raw("never"), "visitor_id": None}
        yield "required_value_missing", "event_type", both
    if table == "exchange_rates":
        for rate in (Decimal("0"), Decimal("-0.5")):
            yield "rate_not_positive", "rate", {"rate": rate}
    if table in INTERVALS:
        begin, end = INTERVALS[table]
        earlier: datetime | date = _AT - timedelta(microseconds=1)
        if contract.kind_of(begin) == contract.DATE:
            earlier = _AT.date() - timedelta(days=1)
        yield "interval_ends_before_it_begins", end, {end: earlier}


def bad_rows(table: str, form: str) -> list[BadRow]:
    """Every bad row of a table for a file format (`csv`, `ndjson`, `parquet`)."""
    found = [
        BadRow(table, code, column, {**_plain_row(table, number), **changes})
        for number, (code, column, changes) in enumerate(_violations(table))
    ]
    if form == "csv":
        found += [
            BadRow(table, "row_does_not_parse", None, BrokenRow(fields, "")) for fields in (-1, 1)
        ]
    if form == "ndjson":
        found += [
            BadRow(table, "row_does_not_parse", None, BrokenRow(0, line)) for line in _BROKEN_LINES
        ]
    return found


def sample_of_bad_rows(rng: random.Random, table: str, form: str, at_most: int) -> list[BadRow]:
    """Some of a table's bad rows, at least one of every code."""
    every = bad_rows(table, form)
    rng.shuffle(every)
    first_of_code = list({bad.code: bad for bad in reversed(every)}.values())
    rest = [bad for bad in every if bad not in first_of_code]
    return first_of_code + rest[: max(0, at_most - len(first_of_code))]


def write_bad_files(folder: Path) -> None:
    """Files that can't be read at all, and a folder of no known table."""
    rows = pa.table({"deal_id": ["bad-deal"], "created_at": ["2025-06-15"], "amount": ["5"]})
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    whole = buffer.getvalue()
    without = io.BytesIO()
    pq.write_table(rows.drop_columns(["created_at"]), without)
    files: dict[str, bytes] = {
        "deals/truncated.parquet": whole[: len(whole) // 2],
        "deals/no-created-at.parquet": without.getvalue(),
        "deals/no-parquet.parquet": b"deal_id,created_at\nbad,2025-06-15\n",
        "contacts/no-created-at.csv": b"contact_id,email\nbad-contact,a@example.com\n",
        "contacts/no-gzip.csv.gz": b"contact_id,created_at\nbad-contact,2025-06-15\n",
        "events/truncated.ndjson.gz": gzip.compress(b'{"event_id": "bad"}\n' * 400, mtime=0)[:-20],
        "events/header-only.csv": b"event_id,event_type,occurred_at,visitor_id\n",
        "web_logs/part-000.csv": b"line\nGET / HTTP/1.1\n",
    }
    _write(folder, files)


def write_repaired_files(folder: Path) -> None:
    """Two of the unreadable files once more, under their names and readable."""
    rows = pa.table({"deal_id": ["bad-deal"], "created_at": ["2025-06-15"], "amount": ["5"]})
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    contacts = b"contact_id,created_at,email\nbad-contact,2025-06-15,a@example.com\n"
    files = {"deals/truncated.parquet": buffer.getvalue(), "contacts/no-created-at.csv": contacts}
    _write(folder, files)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
