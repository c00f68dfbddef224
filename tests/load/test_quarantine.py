"""Each way to break a contract is found in each format, by file, row, column and code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from orchestration.load.contracts import TABLES, Kind
from tests.load.folder import (
    counts,
    entries,
    load,
    ndjson_text,
    quarantine,
    query,
    raw,
    write,
    write_table,
)

FORMATS = ("csv", "ndjson", "parquet")

_GOOD_VALUES = {
    Kind.TEXT: "text",
    Kind.INSTANT: "2024-05-31T13:45:09Z",
    Kind.DATE: "2024-05-31",
    Kind.AMOUNT: "12.34",
    Kind.RATE: "0.9",
    Kind.INTEGER: "7",
    Kind.NUMBER: "1.5",
    Kind.BOOLEAN: "yes",
    Kind.JSON: '{"a": 1}',
}

_BAD_VALUES = {
    Kind.INSTANT: ("unparsable_instant", "yesterday"),
    Kind.DATE: ("unparsable_date", "2024-02-30"),
    Kind.AMOUNT: ("unparsable_number", "1,5"),
    Kind.RATE: ("unparsable_number", "one"),
    Kind.INTEGER: ("unparsable_number", "1.5"),
    Kind.NUMBER: ("unparsable_number", "NaN"),
    Kind.BOOLEAN: ("unparsable_boolean", "maybe"),
    Kind.JSON: ("properties_not_an_object", "[1]"),
}


def good_row(table_name: str) -> dict[str, str]:
    """A row that keeps every rule of its table."""
    row = {}
    for column in TABLES[table_name].columns:
        row[column.name] = "form" if column.allowed else _GOOD_VALUES[column.kind]
    return row


def bad_rows(table_name: str) -> list[tuple[str | None, str, dict[str, str]]]:
    """A row for each way to break the table's contract, with the column and the code."""
    table = TABLES[table_name]
    good = good_row(table_name)
    rows: list[tuple[str | None, str, dict[str, str]]] = []
    for column in table.columns:
        if column.required:
            rows.append((column.name, "required_value_missing", good | {column.name: ""}))
        if column.kind in _BAD_VALUES:
            code, value = _BAD_VALUES[column.kind]
            rows.append((column.name, code, good | {column.name: value}))
        if column.allowed:
            rows.append((column.name, "unknown_asset_type", good | {column.name: "Form"}))
        rows += [
            (column.name, "reserved_id", good | {column.name: value}) for value in column.reserved
        ]
        if column.kind is Kind.RATE:
            rows.append((column.name, "rate_not_positive", good | {column.name: "0.00"}))
            rows.append((column.name, "rate_not_positive", good | {column.name: "-1"}))
    if table.needs_visitor_or_contact:
        nobody = good | {"visitor_id": "", "contact_id": ""}
        rows.append(("visitor_id", "no_visitor_or_contact", nobody))
    if table.interval is not None:
        begin, end = table.interval
        backwards = good | {begin: "2024-06-01", end: "2024-05-31"}
        rows.append((end, "interval_ends_before_it_begins", backwards))
    return rows


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_bad_row_of_every_table_is_found(
    landing: Path, warehouse: Path, file_format: str
) -> None:
    expected = []
    for name, table in TABLES.items():
        columns = list(table.column_names)
        rows = []
        for column, code, row in bad_rows(name):
            # Good rows between them, so that row numbers tell.
            rows += [good_row(name), row]
            expected.append((f"{name}/a.{file_format}", len(rows), column, code))
        rows.append(good_row(name))
        texts = [[row[column] for column in columns] for row in rows]
        write_table(landing / name / f"a.{file_format}", columns, texts)
    report = load(landing, warehouse)
    assert quarantine(warehouse) == sorted(expected)
    for line in report.entries:
        bad = len(bad_rows(line.table_name))
        assert (line.rows_in, line.rows_quarantined) == (2 * bad + 1, bad)
        assert line.rows_loaded + line.rows_duplicate == bad + 1
        assert len(raw(warehouse, line.table_name)) == bad + 1


