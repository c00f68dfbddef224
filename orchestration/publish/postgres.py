"""The published marts in a PostgreSQL database, for tools that read one.

All happens in one transaction. The new marts are written into a schema beside the present one,
which nobody else sees; at its end the present one is dropped and the new one takes its name. A
publish that ends early, however, leaves what stood there and nothing else.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pyarrow import csv

from orchestration.errors import PostgresError, StorageError
from orchestration.failures import one_line
from orchestration.load.sql import identifier
from orchestration.publish.copy import MARTS

BESIDE = f"{MARTS}_unfinished"

# What tells the warehouse's schema from one that somebody else called so.
MARK = "Published by the campaign warehouse, which replaces this schema each time."

# What the address may overrule. Without the last three, a server that is gone without a word keeps
# the run, and with it the next nights, waiting for two hours.
_CONNECTION: dict[str, Any] = {
    "application_name": "campaign-warehouse",
    "connect_timeout": 10,
    "keepalives_idle": 60,
    "keepalives_interval": 10,
    "keepalives_count": 6,
}
# In seconds: for a publish into the same database to end, and for readers of the present marts.
PUBLISH_WAIT = 60
READERS_WAIT = 600
# In milliseconds: for readers in one try, which doubles from try to try.
FIRST_WAIT = 10

# Rows of a mart that are in memory at a time; the widest, a session with all of its events, are
# some kB each.
_BATCH_ROWS = 10_000

# DuckDB's types by PostgreSQL's. The marts' timestamps are instants in UTC.
_TYPES = {
    "boolean": "boolean",
    "tinyint": "smallint",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "utinyint": "smallint",
    "usmallint": "integer",
    "uinteger": "bigint",
    "ubigint": "numeric(20)",
    "hugeint": "numeric(39)",
    "uhugeint": "numeric(39)",
    "float": "real",
    "double": "double precision",
    "date": "date",
    "timestamp": "timestamptz",
    "timestamp with time zone": "timestamptz",
}
_NESTED = frozenset({"list", "array", "struct", "map", "union"})


def publish_to_postgres(published: Path, url: str, readers: str) -> dict[str, int]:
    """Replace the schema `marts` of a PostgreSQL database by the marts of a published file.

    url is the database's address; readers is the role that may read the marts, and nothing else.
    Returns the number of rows by table. Raises PostgresError, which never tells the password, where
    the database can't be reached or doesn't take the marts: what stood there stays. Raises
    StorageError where the published file can't be read.
    """
    try:
        with (
            _told(url),
            contextlib.closing(_connect(url)) as connection,
            duckdb.connect(str(published.resolve()), read_only=True) as source,
            connection.transaction(),
        ):
            return _publish(connection, source, readers)
    except duckdb.Error as error:
        raise StorageError(
            f"{published} can't be read ({one_line(error)}): run again with --full-refresh."
        ) from error


def _connect(url: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(
            **{**_CONNECTION, **conninfo_to_dict(url), "client_encoding": "utf8"}
        )
    except psycopg.Error as error:
        # Not `from error`, whose own words would stand in logs.
        raise PostgresError(
            f"PostgreSQL could not be reached ({_without_password(error, url)}): check that it "
            "runs, and CAMPAIGN_POSTGRES_URL, then make publish-postgres."
        ) from None


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn what PostgreSQL refuses into a PostgresError."""
    try:
        yield
    except psycopg.Error as error:
        said = error.diag
        parts = (said.message_primary or str(error), said.message_detail, said.context)
        words = _without_password("; ".join(filter(None, parts)), url)
        raise PostgresError(
            f"PostgreSQL did not take the marts ({words}) and has those of before: mend that, then "
            "make publish-postgres."
        ) from error


def _without_password(words: object, url: str) -> str:
    password = conninfo_to_dict(url).get("password")
    return one_line(words).replace(str(password), "***") if password else one_line(words)


