"""Every macro that differs by engine gives on Spark what it gives on DuckDB.

A case is a line of CASES: a call, as Jinja has it, and the columns that it is of. What it gives is
compared row by row; of an aggregate (`per`), group by group.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tests.spark.engines import Engines, dispatched, render
from tests.spark.hard_values import (
    AMOUNTS,
    CAPITALS,
    ESCAPES,
    FIRST_INSTANT,
    INSTANTS,
    JSONS,
    JSONS_READ_OTHERWISE,
    LAST_INSTANT,
    MONEY,
    NUMBERS,
    RATES,
    TEXTS,
    WHOLE,
    ZONES,
    random_amounts,
    random_doubles,
    random_instants,
    random_json_numbers,
    random_numbers,
    random_rates,
    random_texts,
)

pytest.importorskip("pyspark", reason="Spark is in .venv-spark: make test-spark")

# dbt's variables that the macros ask for.
VARIABLES = {"report_timezone": "UTC", "company_currency": "EUR"}

# What has no value to compare, by why.
WITHOUT_VALUE = {
    "get_fixture_sql": "the given rows of unit tests, which test_unit_tests.py runs",
    "inlined": "a hint",
    "materialized": "a hint",
    "list_of": "a type",
    "key_type": "a type",
    "wide_integer": "a type",
}

# What has tests of its own below.
OF_THEIR_OWN = {"hash_key", "tuple_key", "raise_error"}


@dataclass(frozen=True)
class Case:
    """A call of a macro, and the columns that it reads, by name.

    per: the column by which an aggregate is grouped. variables: dbt's, where they aren't the usual.
    """

    call: str
    columns: Mapping[str, pa.Array]
    per: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.call, *map(str, self.variables.values())])


def texts(*values: str | None) -> pa.Array:
    return pa.array([*values, None], pa.string())


def integers(*values: int, bits: int = 64) -> pa.Array:
    return pa.array([*values, None], pa.int64() if bits == 64 else pa.int32())


def doubles(*values: float) -> pa.Array:
    return pa.array([*values, None], pa.float64())


def decimals(digits: int, places: int, *values: str) -> pa.Array:
    return pa.array([*map(Decimal, values), None], pa.decimal128(digits, places))


def instants(*values: str) -> pa.Array:
    return pa.array([*map(datetime.fromisoformat, values), None], pa.timestamp("us"))


def dates(*values: str) -> pa.Array:
    return pa.array([*map(date.fromisoformat, values), None], pa.date32())


def lists(*values: list[str | None]) -> pa.Array:
    return pa.array([*values, None], pa.list_(pa.string()))


def pairs(**columns: pa.Array) -> dict[str, pa.Array]:
    """Every value of one column with every one of another."""
    (one, ones), (other, others) = columns.items()
    rows = [(first, second) for first in range(len(ones)) for second in range(len(others))]
    return {
        one: ones.take(pa.array([first for first, _ in rows])),
        other: others.take(pa.array([second for _, second in rows])),
    }


def in_groups(name: str, values: pa.Array) -> dict[str, pa.Array]:
    """The values in five groups, which the column `part` tells."""
    return {name: values, "part": pa.array([row % 5 for row in range(len(values))])}


ALL_TEXTS = texts(*TEXTS, *random_texts(2000, "aB \t\n\r\x0b\x0c\u0085\u2028\u00a0Σİ"))
ALL_NUMBERS = texts(*NUMBERS, *random_numbers(5000))
ALL_ESCAPES = texts(
    *ESCAPES,
    *random_texts(1500, "a+%%%0123456789ABCDEFabcdef"),
    *random_texts(1500, "%%%%CEF389BA02"),
)
ALL_JSONS = texts(*JSONS, *(f'{{"k": {number}}}' for number in random_json_numbers(5000)))
ALL_INSTANTS = instants(*INSTANTS, *random_instants(3000))
FLAGS = pa.array([True, False, None])
LISTS = lists(["a", "b"], [], [None, "x"], [None])
NOTHING_BUT_NULLS = {"t": pa.array([None, None], pa.string()), "part": pa.array([1, 2])}

CASES = [
    # text.sql
    Case("sha256_hex('t')", {"t": ALL_TEXTS}),
    Case("json_text('t', 'k')", {"t": ALL_JSONS}),
    Case("json_text_at('t', 'k')", pairs(t=ALL_JSONS.slice(0, len(JSONS)), k=texts("k", "a"))),
    Case("json_text_at('t', 'k')", pairs(t=texts('{"a.b": 1, "c d": 2}'), k=texts("a.b", "c d"))),
    Case("json_texts('t', ['k', 'a', 'n'])", {"t": texts(*JSONS)}),
    Case("plus_percent_decode('t')", {"t": ALL_ESCAPES}),
    Case("trimmed_text('t')", {"t": ALL_TEXTS}),
    Case("lower_text('t')", {"t": ALL_TEXTS}),
    Case("lower_text('t')", {"t": texts(*CAPITALS)}),
    Case("comparable_text('t')", {"t": ALL_TEXTS}),
    Case("""matches('t', "'^a$'")""", {"t": ALL_TEXTS}),
    Case("""matches('t', "'a.'")""", {"t": ALL_TEXTS}),
    Case("""matches('t', "'[^a-z]+' || t || '$'")""", {"t": texts("a", "1a", "1a\n", "a1", "")}),
    Case("""without_match('t', "'^.*a'")""", {"t": ALL_TEXTS}),
    Case("""without_match('t', "'a$'")""", {"t": ALL_TEXTS}),
    Case("split_text('t', '&')", {"t": texts(*TEXTS, "&", "a&", "&a", "a&&b", "&&")}),
    Case("begins_with('t', 's')", pairs(t=texts(*TEXTS), s=texts(*TEXTS[:20]))),
    Case("joined_texts('t')", in_groups("t", texts(*TEXTS)), per="part"),
    Case("joined_texts('t')", NOTHING_BUT_NULLS, per="part"),
    *(
        Case("text_literal(var('text'))", {}, variables={"text": text})
        for text in [*TEXTS, "${spark.app.name}", None]
        if "\u0000" not in (text or "")
    ),
    # numbers.sql
    Case("number_text('t')", {"t": ALL_NUMBERS}),
    *(
        Case(f"number_as_decimal('t', {digits}, {places})", {"t": ALL_NUMBERS})
        for digits, places in [(15, 2), (18, 3), (18, 4), (18, 9), (38, 0)]
    ),
    Case("double_as_decimal('d', 18, 4)", {"d": doubles(*random_doubles(20_000))}),
    Case("double_as_decimal('d', 18, 6)", {"d": doubles(*random_doubles(20_000))}),
    Case(
        "double_as_decimal('d', 18, 4)",
        {"d": doubles(0.0, -0.0, 1e14, 9999999999.9, -1e13, 1e300, -0.35205, 5e-5, 4.9e-5)},
    ),
    Case("exact_sum('d')", in_groups("d", doubles(0, 1, 0.1, 1 / 3, 0.7, 1e-18)), per="part"),
    Case("count_distinct_of(['a', 'b', 'a'])", pairs(a=integers(*WHOLE), b=integers(*WHOLE))),
    Case("flag('t')", {"t": texts(*TEXTS, "TRUE", "Yes", "nO", "0", "1", " true", "y")}),
    Case("ratio('a', 'b')", pairs(a=integers(*WHOLE), b=integers(*WHOLE))),
    Case("unit_amount('m', 'n')", pairs(m=decimals(18, 2, *MONEY), n=integers(*WHOLE))),
    Case("unit_amount('m', 'n')", pairs(m=decimals(18, 2, *MONEY), n=decimals(38, 4, "3", "0"))),
    Case(
        "unit_amount('m', 'n')",
        {
            "m": decimals(18, 2, *random_amounts(5000, 17)),
            "n": integers(*(3 + row**2 for row in range(5000))),
        },
    ),
    # Above that the converted amount may be null, which company_amount has null anyway.
    Case(
        "amount_at_rate('m', 'r')",
        pairs(m=decimals(18, 2, *AMOUNTS[:13]), r=decimals(23, 16, *RATES)),
    ),
    *(
        Case(
            f"company_amount('m', \"'{currency}'\", 'r')",
            pairs(m=decimals(18, 2, *AMOUNTS), r=decimals(23, 16, *RATES)),
        )
        for currency in ("USD", "EUR")
    ),
    Case(
        "company_amount('m', \"'USD'\", 'r')",
        {
            "m": decimals(18, 2, *random_amounts(5000, 15)),
            "r": decimals(23, 16, *random_rates(5000)),
        },
    ),
    Case("whole_quotient('a', 'b')", pairs(a=integers(*WHOLE[:-1]), b=integers(*WHOLE[:-1]))),
    Case(
        "whole_quotient('cast(a as ' ~ wide_integer() ~ ')', 'cast(b as ' ~ wide_integer() ~ ')')",
        pairs(
            a=decimals(38, 0, "9" * 32, "-" + "9" * 32, "7", "1" + "0" * 31),
            b=decimals(38, 0, "1", "3", "-7", "9" * 31, "9" * 38),
        ),
    ),
    Case(
        "'sum(cast(n as ' ~ wide_integer() ~ '))'", in_groups("n", integers(*WHOLE * 4)), per="part"
    ),
    # lists.sql
    Case("list_with(['t', \"'x'\", 't'])", {"t": texts(*TEXTS)}),
    Case("list_item('l', 'place')", pairs(l=LISTS, place=integers(0, 1, 2, 3, 2**31 - 1, bits=32))),
    Case("list_length('l')", {"l": LISTS}),
    Case("each_of('l')", {"l": LISTS}),
    Case("each_with_place('l', 'value', 'place')", {"l": LISTS}),
    Case("list_in_order('t')", in_groups("t", pa.array(TEXTS)), per="part"),
    Case("sorted_list('t')", in_groups("t", texts(*TEXTS, *TEXTS[1:20])), per="part"),
    Case("sorted_list('t')", NOTHING_BUT_NULLS, per="part"),
    Case(
        "ordered_structs({'t': 't', 'id': 'id'}, {'id': 'id', 'none': 'nullif(id, id)'})",
        in_groups("t", pa.array(TEXTS)),
        per="part",
    ),
    Case("struct_with({'a': 'a', 'none': 'nullif(a, a)', 'two': '2'})", pairs(a=FLAGS, b=FLAGS)),
    Case("compact_list(['a', 'b'])", pairs(a=FLAGS, b=FLAGS)),
    Case("compact_list({'a': 'one', 'not b': 'other'})", pairs(a=FLAGS, b=FLAGS)),
    Case("text_list([1, 1.5, true, \"a'b\", none, 1e22, '\\\\', ''])", {}),
    Case("text_list([' A ', '', 1], comparable=true)", {}),
    Case("text_list([])", {}),
    # time.sql
    *(
        Case(f"{macro}('i')", {"i": ALL_INSTANTS}, variables={"report_timezone": zone})
        for zone in ["UTC", *ZONES]
        for macro in ("report_instant", "report_date")
    ),
    Case("iso_instant('i')", {"i": instants(*INSTANTS, FIRST_INSTANT, LAST_INSTANT)}),
    Case(
        "days_before('i', 'n')",
        pairs(i=ALL_INSTANTS.slice(8, 30), n=integers(0, 1, 30, 90, 100_000, bits=32)),
    ),
    Case("microseconds_between('i', 'j')", pairs(i=instants(*INSTANTS), j=instants(*INSTANTS))),
    Case(
        "microseconds_between('i', 'j')",
        {"i": instants(FIRST_INSTANT), "j": instants(LAST_INSTANT)},
    ),
    Case("just_before('i')", {"i": instants(*INSTANTS)}),
    Case("'i + ' ~ minutes(30) ~ ' - ' ~ seconds(61)", {"i": instants(*INSTANTS)}),
    Case("iso_weekday('i')", {"i": ALL_INSTANTS}),
    Case(
        "days_between('d', 'e')",
        pairs(
            d=dates("0001-01-01", "1582-10-10", "1969-12-31", "2024-02-29", "9999-12-31"),
            e=dates("0001-01-01", "1582-10-15", "1970-01-01", "2024-03-01", "9999-12-31"),
        ),
    ),
    Case(
        "each_date('d', 'e')",
        pairs(
            d=dates("2024-02-28", "2024-02-29", "2024-03-01"),
            e=dates("2024-02-29", "2024-03-01", "2025-03-01"),
        ),
    ),
    Case("each_date('d', 'e')", {"d": dates("1582-10-01"), "e": dates("1582-10-16")}),
    Case("each_date('d', 'e')", {"d": dates("9999-12-30"), "e": dates("9999-12-31")}),
    Case("'i <= ' ~ end_of_time()", {"i": instants(*INSTANTS, FIRST_INSTANT, LAST_INSTANT)}),
    Case("'i >= ' ~ start_of_time()", {"i": instants(*INSTANTS, FIRST_INSTANT, LAST_INSTANT)}),
    Case("'cast(i as date) <= cast(' ~ end_of_time() ~ ' as date)'", {"i": instants(LAST_INSTANT)}),
    # windows.sql
    *(
        Case(
            f"{macro}('t') ~ ' over (partition by part order by id rows between {frame})'",
            in_groups("t", pa.array([None, "a", None, None, "b", None, "c", "d", None, None] * 2)),
        )
        for macro in ("first_known", "last_known")
        for frame in ("unbounded preceding and 1 preceding", "1 following and unbounded following")
    ),
    # What both are asked for in the same words.
    *(
        Case(f'"{expression}"', {"t": texts(*TEXTS, "a?b?c", "??", "a=b")})
        for expression in [
            "length(t)",
            "substr(t, 2)",
            "substr(t, 99)",
            "split_part(t, '?', 1)",
            "contains(t, 'a')",
            "split_part(t, '?', 3)",
            "replace(t, 'a', '')",
            "nullif(t, '')",
            "concat_ws(chr(31), t, 'x')",
            "row_number() over (order by coalesce(t, 'null'), id)",
            "t between 'a' and 'z'",
            "t is distinct from 'a'",
            "coalesce(t, 'x') || 'y'",
            "t in ('a', null)",
            "hash(t) = hash(t)",
        ]
    ),
    *(
        Case(f'"{expression}"', in_groups("n", integers(*WHOLE)), per="part")
        for expression in [
            "min_by(id, (coalesce(n, 0), id))",
            "max_by(id, n)",
            "bool_or(n > 7)",
            "bool_and(n > 7)",
            "bool_or(n is null)",
            "count(n) filter (where n > 0)",
            "max(n) filter (where n > 9e18)",
            "count(distinct n)",
            "percentile_cont(0.9) within group (order by n)",
            "cast(sum(cast(n as decimal(20, 0))) as double)",
        ]
    ),
    *(
        Case(f'"{expression}"', pairs(a=dates("2024-01-31", "2024-02-29"), b=dates("2024-02-10")))
        for expression in [
            "least(a, b)",
            "greatest(a, b)",
            "a + 7",
            "a - 1",
            "cast(date_trunc('month', a) as date)",
            "least(case when a > b then a end, b)",
        ]
    ),
    *(
        Case(
            f'"{expression}"',
            {"x": decimals(18, 9, "0", "0.999999999", "0.05", "-0.05", "1", "0.1")},
        )
        for expression in [
            "least(cast(floor(x * 20) as bigint), 19) + 1",
            "greatest(cast(ceil(x * 10) as bigint), 1)",
            "cast(x as double)",
            "round(x, 2)",
        ]
    ),
    *(
        Case(f'"{expression}"', {"d": doubles(0.5, 1.5, -0.5, 2.5, 0.1234565, 0.333333, 1e-7, 1.0)})
        for expression in [
            "round(d)",
            "round(d, 6)",
            "cast(round(d * 1000000) as bigint)",
            "pow(2, -d)",
        ]
    ),
]


@pytest.fixture(scope="module")
def engines(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    return Engines(spark, tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_macro_gives_the_same_on_both(engines: Engines, case: Case) -> None:
    table = rows_of(case)
    engines.fill("inputs", table)
    duckdb, spark = (results(engines, engine, case) for engine in ("duckdb", "spark"))
    assert len(duckdb) == len(spark)
    differing = [
        (told(table, case, row), "DuckDB", row[1:], "Spark", other[1:])
        for row, other in zip(duckdb, spark, strict=True)
        if not same(row, other)
    ]
    assert not differing, (len(differing), differing[:10])


def rows_of(case: Case) -> pa.Table:
    length = len(next(iter(case.columns.values()))) if case.columns else 1
    return pa.table({"id": pa.array(range(length)), **case.columns})


def results(engines: Engines, engine: str, case: Case) -> list[tuple[Any, ...]]:
    expression = render(engine, f"{{{{ {case.call} }}}}", VARIABLES | dict(case.variables))
    grouping = f" group by {case.per}" if case.per else ""
    rows = engines.rows(engine, f"select {case.per or 'id'}, {expression} from inputs{grouping}")
    return sorted(rows, key=repr)


def told(table: pa.Table, case: Case, row: tuple[Any, ...]) -> object:
    """What a row of results is of, shortly."""
    if case.per:
        return row[0]
    return {name: repr(table[name][row[0]].as_py())[:80] for name in case.columns}


def same(one: Any, other: Any) -> bool:
    """Whether two values are of one type and equal; DOUBLEs to nine digits."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-15)
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def test_every_macro_has_a_side_for_each_engine() -> None:
    assert all(sides == {"duckdb", "spark"} for sides in dispatched().values())


