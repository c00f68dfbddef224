"""What stands in PostgreSQL is what stands in the published file."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from orchestration.publish.copy import copy_marts
from orchestration.publish.postgres import publish_to_postgres
from tests.postgres.conftest import READERS, Database


def tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("select table_name from duckdb_tables()").fetchall()
    return {name for (name,) in rows}


def comparable(value: Any) -> Any:
    """A value in a form in which equal ones have the same `repr`.

    Instants have their zone, and are texts within PostgreSQL's JSON.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        at = value.get("occurred_at")
        told = value | {"occurred_at": datetime.fromisoformat(at) if isinstance(at, str) else at}
        return sorted((key, comparable(item)) for key, item in told.items())
    return value


def test_every_mart_has_the_same_rows(sample_warehouse: Path, database: Database) -> None:
    published = sample_warehouse / "published" / "current.duckdb"
    told = publish_to_postgres(published, database.url(), READERS)
    with (
        duckdb.connect(str(published), read_only=True) as source,
        database.connect("analyst", options="-c timezone=UTC") as target,
    ):
        assert told.keys() == tables(source)
        assert sum(told.values()) > 100_000
        for name in told:
            mart = source.sql(f"from marts.{name}")
            found = target.execute(f"select * from marts.{name}")  # type: ignore[arg-type]
            assert [column.name for column in found.description or ()] == mart.columns, name
            there = Counter(repr([comparable(value) for value in row]) for row in found)
            rows = mart.fetchall()
            assert there == Counter(repr([comparable(value) for value in row]) for row in rows), (
                name
            )
            assert told[name] == sum(there.values())


def test_tables_and_columns_keep_their_descriptions(
    sample_warehouse: Path, database: Database
) -> None:
    published = sample_warehouse / "published" / "current.duckdb"
    publish_to_postgres(published, database.url(), READERS)
    with duckdb.connect(str(published), read_only=True) as source:
        expected = source.execute(
            "select table_name, '', comment from duckdb_tables() union all "
            "select table_name, column_name, comment from duckdb_columns() "
            "where schema_name = 'marts' and comment is not null"
        ).fetchall()
    found = database.ask(
        "select relname, coalesce(attname, ''), description from pg_description "
        "join pg_class on pg_class.oid = objoid left join pg_attribute "
        "on attrelid = objoid and attnum = objsubid and attnum > 0 "
        "where relnamespace = 'marts'::regnamespace"
    )
    assert len(found) > 300
    assert sorted(found) == sorted(expected)


MART = 'marts."Special ""values"""'

SPECIAL = """
    select
        'NUL \\x00, tab \t, line \n, "quoted", it''s; 50 % \\N \\. Ж 日本 🎉 ́' as words,
        '' as empty,
        null::varchar as nothing,
        '\\.' as end_of_copy,
        'infinity'::double as most,
        '-infinity'::double as least,
        'nan'::double as no_number,
        1e-300::double as small,
        -0.1::double as tenth,
        99999999999999999999999999999999999999::decimal(38, 0) as wide,
        -0.00000000000000000000000000000000000001::decimal(38, 38) as fine,
        170141183460469231731687303715884105727::hugeint as huge,
        18446744073709551615::ubigint as unsigned,
        9223372036854775807 as big,
        true as yes,
        date '0001-01-01' as first_day,
        date '9999-12-31' as last_day,
        date '0044-03-15 (BC)' as before,
        timestamp '0001-01-01 00:00:00' as first_instant,
        timestamp '9999-12-31 23:59:59.999999' as last_instant,
        timestamp '0044-03-15 (BC) 10:00:00' as instant_before,
        timestamp 'infinity' as never,
        []::varchar[] as no_texts,
        null::varchar[] as no_list,
        [null, '', 'a"b', 'c\\x00\\x00d', '\\u0000', '\\\\'] as texts,
        [{'x': 'infinity'::double, 'y': 0.1::double, 'at': timestamp '2024-01-01 10:00:00'},
         {'x': 'nan'::double, 'y': null, 'at': null}, null] as events,
        [{'points': ['-infinity'::double]}] as nested,
        {'a': 1.50::decimal(18, 2), 'b': null::varchar} as pair,
        map {'k': 1} as pairs
""".replace("\\x00", "' || chr(0) || '")


