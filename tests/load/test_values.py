"""Texts become the values that the grammar says, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.load.contracts import Kind
from orchestration.load.values import from_text, parts
from tests.load import grammar


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'; set threads = 1")
        yield opened


def values(connection: duckdb.DuckDBPyConnection, texts: list[str], kind: Kind) -> list[Any]:
    """What the SQL makes of texts."""
    rows = connection.execute(
        f"""
        select {from_text("text", kind, "apart")}
        from (
            select *, {parts("text", kind) or "null"} as apart
            from (select unnest(?) as text, unnest(range(?)) as position)
        )
        order by position
        """,
        [texts, len(texts)],
    ).fetchall()
    return [value for (value,) in rows]


INSTANTS = {
    "2024-05-31": datetime(2024, 5, 31),
    "2024-05-31T13:45": datetime(2024, 5, 31, 13, 45),
    "2024-05-31t13:45z": datetime(2024, 5, 31, 13, 45),
    "2024-05-31 13:45:09": datetime(2024, 5, 31, 13, 45, 9),
    "2024-05-31T13:45:09.5Z": datetime(2024, 5, 31, 13, 45, 9, 500000),
    "2024-05-31T13:45:09.1234569999Z": datetime(2024, 5, 31, 13, 45, 9, 123456),
    "2024-05-31T13:45:09+02": datetime(2024, 5, 31, 11, 45, 9),
    "2024-05-31T13:45:09-0230": datetime(2024, 5, 31, 16, 15, 9),
    "2024-05-31T00:30+05:45": datetime(2024, 5, 30, 18, 45),
    " 2024-05-31T13:45:09Z\t": datetime(2024, 5, 31, 13, 45, 9),
    "0": datetime(1970, 1, 1),
    "1717163109000": datetime(2024, 5, 31, 13, 45, 9),
    "+1717163109001": datetime(2024, 5, 31, 13, 45, 9, 1000),
    "-1": datetime(1969, 12, 31, 23, 59, 59, 999000),
    "0001-01-01": datetime(1, 1, 1),
    "9999-12-31T23:59:59.999999": datetime(9999, 12, 31, 23, 59, 59, 999999),
    "253402300799999": datetime(9999, 12, 31, 23, 59, 59, 999000),
    "253402300800000": None,
    "-62135596800000": datetime(1, 1, 1),
    "-62135596800001": None,
    "99999999999999999999999": None,
    "0000-12-31": None,
    "0001-01-01T00:00+00:01": None,
    "9999-12-31T23:59:59-00:01": None,
    "2024-02-30": None,
    "2023-02-29": None,
    "2024-05-31T24:00:00": None,
    "2024-05-31T23:60:00": None,
    "2024-05-31T23:59:60": None,
    "2024-05-31T13:45:09,5": None,
    "2024-05-31T13:45:09.": None,
    "2024-05-31T13": None,
    "2024-05-31T13:45:09+24:00": None,
    "2024-05-31T13:45:09+02:60": None,
    "2024-05-31T13:45:09 +02:00": None,
    "2024-05-31T13:45:09UTC": None,
    "2024-05-31Z": None,
    "2024-5-31": None,
    "12024-05-31": None,
    "31.05.2024": None,
    "1717163109000.0": None,
    "1e12": None,
    "infinity": None,
    "epoch": None,
    " ": None,
}


@pytest.mark.parametrize("text", INSTANTS)
def test_instants(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert values(connection, [text], Kind.INSTANT) == [INSTANTS[text]]
    assert grammar.instant(text) == INSTANTS[text]


def test_dates_are_days_or_the_utc_days_of_instants(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        "2024-05-31": date(2024, 5, 31),
        " 2024-05-31 ": date(2024, 5, 31),
        "2024-05-31T23:30:00-01:00": date(2024, 6, 1),
        "2024-05-31T23:30:00Z": date(2024, 5, 31),
        "-1": date(1969, 12, 31),
        "2024-02-30": None,
        "0000-01-01": None,
    }
    assert values(connection, list(texts), Kind.DATE) == list(texts.values())


def test_amounts_round_half_away_from_zero(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        "1.005": Decimal("1.01"),
        "-1.005": Decimal("-1.01"),
        "1.00499999999999999999999999999999999999999": Decimal("1.00"),
        "100.5e-2": Decimal("1.01"),
        "0.00000000000000000000005e22": Decimal("0.50"),
        "12345678901234567890e-10": Decimal("1234567890.12"),
        "+7": Decimal("7.00"),
        " 7 ": Decimal("7.00"),
        "9999999999999999.99": Decimal("9999999999999999.99"),
        "9999999999999999.995": None,
        "1e16": None,
        "1e400": None,
        "1e99999999999999999999": None,
        "0e99999999999999999999": Decimal("0.00"),
        "1e-99999999999999999999": Decimal("0.00"),
        "1_000": None,
        "1,000": None,
        "1.": None,
        ".5": None,
        "+-1": None,
        "1 0": None,
        "0x1": None,
        "NaN": None,
        "": None,
    }
    assert values(connection, list(texts), Kind.AMOUNT) == list(texts.values())


def test_rates_have_sixteen_decimals(connection: duckdb.DuckDBPyConnection) -> None:
    texts = ["0.00000000000000005", "0.00000000000000004999", "1e7", "9999999.99999999999999995"]
    assert values(connection, texts, Kind.RATE) == [
        Decimal("0.0000000000000001"),
        Decimal("0.0000000000000000"),
        None,
        None,
    ]


def test_integers_are_whole_numbers_within_64_bits(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        "1.000": 1,
        "10e-1": 1,
        "1e3": 1000,
        "-0": 0,
        "9223372036854775807": 2**63 - 1,
        "9223372036854775808": None,
        "-9223372036854775808": -(2**63),
        "1.5": None,
        "1e-1": None,
        "1e-400": None,
        "1e30": None,
    }
    assert values(connection, list(texts), Kind.INTEGER) == list(texts.values())


def test_numbers_are_finite_doubles(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        "0.1": 0.1,
        " 1e-3 ": 0.001,
        "1e308": 1e308,
        "1e309": None,
        "9" * 400: None,
        "1e-400": 0.0,
        "inf": None,
        "NaN": None,
    }
    assert values(connection, list(texts), Kind.NUMBER) == list(texts.values())


def test_booleans_have_six_spellings(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        **dict.fromkeys(["true", "TRUE", "True", "yes", "YES", "1"], True),
        **dict.fromkeys(["false", "False", "no", "No", "0"], False),
        **dict.fromkeys(["", "y", "t", "on", "2", "01", " true"], None),
    }
    assert values(connection, list(texts), Kind.BOOLEAN) == list(texts.values())


def test_properties_are_strict_json_objects(connection: duckdb.DuckDBPyConnection) -> None:
    good = [
        "{}",
        ' {"a": 1} ',
        '{"a": {"b": [1, 2.50, -1e-3]}, "c": null, "d": true}',
        '{"text": "NaN, ] and ,} and : nan", "quote": "\\"", "back": "\\\\"}',
        '{"finance": "Fernando, info"}',
    ]
    bad = ["[]", "1", '"text"', "null", "{", "{'a': 1}", '{"a": 1,}', '{"a": [1,]}', "{} {}", " "]
    bad += ['{"a": NaN}', '{"a": nan}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": [NaN]}']
    assert values(connection, good + bad, Kind.JSON) == good + [None] * len(bad)


# Strings in the grammar's neighbourhood: its own pieces, put together well or badly.
_digits = st.text("0123456789", min_size=1, max_size=25)
_two = st.one_of(
    st.integers(0, 99).map("{:02d}".format), st.sampled_from(["00", "12", "23", "24", "60", "1"])
)
_zones = st.one_of(
    st.sampled_from(["", "", "Z", "z", "UTC", " Z", "+0", "-", "+00:00", "-12:00"]),
    st.tuples(st.sampled_from("+-"), _two, st.sampled_from(["", ":"]), _two).map("".join),
    st.tuples(st.sampled_from("+-"), _two).map("".join),
)
_days = st.one_of(
    st.dates().map(str),
    st.tuples(st.integers(0, 10000).map("{:04d}".format), _two, _two).map("-".join),
)
_clocks = st.one_of(
    st.times().map(str),
    st.lists(_two, min_size=1, max_size=4).map(":".join),
    st.tuples(_two, _two, st.tuples(_two, _digits).map(".".join)).map(":".join),
)
_instants = st.tuples(_days, st.sampled_from(["T", "t", " ", "", "  ", "_"]), _clocks, _zones)
_numbers = st.tuples(
    st.sampled_from(["", "", "+", "-", "+-"]),
    _digits,
    st.sampled_from(["", ".", ".5", ".005", ".000", ".99999999999999999999", ",5"]),
    st.sampled_from(
        ["", "", "e0", "E5", "e-5", "e+17", "e-40", "e400", "e", "e99999999999999999999"]
    ),
)
_jumble = st.text('0123456789-+:.TtZz eE,_ \tinfatruye{}[]"', max_size=24)
_blank = st.sampled_from(["", "", "", " ", "\t", "\n ", "\xa0", "\x0b"])
_texts = st.tuples(
    _blank,
    st.one_of(_days, _instants.map("".join), _numbers.map("".join), _digits, _jumble, st.text()),
    _blank,
).map("".join)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.TEXT])
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(_texts.filter(lambda t: "\0" not in t), min_size=50, max_size=100))
def test_the_sql_agrees_with_the_grammar_in_plain_python(
    connection: duckdb.DuckDBPyConnection, kind: Kind, texts: list[str]
) -> None:
    texts = [text for text in texts if text]
    expected = [grammar.value(text, kind) for text in texts]
    found = values(connection, texts, kind)
    differing = [case for case in zip(texts, found, expected, strict=True) if case[1] != case[2]]
    assert differing == []