def _publish(
    connection: psycopg.Connection[Any], source: duckdb.DuckDBPyConnection, readers: str
) -> dict[str, int]:
    connection.execute("set local timezone = 'UTC'")
    connection.execute("set local statement_timeout = 0")
    connection.execute(f"set local lock_timeout = '{PUBLISH_WAIT}s'")
    _check(connection, readers)
    try:
        connection.execute(f"create schema {BESIDE}")
    except psycopg.errors.LockNotAvailable as error:
        raise PostgresError(
            "Another publish into the same PostgreSQL database is going on: wait until it has "
            "ended, then make publish-postgres."
        ) from error
    tables = source.execute(
        "select table_name, comment from duckdb_tables() where schema_name = ? order by all",
        [MARTS],
    ).fetchall()
    rows = {name: _copy(connection, source, name, comment) for name, comment in tables}
    connection.execute(
        sql.SQL("comment on schema {} is {}").format(sql.Identifier(BESIDE), sql.Literal(MARK))
    )
    for right in ("usage on schema", "select on all tables in schema"):
        connection.execute(f"grant {right} {BESIDE} to {identifier(readers)}")
    _swap(connection)
    return rows


def _check(connection: psycopg.Connection[Any], readers: str) -> None:
    """Raise PostgresError where the role of the readers is missing, or `marts` isn't ours."""
    if not connection.execute("select from pg_roles where rolname = %s", [readers]).rowcount:
        raise PostgresError(
            f"PostgreSQL has no role {readers} to read the marts: create role "
            f"{identifier(readers)}, or name another by CAMPAIGN_POSTGRES_READERS, then make "
            "publish-postgres."
        )
    found = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [MARTS]
    ).fetchone()
    if found and found[0] != MARK:
        raise PostgresError(
            f"PostgreSQL has a schema {MARTS} that the warehouse has not made: rename it, or let "
            "CAMPAIGN_POSTGRES_URL name another database, then make publish-postgres."
        )


def _copy(
    connection: psycopg.Connection[Any],
    source: duckdb.DuckDBPyConnection,
    table: str,
    comment: str | None,
) -> int:
    """Make a table beside the present marts, with its rows and comments; returns how many rows."""
    relation = source.sql(f"from {MARTS}.{identifier(table)}")
    columns = dict(zip(relation.columns, relation.types, strict=True))
    name = sql.Identifier(BESIDE, table)
    connection.execute(
        sql.SQL("create table {} ({})").format(
            name,
            sql.SQL(", ".join(f"{identifier(c)} {_type(kind)}" for c, kind in columns.items())),
        )
    )
    # Frozen rows are there for everybody once the transaction is, also for a reader whose own
    # began before.
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("copy {} from stdin (format csv, freeze)").format(name)) as copy:
            for lines in _csv(relation, columns):
                copy.write(lines)
        written = cursor.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
    there = source.execute(f"select count(*) from {MARTS}.{identifier(table)}").fetchone()
    if written != there:
        raise PostgresError(
            f"PostgreSQL has {written and written[0]} of the {there and there[0]} rows of {table}, "
            "and keeps the marts of before: look for triggers and rules there, then make "
            "publish-postgres."
        )
    _comment(connection, source, table, comment)
    connection.execute(sql.SQL("analyze {}").format(name))
    return int(there[0]) if there else 0


def _comment(
    connection: psycopg.Connection[Any],
    source: duckdb.DuckDBPyConnection,
    table: str,
    comment: str | None,
) -> None:
    name = sql.Identifier(BESIDE, table)
    connection.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(comment)))
    described = source.execute(
        "select column_name, comment from duckdb_columns() "
        "where schema_name = ? and table_name = ? and comment is not null",
        [MARTS, table],
    ).fetchall()
    for column, text in described:
        connection.execute(
            sql.SQL("comment on column {} is {}").format(
                sql.Identifier(BESIDE, table, column), sql.Literal(text)
            )
        )


