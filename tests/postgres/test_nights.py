"""Nights of the main job that go to PostgreSQL, too, and the commands around them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration import run
from orchestration.errors import PostgresError
from orchestration.failures import find_warehouse_error
from orchestration.instance import prepare_dagster_home
from orchestration.publish import __main__ as publish_command
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from tests.orchestration.fake_dbt import FakeDbt
from tests.orchestration.test_nightly import Nightly, run_and_tell
from tests.postgres.conftest import PASSWORD, Database

ESCAPED = "S3cret%2Fw%40rd"


@pytest.fixture
def to_postgres(monkeypatch: pytest.MonkeyPatch, database: Database) -> Database:
    monkeypatch.setenv("CAMPAIGN_POSTGRES_URL", database.url("locked"))
    database.do(f"grant create on database {database.name} to locked")
    return database


def number_nights(settings: Settings, dbt: FakeDbt) -> None:
    """Have the n-th build publish the number n."""
    build = dbt.on_command

    def numbered(arguments: Sequence[str]) -> None:
        build(arguments)
        number = len(dbt.commands) // 2
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute(f"create or replace table marts.sessions as select {number} as n")

    dbt.on_command = numbered


def in_postgres(database: Database) -> list[tuple[int]]:
    return database.ask("select n from marts.sessions", "analyst")


def in_files(settings: Settings) -> list[tuple[int]]:
    current = settings.published / "current.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        return connection.execute("select n from marts.sessions").fetchall()


def test_a_night_goes_to_postgres_behind_the_files(
    settings: Settings,
    nightly: Nightly,
    to_postgres: Database,
) -> None:
    result = nightly()
    made = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert made[-2:] == ["published/warehouse", "published/postgres"]
    assert in_postgres(to_postgres) == in_files(settings) == [(1,)]


def test_what_postgres_refuses_leaves_the_files_published_and_the_next_night_mends_it(
    settings: Settings,
    dbt: FakeDbt,
    nightly: Nightly,
    to_postgres: Database,
) -> None:
    number_nights(settings, dbt)
    nightly()
    to_postgres.do(f"revoke create on database {to_postgres.name} from locked")
    with pytest.raises(dg.Failure) as raised:
        nightly()
    assert isinstance(find_warehouse_error(raised.value), PostgresError)
    assert (in_files(settings), in_postgres(to_postgres)) == ([(2,)], [(1,)])
    to_postgres.do(f"grant create on database {to_postgres.name} to locked")
    nightly()
    assert (in_files(settings), in_postgres(to_postgres)) == ([(3,)], [(3,)])


def test_going_back_says_how_postgres_follows(
    settings: Settings,
    dbt: FakeDbt,
    nightly: Nightly,
    to_postgres: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    number_nights(settings, dbt)
    nightly()
    nightly()
    monkeypatch.setattr("sys.argv", ["publish", "--back"])
    assert publish_command.main() == 0
    assert capsys.readouterr().out.endswith(
        "PostgreSQL has the one of before: make publish-postgres.\n"
    )
    assert (in_files(settings), in_postgres(to_postgres)) == ([(1,)], [(2,)])
    monkeypatch.setattr("sys.argv", ["publish", "--to-postgres"])
    assert publish_command.main() == 0
    linked = PublishedFolder(settings.published).linked()
    assert f"the warehouse of {linked}: 1 tables, 1 rows" in capsys.readouterr().out
    assert in_postgres(to_postgres) == [(1,)]


@pytest.mark.parametrize(
    ("published", "url", "status", "told"),
    [
        (False, "postgresql:///bi", 2, "Nothing is published"),
        (True, "", 2, "set CAMPAIGN_POSTGRES_URL"),
        (True, "postgresql://ann:S3cret%2Fw%40rd@127.0.0.1:9/bi", 6, "could not be reached"),
    ],
)
def test_the_command_says_what_is_missing(
    settings: Settings,
    nightly: Nightly,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    published: bool,
    url: str,
    status: int,
    told: str,
) -> None:
    if published:
        nightly()
    monkeypatch.setenv("CAMPAIGN_POSTGRES_URL", url)
    monkeypatch.setattr("sys.argv", ["publish", "--to-postgres"])
    capsys.readouterr()
    assert publish_command.main() == status
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert PASSWORD not in said and ESCAPED not in said


def test_the_main_command_ends_with_6_and_reports_what_is_published(
    sample_warehouse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def published_here_alone(*_: object, **__: object) -> None:
        raise dg.Failure(description="…") from PostgresError("PostgreSQL is away: bring it back.")

    monkeypatch.setattr(run, "run_nightly", published_here_alone)
    monkeypatch.setattr(run, "write_log", lambda *_: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    for name in ("CAMPAIGN_LANDING", "CAMPAIGN_WAREHOUSE"):
        monkeypatch.setenv(name, "")
    landing = str(tmp_path)
    assert run.main(["--landing", landing, "--warehouse", str(sample_warehouse)]) == 6
    printed = capsys.readouterr()
    assert printed.err == "PostgreSQL is away: bring it back.\n"
    assert "Published:" in printed.out


def wrong_password(database: Database) -> str:
    return database.url("locked").replace("S3cret", "S3cret-0ther")


def no_right(database: Database) -> str:
    database.do(f"revoke create on database {database.name} from locked")
    return database.url("locked")


def none_there(database: Database) -> str:
    return "postgresql://locked:S3cret%2Fw%40rd@127.0.0.1:9/bi"


def none_refused(database: Database) -> str:
    return database.url("locked")


def unescaped(database: Database) -> str:
    return database.url("locked").replace("%2F", "/")


@pytest.mark.parametrize("url", [none_refused, wrong_password, no_right, none_there, unescaped])
def test_the_password_stands_nowhere(
    settings: Settings,
    nightly: Nightly,
    to_postgres: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: Callable[[Database], str],
) -> None:
    nightly()
    monkeypatch.setenv("CAMPAIGN_POSTGRES_URL", url(to_postgres))
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    prepare_dagster_home(settings)
    failed = ""
    with dg.DagsterInstance.get() as instance:
        if url is none_refused:
            nightly(instance=instance)
        else:
            failed = run_and_tell(nightly, instance)
        events = "\n".join(
            str(entry) for run_id in instance.get_run_ids() for entry in instance.all_logs(run_id)
        )
    printed = capsys.readouterr()
    assert url is none_refused or "POSTGRES" in printed.err.upper()
    for text in (events, failed, printed.out, printed.err):
        assert "S3cret" not in text
    files = [path for path in settings.warehouse.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if b"S3cret" in path.read_bytes()] == []
