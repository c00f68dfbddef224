"""Readers of PostgreSQL see one night or the other, whatever becomes of a publish."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

import orchestration.publish.postgres
from orchestration.errors import PostgresError, StorageError
from orchestration.publish.postgres import BESIDE, publish_to_postgres
from tests.conftest import PROJECT
from tests.postgres.conftest import PASSWORD, READERS, Database

MARTS = [f"mart_{number:02}" for number in range(12)]

Night = Callable[..., Path]


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """Makes the published file of a night: every row of every mart says which it is."""

    def make(number: int, rows: int = 300) -> Path:
        path = tmp_path / f"night-{number}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            for mart in MARTS:
                connection.execute(
                    f"create table marts.{mart} as select {number} as night from range({rows})"
                )
        return path

    return make


def nights_of(connection: psycopg.Connection, marts: list[str]) -> list[int]:
    """The nights that a statement for each mart finds, a row each where they differ."""
    found = []
    for mart in marts:
        found += connection.execute(f"select distinct night from marts.{mart}").fetchall()  # type: ignore[arg-type]
    return [number for (number,) in found]


def in_one_statement(connection: psycopg.Connection) -> list[int]:
    union = " union all ".join(f"select night from marts.{mart}" for mart in MARTS)
    rows = connection.execute(
        f"select night, count(*) from ({union}) as _ group by night"
    ).fetchall()  # type: ignore[arg-type]
    assert sum(count for _, count in rows) == 300 * len(MARTS)
    return [number for number, _ in rows]


def in_one_transaction(connection: psycopg.Connection) -> list[int]:
    with connection.transaction():
        # Against the order in which they are locked.
        return nights_of(connection, MARTS[::-1])


def in_one_snapshot(connection: psycopg.Connection) -> list[int]:
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        connection.execute("select 1")
        time.sleep(0.01)
        return nights_of(connection, MARTS)


@pytest.mark.parametrize("read", [in_one_statement, in_one_transaction, in_one_snapshot])
def test_readers_see_no_mixed_night_and_no_error(
    database: Database, night: Night, read: Callable[[psycopg.Connection], list[int]]
) -> None:
    files = [night(number) for number in range(1, 7)]
    publish_to_postgres(files[0], database.url(), READERS)
    seen: list[list[int]] = []
    wrong: list[BaseException] = []
    over = threading.Event()

    def go_on_reading() -> None:
        try:
            with database.connect("analyst") as connection:
                while not over.is_set():
                    seen.append(read(connection))
                    time.sleep(0.002)
        except BaseException as error:
            wrong.append(error)

    readers = [threading.Thread(target=go_on_reading) for _ in range(2)]
    for reader in readers:
        reader.start()
    for path in files[1:]:
        publish_to_postgres(path, database.url(), READERS)
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert [numbers for numbers in seen if len(set(numbers)) != 1] == []
    assert len({numbers[0] for numbers in seen}) > 1, "none read while a night was published"


def publisher_waits(database: Database) -> bool:
    return bool(
        database.ask(
            "select from pg_stat_activity where application_name = 'campaign-warehouse' "
            f"and datname = '{database.name}' and wait_event_type = 'Lock'"
        )
    )


def wait_for(happened: Callable[[], object]) -> None:
    give_up = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.002)


@pytest.mark.parametrize("first_wait", [10, 100_000])
def test_a_reader_that_takes_its_time_reads_the_night_to_its_end(
    database: Database, night: Night, monkeypatch: pytest.MonkeyPatch, first_wait: int
) -> None:
    monkeypatch.setattr(orchestration.publish.postgres, "FIRST_WAIT", first_wait)
    publish_to_postgres(night(1), database.url(), READERS)
    failed: list[BaseException] = []

    def publish() -> None:
        try:
            publish_to_postgres(night(2), database.url(), READERS)
        except BaseException as error:
            failed.append(error)

    with database.connect("analyst") as reader:
        with reader.transaction():
            assert nights_of(reader, MARTS[-1:]) == [1]
            publisher = threading.Thread(target=publish)
            publisher.start()
            wait_for(lambda: publisher_waits(database))
            # What the publisher holds by now, it lets go.
            assert nights_of(reader, MARTS) == [1] * len(MARTS)
        publisher.join()
        assert failed == []
        assert nights_of(reader, MARTS) == [2] * len(MARTS)


def test_a_reader_that_never_ends_stops_a_publish_and_is_told(
    database: Database, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orchestration.publish.postgres, "READERS_WAIT", 0)
    publish_to_postgres(night(1), database.url(), READERS)
    with database.connect("analyst") as reader, reader.transaction():
        nights_of(reader, MARTS[:1])
        assert "pg_stat_activity" in refusal(night(2), database.url())
        assert nights_of(reader, MARTS) == [1] * len(MARTS)
    assert database.schemas() == {"marts"}


def refusal(published: Path, url: str, readers: str = READERS) -> str:
    """What a user is told of a publish that fails."""
    with pytest.raises(PostgresError) as raised:
        publish_to_postgres(published, url, readers)
    message = str(raised.value)
    assert "\n" not in message
    assert "make publish-postgres" in message
    assert PASSWORD not in message
    return message


def unreachable(database: Database) -> dict[str, str]:
    return {"url": f"{database.url()}-gone"}


def wrong_password(database: Database) -> dict[str, str]:
    return {"url": database.url("locked", "0ther")}


def missing_role(database: Database) -> dict[str, str]:
    return {"url": database.url(), "readers": "no one"}


def no_right_to_make_schemas(database: Database) -> dict[str, str]:
    return {"url": database.url("stranger")}


def a_view_of_somebody(database: Database) -> dict[str, str]:
    database.do(f"create view public.mine as table marts.{MARTS[3]}")
    return {"url": database.url()}


def a_guest_in_the_schema(database: Database) -> dict[str, str]:
    database.do("create function marts.f() returns int language sql return 1")
    return {"url": database.url()}


def a_trigger_that_drops_rows(database: Database) -> dict[str, str]:
    database.do(
        """create function public.drop_row() returns trigger language plpgsql
            as 'begin return null; end';
        create function public.add_trigger() returns event_trigger language plpgsql as $$
            declare made record;
            begin
                for made in select * from pg_event_trigger_ddl_commands() loop
                    execute format('create trigger t before insert on %s for each row '
                        'execute function public.drop_row()', made.object_identity);
                end loop;
            end $$;
        create event trigger e on ddl_command_end when tag in ('CREATE TABLE')
            execute function public.add_trigger();"""
    )
    return {"url": database.url()}


def another_publish(database: Database) -> dict[str, str]:
    other = database.connect()
    other.autocommit = False
    other.execute(f"create schema {BESIDE}")
    _others.append(other)
    return {"url": database.url()}


_others: list[psycopg.Connection] = []


@pytest.fixture
def others() -> Iterator[None]:
    yield
    while _others:
        _others.pop().close()


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (unreachable, "could not be reached"),
        (wrong_password, 'password authentication failed for user "locked"'),
        (missing_role, 'create role "no one"'),
        (no_right_to_make_schemas, "permission denied for database"),
        (a_view_of_somebody, "view mine depends on table marts.mart_03"),
        (a_guest_in_the_schema, "function marts.f() depends on schema marts"),
        (a_trigger_that_drops_rows, "has 0 of the 300 rows of mart_00"),
        (another_publish, "Another publish"),
    ],
)
@pytest.mark.usefixtures("others")
def test_what_postgres_refuses_is_told_and_the_old_night_stays(
    database: Database,
    night: Night,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Database], dict[str, str]],
    told: str,
) -> None:
    monkeypatch.setattr(orchestration.publish.postgres, "PUBLISH_WAIT", 1)
    publish_to_postgres(night(1), database.url(), READERS)
    assert told in refusal(night(2), **prepare(database))
    with database.connect("analyst") as reader:
        assert nights_of(reader, MARTS) == [1] * len(MARTS)
    assert database.schemas() == {"marts"}


def test_a_schema_of_somebody_else_is_left_alone(database: Database, night: Night) -> None:
    database.do("create schema marts create table sales (n int)")
    assert "has not made" in refusal(night(1), database.url())
    assert database.ask("select n from marts.sales") == []


def test_a_published_file_that_is_damaged_is_named(database: Database, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="can't be read"):
        publish_to_postgres(damaged, database.url(), READERS)


CODE = """
import sys
from pathlib import Path
from orchestration.publish.postgres import publish_to_postgres
publish_to_postgres(Path(sys.argv[1]), *sys.argv[2:])
"""


def copies(database: Database) -> bool:
    return bool(
        database.ask(
            "select from pg_stat_progress_copy "
            f"where datname = '{database.name}' and tuples_processed > 1000"
        )
    )


@pytest.mark.parametrize("has_come_to", [copies, publisher_waits])
def test_a_publish_that_is_killed_leaves_the_old_night_and_nothing_else(
    database: Database, night: Night, has_come_to: Callable[[Database], bool]
) -> None:
    publish_to_postgres(night(1), database.url(), READERS)
    newer = night(2, rows=200_000 if has_come_to is copies else 300)
    with database.connect("analyst") as reader:
        with reader.transaction():
            nights_of(reader, MARTS[:1])
            with subprocess.Popen(
                [sys.executable, "-c", CODE, str(newer), database.url(), READERS],
                cwd=PROJECT,
                env=os.environ | {"PYTHONPATH": str(PROJECT)},
            ) as publisher:
                wait_for(lambda: has_come_to(database))
                publisher.kill()
        wait_for(
            lambda: (
                not database.ask(
                    "select from pg_stat_activity where application_name = 'campaign-warehouse' "
                    f"and datname = '{database.name}'"
                )
            )
        )
        assert nights_of(reader, MARTS) == [1] * len(MARTS)
    assert database.schemas() == {"marts"}
    publish_to_postgres(night(3), database.url(), READERS)
    with database.connect("analyst") as reader:
        assert nights_of(reader, MARTS) == [3] * len(MARTS)
    assert database.schemas() == {"marts"}