@pytest.fixture
def special(tmp_path: Path) -> Path:
    path = tmp_path / "special.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table {MART} as {SPECIAL}")
        connection.execute("create table marts.empty (id varchar)")
        connection.execute("create table marts.one_null as select null::integer as n")
    return path


def test_special_values_arrive(special: Path, database: Database) -> None:
    publish_to_postgres(special, database.url(), READERS)
    ((row,),) = database.ask(f"select to_jsonb(s) from (select * from {MART}) as s")
    assert row["words"] == 'NUL �, tab \t, line \n, "quoted", it\'s; 50 % \\N \\. Ж 日本 🎉 ́'
    assert (row["empty"], row["nothing"], row["end_of_copy"]) == ("", None, "\\.")
    assert (row["most"], row["least"], row["no_number"]) == ("Infinity", "-Infinity", "NaN")
    assert (row["first_day"], row["last_day"], row["before"]) == (
        *("0001-01-01", "9999-12-31"),
        "0044-03-15 BC",
    )
    assert row["never"] == "infinity"
    assert (row["no_texts"], row["no_list"]) == ([], None)
    assert row["texts"] == [None, "", 'a"b', "c��d", "\\u0000", "\\\\"]
    assert row["events"] == [
        {"x": "inf", "y": 0.1, "at": "2024-01-01 10:00:00"},
        {"x": "nan", "y": None, "at": None},
        None,
    ]
    assert row["nested"] == [{"points": ["-inf"]}]
    assert (row["pair"], row["pairs"]) == ({"a": 1.5, "b": None}, {"k": 1})
    exact = database.ask(
        "select wide, fine, huge, unsigned, big, small, tenth, yes, "
        "extract(epoch from first_instant), extract(epoch from last_instant), "
        "to_char(instant_before at time zone 'UTC', 'YYYY-MM-DD HH24 BC') "
        f"from {MART}"
    )
    assert exact == [
        (
            *(Decimal("9" * 38), Decimal("-1e-38"), Decimal(2**127 - 1), Decimal(2**64 - 1)),
            *(2**63 - 1, 1e-300, -0.1, True),
            *(Decimal("-62135596800.000000"), Decimal("253402300799.999999")),
            "0044-03-15 10 BC",
        )
    ]
    assert database.ask("select * from marts.empty") == []
    assert database.ask("select * from marts.one_null") == [(None,)]


def test_types_say_what_the_marts_mean(special: Path, database: Database) -> None:
    publish_to_postgres(special, database.url(), READERS)
    types = dict(
        database.ask(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            f"where attrelid = '{MART}'::regclass and attnum > 0"
        )
    )
    assert {name: types[name] for name in ("words", "most", "wide", "fine", "huge")} == {
        **{"words": "text", "most": "double precision", "wide": "numeric(38,0)"},
        **{"fine": "numeric(38,38)", "huge": "numeric(39,0)"},
    }
    assert {name: types[name] for name in ("big", "yes", "first_day", "never", "texts")} == {
        **{"big": "bigint", "yes": "boolean", "first_day": "date"},
        **{"never": "timestamp with time zone", "texts": "jsonb"},
    }
    assert {types[name] for name in ("events", "pair", "pairs", "no_list")} == {"jsonb"}


def test_the_readers_read_and_change_nothing(special: Path, database: Database) -> None:
    publish_to_postgres(special, database.url(), READERS)
    assert database.ask("select n from marts.one_null", "analyst") == [(None,)]
    for statement in (
        "insert into marts.empty values ('x')",
        "delete from marts.one_null",
        "drop table marts.empty",
        "create table marts.mine (n int)",
        "truncate marts.empty",
    ):
        with (
            database.connect("analyst") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)  # type: ignore[arg-type]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.ask("select n from marts.one_null", "stranger")


def test_what_is_hidden_in_the_published_file_is_hidden_here(
    tmp_path: Path, database: Database
) -> None:
    with duckdb.connect(str(tmp_path / "build.duckdb")) as build:
        build.execute("create schema marts")
        build.execute("create table marts.contacts as select 'ann.lee@example.com' as contact_id")
    published = tmp_path / "published.duckdb"
    copy_marts(tmp_path / "build.duckdb", published, tmp_path / "parquet", {"nodes": {}})
    publish_to_postgres(published, database.url(), READERS)
    ((contact,),) = database.ask("select contact_id from marts.contacts")
    assert contact.startswith("hidden-")
