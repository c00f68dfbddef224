"""CSV, NDJSON and Parquet, plain and compressed, give the same rows."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.load.folder import (
    counts,
    csv_text,
    entries,
    load,
    ndjson_text,
    query,
    raw,
    write,
    write_parquet,
    write_table,
)

_COLUMNS = ["deal_id", "created_at", "name", "amount", "is_deleted", "updated_at", "region"]
_ROWS = [
    [
        "007",
        "2024-01-02T03:04:05.678901Z",
        'with "quotes", commas;\tand\nlines',
        "1.005",
        "YES",
        "0",
        "north",
    ],
    ["1.10", "1717163109000", " blanks stay ", "-1e-2", "0", "2024-01-01T00:00:00+02:00", ""],
    ["e é 😀", "2024-01-02", "", "", "", "", ""],
]
_EXPECTED = [
    (
        "007",
        datetime(2024, 1, 2, 3, 4, 5, 678901),
        _ROWS[0][2],
        Decimal("1.01"),
        True,
        datetime(1970, 1, 1),
        {"region": "north"},
        1,
    ),
    (
        "1.10",
        datetime(2024, 5, 31, 13, 45, 9),
        " blanks stay ",
        Decimal("-0.01"),
        False,
        datetime(2023, 12, 31, 22),
        {"region": None},
        2,
    ),
    ("e é 😀", datetime(2024, 1, 2), None, None, None, None, {"region": None}, 3),
]


def deals(warehouse: Path) -> list[tuple[Any, ...]]:
    names = "deal_id, created_at, name, amount, is_deleted, updated_at, _extra, _row_number"
    return [
        (*row[:6], json.loads(row[6]) if row[6] else None, row[7])
        for row in raw(warehouse, "deals", names)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.csv.gz",
        "a.ndjson",
        "a.ndjson.gz",
        "a.parquet",
        "a.parquet.gz",
        "A.CSV",
        "b.NdJson.GZ",
        "x [1]*?.parquet",
        "y'\"%.csv",
        "ünï.csv.gz",
    ],
)
def test_the_same_rows_come_from_every_format(landing: Path, warehouse: Path, name: str) -> None:
    lower = name.lower()
    source = write_table(landing / "deals" / lower, _COLUMNS, _ROWS)
    source.rename(landing / "deals" / name)
    line = load(landing, warehouse).entries[0]
    assert (line.file, line.message, counts(line)) == (f"deals/{name}", "", (3, 3, 0, 0))
    assert line.extra_columns == ["region"]
    assert deals(warehouse) == _EXPECTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_delimiters_marks_and_line_ends(
    landing: Path, warehouse: Path, delimiter: str, mark: bytes, line_end: str
) -> None:
    text = csv_text(_COLUMNS, [[f.replace("\n", "") for f in row] for row in _ROWS], delimiter)
    write(landing / "deals" / "a.csv", mark + text.replace("\n", line_end).encode())
    load(landing, warehouse)
    expected = [
        (*row[:2], row[2].replace("\n", "") if row[2] else None, *row[3:]) for row in _EXPECTED
    ]
    assert deals(warehouse) == expected


def test_header_names_are_trimmed_and_taken_in_any_case(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", ' User_ID ,"NAME",Other Thing,\nu1,n,o,p\n')
    write(landing / "users" / "b.ndjson", '{"user_id": "u2", " Name": "n"}\n{"USER_ID": "u3"}\n')
    write_table(landing / "users" / "c.parquet", ["USER_ID", " name", "X"], [["u4", "n", "x"]])
    report = load(landing, warehouse)
    assert [line.extra_columns for line in report.entries] == [
        ["Other Thing", "column_4"],
        [],
        ["X"],
    ]
    assert raw(warehouse, "users", "user_id, name, _extra") == [
        ("u1", "n", '{"Other Thing":"o","column_4":"p"}'),
        ("u2", "n", None),
        ("u3", None, None),
        ("u4", "n", '{"X":"x"}'),
    ]


def test_missing_columns_are_null_and_all_columns_are_there(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", "user_id\n01\n")
    load(landing, warehouse)
    described = query(f"describe from read_parquet('{warehouse}/raw/users/000001-*.parquet')")
    assert [row[:2] for row in described] == [
        ("user_id", "VARCHAR"),
        ("name", "VARCHAR"),
        ("team", "VARCHAR"),
        ("business_unit", "VARCHAR"),
        ("_extra", "VARCHAR"),
        ("_file", "VARCHAR"),
        ("_row_number", "BIGINT"),
        ("_load_id", "BIGINT"),
    ]
    assert raw(warehouse, "users") == [("01", None, None, None, None, "users/a.csv", 1, 1)]


def test_json_values_become_texts_as_they_are_written(landing: Path, warehouse: Path) -> None:
    lines = [
        '{"user_id": 7, "name": 1.10}',
        '{"user_id": 12345678901234567890123, "name": true}',
        '{"user_id": 1e2, "name": {"a": [1, "x"]}}',
        '{"user_id": "\\u00e4\\n", "name": [1, 2]}',
        '{"user_id": "x", "name": null, "user_id": "y", "more": {"n": null}, "n": 1.50}',
        '{"user_id": "", "name": "1.10"}',
    ]
    write(landing / "users" / "a.ndjson", "\n".join(lines))
    line = load(landing, warehouse).entries[0]
    assert (line.extra_columns, line.rows_quarantined) == (["more", "n"], 1)
    found = raw(warehouse, "users", "user_id, name, _extra")
    assert found == [
        ("7", "1.10", None),
        ("12345678901234567890123", "true", None),
        ("1e2", '{"a":[1,"x"]}', None),
        ("ä\n", "[1,2]", None),
        ("x", None, '{"more":{"n":null},"n":1.5}'),
    ]


def test_json_decimals_keep_all_their_digits(landing: Path, warehouse: Path) -> None:
    row = '{"deal_id": "d", "created_at": 1717163109000, "amount": 9876543210987.675}\n'
    write(landing / "deals" / "a.ndjson", row)
    rate = '{"currency": "x", "valid_from": "2024-01-01", "rate": 1234567.1234567891}\n'
    write(landing / "exchange_rates" / "a.ndjson", rate)
    load(landing, warehouse)
    assert raw(warehouse, "deals", "amount") == [(Decimal("9876543210987.68"),)]
    assert raw(warehouse, "exchange_rates", "rate") == [(Decimal("1234567.1234567891"),)]


def test_properties_are_the_text_of_an_object(landing: Path, warehouse: Path) -> None:
    base = {"event_id": "e", "event_type": "t", "occurred_at": 0, "visitor_id": "v"}
    objects = [{"a": {"b": [1, None]}}, '{"as": "text"}', {}, None, ""]
    rows = [base | {"event_id": str(i), "properties": p} for i, p in enumerate(objects)]
    write(landing / "events" / "a.ndjson", ndjson_text(rows))
    columns = [*base, "properties"]
    texts = [[str(v) for v in base.values()] + [p] for p in ('{"a": 1}', "")]
    write_table(landing / "events" / "b.csv", columns, texts)
    write_parquet(
        landing / "events" / "c.parquet",
        "select 'e' as event_id, 't' as event_type, 0 as occurred_at, 'v' as visitor_id,"
        " {'a': 1, 'b': [null, 'x']} as properties",
    )
    write_parquet(
        landing / "events" / "d.parquet",
        "select 'e' as event_id, 't' as event_type, 0 as occurred_at, 'v' as visitor_id,"
        " map {'k': 'v'} as properties union all"
        " select 'f', 't', 0, 'v', null",
    )
    assert load(landing, warehouse).total.rows_quarantined == 0
    assert raw(warehouse, "events", "properties") == [
        ('{"a":{"b":[1,null]}}',),
        ('{"as": "text"}',),
        ("{}",),
        (None,),
        (None,),
        ('{"a": 1}',),
        (None,),
        ('{"a":1,"b":[null,"x"]}',),
        ('{"k":"v"}',),
        (None,),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("timestamp '2024-05-31 13:45:09.123456'", datetime(2024, 5, 31, 13, 45, 9, 123456)),
        ("timestamp_ns '2024-05-31 13:45:09.123456789'", datetime(2024, 5, 31, 13, 45, 9, 123456)),
        ("timestamptz '2024-05-31 13:45:09+02'", datetime(2024, 5, 31, 11, 45, 9)),
        ("date '2024-05-31'", datetime(2024, 5, 31)),
        ("1717163109000::bigint", datetime(2024, 5, 31, 13, 45, 9)),
        ("1717163109000::double", datetime(2024, 5, 31, 13, 45, 9)),
        ("1717163109000::decimal(20, 3)", datetime(2024, 5, 31, 13, 45, 9)),
        ("7::utinyint", datetime(1970, 1, 1, 0, 0, 0, 7000)),
        ("'2024-05-31T13:45:09+02'", datetime(2024, 5, 31, 11, 45, 9)),
        ("1717163109000.5::double", None),
        ("'nan'::double", None),
        ("18446744073709551615::ubigint", None),
        ("timestamp 'infinity'", None),
        ("timestamptz '-infinity'", None),
        ("timestamp '20000-01-01'", None),
        ("timestamp '0001-01-01 (BC) 00:00:00'", None),
        ("true", None),
        ("[1]", None),
    ],
)
def test_instants_of_parquet_types(
    landing: Path, warehouse: Path, value: str, expected: datetime | None
) -> None:
    write_parquet(
        landing / "contact_erasures" / "a.parquet",
        f"select 'c' as contact_id, {value} as requested_at",
    )
    write_parquet(
        landing / "campaign_spend" / "a.parquet",
        f"select 's' as spend_id, {value} as spent_on, 1 as amount",
    )
    report = load(landing, warehouse)
    assert [line.status for line in report.entries] == ["loaded", "loaded"]
    expected_rows = [(expected,)] if expected else []
    assert raw(warehouse, "contact_erasures", "requested_at") == expected_rows
    expected_days = [(expected.date(),)] if expected else []
    assert raw(warehouse, "campaign_spend", "spent_on") == expected_days


@pytest.mark.parametrize(
    ("value", "amount", "integer", "number", "boolean"),
    [
        ("1", Decimal("1.00"), 1, 1.0, True),
        ("1.005::decimal(9, 3)", Decimal("1.01"), None, 1.005, None),
        ("(-1.005)::decimal(9, 3)", Decimal("-1.01"), None, -1.005, None),
        ("1.005::double", Decimal("1.01"), None, 1.005, None),
        ("0.1::float", Decimal("0.10"), None, pytest.approx(0.1), None),
        ("2.0::double", Decimal("2.00"), 2, 2.0, None),
        ("1e300::double", None, None, 1e300, None),
        ("'infinity'::double", None, None, None, None),
        ("true", None, None, None, True),
        ("'no'", None, None, None, False),
        (
            "170141183460469231731687303715884105727::hugeint",
            None,
            None,
            pytest.approx(1.7e38, rel=0.01),
            None,
        ),
    ],
)
def test_numbers_of_parquet_types(
    landing: Path, warehouse: Path, value: str, amount: Any, integer: Any, number: Any, boolean: Any
) -> None:
    deal = f"select 'd' as deal_id, 0 as created_at, {value} as"
    write_parquet(landing / "deals" / "a.parquet", f"{deal} amount")
    write_parquet(landing / "deals" / "b.parquet", f"{deal} is_deleted")
    day = f"'k' as keyword, 'e' as engine, date '2024-01-01' as stat_date, {value} as"
    write_parquet(landing / "search_rankings" / "a.parquet", f"select {day} position")
    write_parquet(
        landing / "social_stats" / "a.parquet",
        f"select 'a' as asset_id, date '2024-01-01' as stat_date, {value} as reach",
    )
    load(landing, warehouse)
    amounts = [] if amount is None else [(amount,)]
    flags = [] if boolean is None else [(boolean,)]
    assert raw(warehouse, "deals", "amount")[: len(amounts)] == amounts
    assert raw(warehouse, "deals", "is_deleted")[len(amounts) :] == flags
    assert len(raw(warehouse, "deals")) == len(amounts) + len(flags)
    assert raw(warehouse, "search_rankings", "position") == ([] if number is None else [(number,)])
    assert raw(warehouse, "social_stats", "reach") == ([] if integer is None else [(integer,)])


def test_texts_of_parquet_types(landing: Path, warehouse: Path) -> None:
    write_parquet(
        landing / "users" / "a.parquet",
        "select 7::bigint as user_id, date '2024-01-01' as name, '\\xC3\\xBC'::blob as team,"
        " {'a': 1} as business_unit, {'b': [1]} as nested",
    )
    load(landing, warehouse)
    found = raw(warehouse, "users", "user_id, name, team, business_unit, _extra")
    assert found == [("7", "2024-01-01", "ü", '{"a":1}', '{"nested":{"b":[1]}}')]


def test_columns_of_a_parquet_may_have_the_loaders_own_names(
    landing: Path, warehouse: Path
) -> None:
    write_parquet(
        landing / "users" / "a.parquet",
        "select 'u' as user_id, 1 as row_number, 2 as broken, 3 as given_name, 4 as _extra,"
        " 5 as c0, 6 as load_id",
    )
    line = load(landing, warehouse).entries[0]
    assert line.rows_loaded == 1
    assert raw(warehouse, "users", "name, _row_number, _load_id") == [(None, 1, 1)]
    assert sorted(line.extra_columns) == sorted(
        ["row_number", "broken", "given_name", "_extra", "c0", "load_id"]
    )


def test_a_name_that_reads_as_a_pattern_stands_for_its_own_file(
    landing: Path, warehouse: Path
) -> None:
    for name in ("*.parquet", "a.parquet", "[a].parquet"):
        write_table(landing / "users" / name, ["user_id"], [[name]])
    assert [line.rows_loaded for line in load(landing, warehouse).entries] == [1, 1, 1]
    assert raw(warehouse, "users", "user_id = split_part(_file, '/', 2)") == [(True,)] * 3


def test_a_folder_named_as_a_partition_adds_no_column(tmp_path: Path) -> None:
    landing, warehouse = tmp_path / "name=x", tmp_path / "team=1"
    write_table(landing / "users" / "a.parquet", ["user_id"], [["u"]])
    load(landing, warehouse)
    assert query(
        f"select name, team from read_parquet('{warehouse}/raw/users/0*.parquet',"
        " hive_partitioning = false)"
    ) == [(None, None)]


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", "user_id,name", 0),
        ("a.csv", "user_id,name\n", 0),
        ("a.csv", "\n\nuser_id,name\n\n\nu,n", 1),
        ("a.csv", "user_id\nu\n\nv\n", 2),
        ("a.csv", 'user_id,"na\nme"\nu,n\n', 1),
        ("a.csv", "user_id,name\ru,n\rv,m\r", 2),
        ("a.ndjson", "", 0),
        ("a.ndjson", "\n \n", 0),
        ("a.ndjson", '{"user_id": "u"}', 1),
        ("a.ndjson", '\ufeff{"user_id": "u"}\n', 1),
    ],
)
def test_small_and_oddly_spaced_files_load(
    landing: Path, warehouse: Path, name: str, content: str, rows: int
) -> None:
    write(landing / "users" / name, content)
    line = load(landing, warehouse).entries[0]
    assert (line.status, line.message, *counts(line)) == ("loaded", "", rows, rows, 0, 0)
    assert len(raw(warehouse, "users")) == rows


def test_gzip_files_of_several_members_load_wholly(landing: Path, warehouse: Path) -> None:
    content = gzip.compress(b"user_id\nu\n") + gzip.compress(b"v\n")
    write(landing / "users" / "a.csv.gz", content)
    assert load(landing, warehouse).total.rows_loaded == 2


def test_rows_of_large_files_keep_their_order_and_numbers(landing: Path, warehouse: Path) -> None:
    rows = 100_000
    pad = "p" * 100
    write(
        landing / "users" / "a.csv",
        "user_id,name\n" + "".join(f"{i},{pad}\n" for i in range(1, rows + 1)),
    )
    write(
        landing / "users" / "b.ndjson",
        "".join(f'{{"user_id": {i}, "name": "{pad}"}}\n' for i in range(1, rows + 1)),
    )
    write_parquet(
        landing / "users" / "c.parquet",
        f"select i as user_id, '{pad}' as name from range(1, {rows + 1}) as t(i)",
    )
    report = load(landing, warehouse)
    assert [line.rows_in for line in report.entries] == [rows] * 3
    for line in entries(report).values():
        found = query(
            "select count(*), count(*) filter (user_id = _row_number::varchar),"
            " count(*) filter (file_row_number + 1 = _row_number)"
            f" from read_parquet('{warehouse}/{line.raw_file}', file_row_number = true)"
        )
        assert found == [(rows, rows, rows)]


def test_dates_take_the_utc_day_of_instants(landing: Path, warehouse: Path) -> None:
    rows = [["s", "2024-05-31T23:30:00-01:00", "1"]]
    write_table(landing / "campaign_spend" / "a.csv", ["spend_id", "spent_on", "amount"], rows)
    load(landing, warehouse)
    assert raw(warehouse, "campaign_spend", "spent_on") == [(date(2024, 6, 1),)]