def test_the_first_violation_in_contract_order_is_told(landing: Path, warehouse: Path) -> None:
    columns = ["rate", "valid_from", "currency"]
    rows = [["0", "never", ""], ["0", "never", "USD"], ["0", "2024-01-01", "USD"]]
    write_table(landing / "exchange_rates" / "a.csv", columns, rows)
    load(landing, warehouse)
    assert [row[1:] for row in quarantine(warehouse)] == [
        (1, "currency", "required_value_missing"),
        (2, "valid_from", "unparsable_date"),
        (3, "rate", "rate_not_positive"),
    ]


def test_equal_ends_and_open_intervals_are_fine(landing: Path, warehouse: Path) -> None:
    columns = ["deal_id", "contact_id", "associated_at", "removed_at"]
    rows = [["d", "c", "2024-01-01", "2024-01-01T00:00Z"], ["d", "e", "2024-01-01", ""]]
    write_table(landing / "deal_contacts" / "a.csv", columns, rows)
    assert load(landing, warehouse).total.rows_loaded == 2


def test_a_rate_that_rounds_to_nothing_is_not_positive(landing: Path, warehouse: Path) -> None:
    rows = [["USD", "2024-01-01", "1e-30"]]
    write_table(landing / "exchange_rates" / "a.csv", ["currency", "valid_from", "rate"], rows)
    load(landing, warehouse)
    assert quarantine(warehouse)[0][2:] == ("rate", "rate_not_positive")


def test_csv_rows_that_do_not_parse(landing: Path, warehouse: Path) -> None:
    text = (
        b"user_id,name\r\n"
        b"u1,good\r\n"
        b"u2\r\n"
        b"u3,too,many\r\n"
        b"u4,one more empty,\r\n"
        b"\r\n"
        b"u5,\xff not UTF-8\r\n"
        b'u6,"quoted" badly\r\n'
        b'u7,"on two\r\nlines"\r\n'
        b'u8,"never closed\r\n'
        b"u9,good\r\n"
    )
    write(landing / "users" / "a.csv", text)
    line = load(landing, warehouse).entries[0]
    assert counts(line) == (9, 3, 0, 6)
    assert [row[1:] for row in quarantine(warehouse)] == [
        (number, None, "row_does_not_parse") for number in (2, 3, 4, 5, 6, 8)
    ]
    assert raw(warehouse, "users", "user_id, name, _row_number") == [
        ("u1", "good", 1),
        ("u7", "on two\r\nlines", 7),
        ("u9", "good", 9),
    ]


def test_ndjson_lines_that_do_not_parse(landing: Path, warehouse: Path) -> None:
    text = (
        b'{"user_id": "u1"}\n'
        b'{"user_id": "u2"\n'
        b"\n"
        b'[{"user_id": "u4"}]\n'
        b"5\n"
        b"null\n"
        b'{"user_id": "\xff"}\n'
        b'{"user_id": "u8",}\n'
        b'{"user_id": "u9", "n": NaN}\n'
        b"{'user_id': 'u10'}\n"
        b'{"user_id": "u11"} {}\n'
        b"  \r\n"
        b"not json\n"
        b'  {"user_id": "u14"}\r\n'
        b'{"user_id": "u15", "name": "NaN, ,} and ,]"}'
    )
    write(landing / "users" / "a.ndjson", text)
    line = load(landing, warehouse).entries[0]
    assert counts(line) == (13, 3, 0, 10)
    assert [row[1:] for row in quarantine(warehouse)] == [
        (number, None, "row_does_not_parse") for number in (2, 4, 5, 6, 7, 8, 9, 10, 11, 13)
    ]
    assert raw(warehouse, "users", "user_id, name, _row_number") == [
        ("u1", None, 1),
        ("u14", None, 14),
        ("u15", "NaN, ,} and ,]", 15),
    ]