def test_no_macro_is_left_out() -> None:
    called = {name for case in CASES for name in re.findall(r"\b(\w+)\(", case.call)}
    assert dispatched().keys() - called == OF_THEIR_OWN | WITHOUT_VALUE.keys() - called


@pytest.mark.parametrize("why", JSONS_READ_OTHERWISE)
def test_what_json_spark_reads_otherwise(engines: Engines, why: str) -> None:
    case = Case("json_text('t', 'k')", {"t": texts(JSONS_READ_OTHERWISE[why])})
    engines.fill("inputs", rows_of(case))
    assert results(engines, "duckdb", case) != results(engines, "spark", case)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_texts_have_one_key_each_and_null_has_none(engines: Engines, engine: str) -> None:
    values = list(dict.fromkeys([*TEXTS, *random_texts(20_000, "abcdé😀 ")]))
    case = Case("hash_key('t')", {"t": texts(*values, values[0])})
    engines.fill("inputs", rows_of(case))
    keys = dict(results(engines, engine, case))
    assert keys.pop(len(values) + 1) is None
    assert keys.pop(len(values)) == keys[0]
    assert None not in keys.values()
    assert len(set(keys.values())) == len(values)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
@pytest.mark.parametrize(
    "columns", ["'a', 'b'", "'a', hash_key('b')", "hash_key('a'), hash_key('b')"]
)
def test_tuples_have_one_key_each_wherever_their_nulls_stand(
    engines: Engines, engine: str, columns: str
) -> None:
    values = texts("", "a", "b", "ab", "0", "1", "true", "false", "null", "\u0000")
    case = Case(f"tuple_key([{columns}])", pairs(a=values, b=values))
    engines.fill("inputs", rows_of(case))
    keys = [key for _, key in results(engines, engine, case)]
    assert None not in keys
    assert len(set(keys)) == len(values) ** 2


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_an_error_is_raised_with_its_message(engines: Engines, engine: str) -> None:
    engines.fill("inputs", pa.table({"id": [1, 2]}))
    failing = render(engine, """{{ raise_error("'row ' || id || ': no such'") }}""", VARIABLES)
    query = "select id from inputs where case when id = {} then {} else true end"
    assert engines.rows(engine, query.format(3, failing)) == [(1,), (2,)]
    with pytest.raises(Exception, match="row 2: no such"):
        engines.rows(engine, query.format(2, failing))


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
@pytest.mark.parametrize(
    "call",
    [
        "amount_at_rate('cast(99999999999999.99 as decimal(18, 2))', 'cast(1 as decimal(23, 16))')",
        "'cast(' ~ whole_quotient('cast(9000000000000000000 as bigint)', '1') ~ ' as integer)'",
    ],
)
def test_what_a_type_cant_hold_ends_the_build(engines: Engines, engine: str, call: str) -> None:
    with pytest.raises(Exception, match=r"(?i)out of range|out_of_range|overflow|could not cast"):
        engines.rows(engine, f"select {render(engine, f'{{{{ {call} }}}}', VARIABLES)}")