def _swap(connection: psycopg.Connection[Any]) -> None:
    """Let the marts beside the present ones take their place, once nobody reads those.

    Whoever has read a table of the present ones in a transaction reads them all to its end.
    """
    row = connection.execute(
        "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables "
        f"where schemaname = '{MARTS}'"
    ).fetchone()
    if row and row[0]:
        tables = sql.SQL(row[0])
        _lock(connection, tables)
        connection.execute(sql.SQL("drop table {}").format(tables))
    connection.execute(f"drop schema if exists {MARTS}")
    connection.execute(f"alter schema {BESIDE} rename to {MARTS}")


def _lock(connection: psycopg.Connection[Any], tables: sql.SQL) -> None:
    """Keep everybody from the tables.

    Readers who come while it waits for others have to wait, too, and could be waited for. So it
    gives up, and tries again later, before the server looks for such a deadlock and ends one side.
    """
    row = connection.execute(
        "select setting::integer / 2 from pg_settings where name = 'deadlock_timeout'"
    ).fetchone()
    longest = row[0] if row else FIRST_WAIT
    give_up = time.monotonic() + READERS_WAIT
    # A short wait finds a moment between busy readers, a long one the end of a slow reader.
    wait = FIRST_WAIT
    while True:
        try:
            with connection.transaction():
                connection.execute(f"set local statement_timeout = {min(wait, longest)}")
                connection.execute(sql.SQL("lock table {}").format(tables))
                connection.execute("set local statement_timeout = 0")
            return
        except psycopg.errors.QueryCanceled as error:
            if time.monotonic() > give_up:
                raise PostgresError(
                    "PostgreSQL keeps the marts of before, because somebody has been reading them "
                    f"for {READERS_WAIT // 60} minutes: end that transaction (pg_stat_activity "
                    "tells whose it is), then make publish-postgres."
                ) from error
        time.sleep(min(wait, longest) / 1000)
        wait = FIRST_WAIT if wait >= longest else 2 * wait


def _csv(relation: duckdb.DuckDBPyRelation, columns: Mapping[str, Any]) -> Iterator[memoryview]:
    """The rows of a mart as CSV, some at a time; a null is empty, all else stands in quotes."""
    texts = (f"{_text(identifier(c), kind)} as {identifier(c)}" for c, kind in columns.items())
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    for batch in relation.project(", ".join(texts)).to_arrow_reader(_BATCH_ROWS):
        lines = io.BytesIO()
        csv.write_csv(batch, lines, options)
        yield lines.getbuffer()


def _type(kind: Any) -> str:
    """PostgreSQL's type for a DuckDB type; text for what it has no other for."""
    if kind.id in _NESTED:
        return "jsonb"
    if kind.id == "decimal":
        (_, precision), (_, scale) = kind.children
        return f"numeric({precision}, {scale})"
    return _TYPES.get(kind.id, "text")


def _text(value: str, kind: Any) -> str:
    """The expression that writes a value as PostgreSQL reads it."""
    if kind.id in _NESTED:
        written = f"cast(to_json({_finite(value, kind)}) as varchar)"
        # PostgreSQL has no NUL in a text. A backslash that is one of a pair begins no escape.
        pairs = rf"replace(replace({written}, '\\', chr(1)), '\u0000', '\ufffd')"
        return rf"replace({pairs}, chr(1), '\\')"
    written = f"cast({value} as varchar)"
    return f"replace({written}, chr(0), chr(65533))"


def _finite(value: str, kind: Any) -> str:
    """The expression of a value in which texts stand for numbers that JSON doesn't have."""
    if kind.id in {"float", "double"}:
        return f"if(isfinite({value}), to_json({value}), to_json(cast({value} as varchar)))"
    if kind.id == "list" and _has_float(kind):
        ((_, child),) = kind.children
        return f"list_transform({value}, lambda item: {_finite('item', child)})"
    if kind.id == "struct" and _has_float(kind):
        fields = ", ".join(
            f"{identifier(field)}: {_finite(f'{value}.{identifier(field)}', child)}"
            for field, child in kind.children
        )
        return f"case when {value} is not null then {{{fields}}} end"
    return value


def _has_float(kind: Any) -> bool:
    if kind.id in {"list", "struct"}:
        return any(_has_float(child) for _, child in kind.children)
    return kind.id in {"float", "double"}