@pytest.mark.parametrize(
    ("file", "content", "texts"),
    [
        (
            "a.csv",
            'user_id,name\n"","a ""b"""\nu1,x\n,"c\r\nd"\r\nu2\n',
            ['"","a ""b"""', ',"c\r\nd"', "u2"],
        ),
        (
            "a.ndjson",
            '{"name": "ä", "team": 1.50}\r\n{"user_id": 1.50}\n nope\n',
            ['{"name": "ä", "team": 1.50}', " nope"],
        ),
    ],
)
def test_the_row_as_it_came_lies_in_quarantine(
    landing: Path, warehouse: Path, file: str, content: str, texts: list[str]
) -> None:
    write(landing / "users" / file, content)
    load(landing, warehouse)
    found = query(
        "select row_text, row_sha256, content_sha256, table_name"
        f" from read_parquet('{warehouse}/quarantine/*.parquet') order by row_number"
    )
    content_hash = hashlib.sha256(content.encode()).hexdigest()
    assert found == [
        (text, hashlib.sha256(text.encode()).hexdigest(), content_hash, "users") for text in texts
    ]


def test_the_row_of_a_parquet_lies_in_quarantine_as_json(landing: Path, warehouse: Path) -> None:
    write_table(landing / "users" / "a.parquet", ["user_id", "Odd name"], [["", "x"], ["u", "y"]])
    load(landing, warehouse)
    found = query(f"select row_text from read_parquet('{warehouse}/quarantine/*.parquet')")
    assert found == [('{"user_id":null,"Odd name":"x"}',)]


def test_no_reason_quotes_the_value(landing: Path, warehouse: Path) -> None:
    secret = "jane.doe@example.com"
    columns = list(TABLES["contacts"].column_names)
    rows = [[secret if column != "contact_id" else "" for column in columns], [secret] * 10]
    write_table(landing / "contacts" / "a.csv", columns, rows)
    write(landing / "contacts" / "b.ndjson", ndjson_text([{"x": secret}]) + f'{{"{secret}\n')
    load(landing, warehouse)
    reasons = query(f"select reason from read_parquet('{warehouse}/quarantine/*.parquet')")
    assert len(reasons) == 4
    assert all(secret not in reason and reason.endswith(".") for (reason,) in reasons)


def test_a_file_of_bad_rows_only_is_loaded_with_none(landing: Path, warehouse: Path) -> None:
    write_table(landing / "users" / "a.csv", ["user_id", "name"], [["", "a"], ["", "b"]])
    line = load(landing, warehouse).entries[0]
    assert (line.status, *counts(line)) == ("loaded", 2, 0, 0, 2)
    assert raw(warehouse, "users") == []


def test_bad_rows_far_into_a_large_file_keep_their_numbers_and_texts(
    landing: Path, warehouse: Path
) -> None:
    # Several blocks of 4 MB, with quoted line ends, on several threads.
    note = "x" * 500
    lines = [f'u{number},"{note}\n{note}"' for number in range(1, 20_001)]
    for number in (5, 9_999, 20_000):
        lines[number - 1] = f',"bad\n{number}"'
    lines[14_999] = "u15000,broken,row"
    write(landing / "users" / "a.csv", "user_id,name\n" + "\n".join(lines) + "\n")
    line = load(landing, warehouse).entries[0]
    assert counts(line) == (20_000, 19_996, 0, 4)
    found = query(
        "select row_number, row_text"
        f" from read_parquet('{warehouse}/quarantine/*.parquet') order by row_number"
    )
    assert found == [
        (5, ',"bad\n5"'),
        (9_999, ',"bad\n9999"'),
        (15_000, "u15000,broken,row"),
        (20_000, ',"bad\n20000"'),
    ]
    wrong = query(
        f"select count(*) from read_parquet('{warehouse}/raw/users/*.parquet')"
        " where user_id <> 'u' || _row_number"
    )
    assert wrong == [(0,)]
    assert entries(load(landing, warehouse)) == {}
