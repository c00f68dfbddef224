"""The job `nightly`: load, build, audit, publish, in this order, and what stops it where."""

import http.server
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.assets import build_definitions
from orchestration.errors import (
    AnotherRunError,
    AuditFailedError,
    DashboardError,
    NothingToLoadError,
    StorageError,
    UsageError,
)
from orchestration.failures import find_warehouse_error
from orchestration.instance import prepare_dagster_home
from orchestration.load.erasure import Register
from orchestration.lock import only_writer
from orchestration.night import Night
from orchestration.publish.files import PublishedFolder
from orchestration.run import tell
from orchestration.settings import Settings
from orchestration.state import note_run, now, read_lines
from orchestration.volume import LOADS_TO_COMPARE
from tests.orchestration.fake_dbt import FakeDbt

Nightly = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CAMPAIGN_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path / "warehouse"))
    return Settings.from_environment()


@pytest.fixture
def dbt(settings: Settings) -> FakeDbt:
    """A dbt whose build leaves a mart in build.duckdb, and the note of a whole build."""
    fake = FakeDbt()

    def build(arguments: Sequence[str]) -> None:
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute("create schema if not exists marts")
            connection.execute("create or replace table marts.sessions as select 1 as n")
            connection.execute("create schema if not exists changes")
            connection.execute(
                "create or replace table changes.builds as select "
                f"'{fake.rules()}' as rules, 0 as load_id, null as run_id"
            )

    fake.on_command = build
    return fake


@pytest.fixture
def nightly(settings: Settings, dbt: FakeDbt, monkeypatch: pytest.MonkeyPatch) -> Nightly:
    """Runs the job over the fake dbt, with a load that takes up one file a night."""

    def load(
        landing: Path,
        warehouse: Path,
        *,
        run_id: str,
        progress: Any,
        memory_limit: str | None,
        erasure_key: str,
    ) -> None:
        progress("events: 1 file")
        (warehouse / "raw").mkdir(exist_ok=True)
        line = {
            **{"load_id": 1, "run_id": run_id, "file": "events/a.csv", "table_name": "events"},
            **{"status": "loaded", "loaded_at": "2024-01-01T00:00:00Z", "rows_in": 3},
            **{"rows_loaded": 2, "rows_duplicate": 1, "rows_quarantined": 0},
        }
        with (warehouse / "raw" / "ledger.ndjson").open("a") as ledger:
            ledger.write(json.dumps(line) + "\n")

    monkeypatch.setattr("orchestration.assets.raw.load_landing", load)

    def run(
        instance: dg.DagsterInstance | None = None, raise_on_error: bool = True, **config: Any
    ) -> dg.ExecuteInProcessResult:
        to_postgres = "CAMPAIGN_POSTGRES_URL" in os.environ
        definitions = build_definitions(dbt, to_postgres=to_postgres)  # type: ignore[arg-type]
        job = definitions.resolve_job_def("nightly")
        return job.execute_in_process(
            instance=instance,
            raise_on_error=raise_on_error,
            run_config={"ops": {"build": {"config": config}}, "loggers": {"console": {}}},
        )

    return run


def runs(settings: Settings) -> list[dict[str, Any]]:
    return list(read_lines(settings.state / "runs.ndjson"))


def test_a_good_night_is_published_and_noted(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    result = nightly()
    assert result.success
    assert [arguments[:3] for arguments in dbt.commands] == [
        ["build", "--exclude", "tag:after_audit"],
        ["build", "--select", "tag:after_audit"],
    ]
    assert (settings.published / "current.duckdb").exists()
    (run,) = runs(settings)
    assert run["run_id"] == result.run_id
    assert (run["files"], run["rows"], run["issues"], run["is_published"]) == (1, 3, 0, True)
    assert set(json.loads(run["versions"])) >= {"dagster", "dbt-core", "duckdb", "python"}


def test_models_are_materialised_and_tests_are_checks(nightly: Nightly) -> None:
    result = nightly()
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events()}
    assert made == {
        *("raw/events", "raw/ledger"),
        *("staging/stg_events", "marts/sessions", "marts/warehouse_runs"),
        "published/warehouse",
    }
    checks = {(e.asset_key.to_user_string(), e.check_name) for e in checked(result)}
    assert checks == {
        ("staging/stg_events", "stg_events_key"),
        ("marts/sessions", "sessions_key"),
        ("marts/sessions", "every_event_has_a_session"),
        ("raw/ledger", "files_are_fresh"),
        ("raw/ledger", "volume_is_usual"),
    }


def test_every_table_tells_how_many_rows_it_has(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    build = dbt.on_command

    def build_more(arguments: Sequence[str]) -> None:
        build(arguments)
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute("insert into marts.sessions from range(6)")

    dbt.on_command = build_more
    (event,) = [event for event in nightly().all_events if event.is_asset_observation]
    told = event.asset_observation_data.asset_observation
    assert told.asset_key.path == ["marts", "sessions"]
    assert told.metadata["dagster/row_count"].value == 7


def checked(result: dg.ExecuteInProcessResult) -> Sequence[dg.AssetCheckEvaluation]:
    return result.get_asset_check_evaluations()


def test_the_audit_notes_every_data_test(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    dbt.statuses = {"stg_events_key": "warn"}
    result = nightly()
    lines = list(read_lines(settings.state / "test_results.ndjson"))
    assert {(line["name"], line["model"], line["status"], line["failures"]) for line in lines} == {
        ("stg_events_key", "stg_events", "warn", 2),
        ("sessions_key", "sessions", "pass", 0),
        ("every_event_has_a_session", None, "pass", 0),
    }
    assert {line["run_id"] for line in lines} == {result.run_id}
    assert (settings.state / "unit_tests.ndjson").exists()


def test_the_run_is_noted_as_published_before_the_models_that_read_it(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    seen = []
    build = dbt.on_command

    def watch(arguments: Sequence[str]) -> None:
        seen.append([run["is_published"] for run in runs(settings)])
        build(arguments)

    dbt.on_command = watch
    nightly()
    assert seen == [[], [True]]


def test_a_failing_test_keeps_the_last_good_night(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    nightly()
    before = (settings.published / "current.duckdb").readlink()
    dbt.statuses = {"sessions_key": "fail"}
    dbt.commands.clear()
    assert isinstance(failure(nightly), AuditFailedError)
    assert len(dbt.commands) == 1
    assert (settings.published / "current.duckdb").readlink() == before
    assert [run["is_published"] for run in runs(settings)] == [True, False]
    statuses = {line["name"]: line["status"] for line in read_lines(results(settings))}
    assert statuses["sessions_key"] == "fail"


def results(settings: Settings) -> Path:
    return settings.state / "test_results.ndjson"


def failure(nightly: Nightly, **config: Any) -> BaseException | None:
    """What the user is told when the night fails."""
    with pytest.raises(Exception) as raised:
        nightly(**config)
    return find_warehouse_error(raised.value)


def test_a_night_whose_dashboard_cannot_be_drawn_is_published(
    settings: Settings, nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAIGN_DASHBOARD", "1")
    error = failure(nightly)
    assert isinstance(error, DashboardError)
    assert "The night is published, but its dashboard could not be drawn" in str(error)
    assert [run["is_published"] for run in runs(settings)] == [True]
    assert (settings.published / "current.duckdb").exists()


def test_a_failing_model_keeps_the_last_good_night(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    dbt.statuses = {"stg_events": "error", "sessions": "skipped", "sessions_key": "skipped"}
    dbt.messages = {"stg_events": "Conversion Error: not a number"}
    error = failure(nightly)
    assert isinstance(error, AuditFailedError)
    assert "stg_events" in str(error)
    assert not settings.published.exists()


def test_a_failing_trust_mart_is_not_published(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    dbt.statuses = {"warehouse_runs": "error"}
    assert isinstance(failure(nightly), AuditFailedError)
    assert not settings.published.exists()
    assert [run["is_published"] for run in runs(settings)] == [False]


def test_nothing_is_built_where_the_load_has_nothing(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def load(*_: Any, **__: Any) -> None:
        tries.append(1)
        raise NothingToLoadError("The landing folder is empty.")

    monkeypatch.setattr("orchestration.assets.raw.load_landing", load)
    assert isinstance(failure(nightly), NothingToLoadError)
    assert len(tries) == 1, "what a user has to mend is not tried again"
    assert dbt.commands == []


def test_a_load_that_stumbles_is_tried_again(
    nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    import orchestration.assets.raw as raw

    load, tries = raw.load_landing, []

    def stumbling(*arguments: Any, **options: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise TimeoutError("the network drive did not answer")
        return load(*arguments, **options)

    monkeypatch.setattr("orchestration.assets.raw.RETRIES", dg.RetryPolicy(max_retries=2))
    monkeypatch.setattr("orchestration.assets.raw.load_landing", stumbling)
    assert nightly().success
    assert len(tries) == 2


def test_a_second_run_is_refused_and_leaves_no_line(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    with only_writer(settings.warehouse):
        assert isinstance(failure(nightly), AnotherRunError)
    assert dbt.commands == []
    assert runs(settings) == []


def test_a_run_that_was_killed_is_noted_as_failed_by_the_next(nightly: Nightly) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = dg.GraphDefinition(name="killed").to_job()
        killed = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        result = nightly(instance=instance)
        statuses = {run.run_id: run.status for run in instance.get_runs()}
    assert statuses == {
        killed.run_id: dg.DagsterRunStatus.FAILURE,
        result.run_id: dg.DagsterRunStatus.SUCCESS,
    }


def test_old_runs_are_forgotten(nightly: Nightly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.instance.KEPT_RUNS", 2)
    with dg.DagsterInstance.ephemeral() as instance:
        nights = [nightly(instance=instance).run_id for _ in range(3)]
        assert list(instance.get_run_ids()) == nights[:0:-1]


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What arrives at the webhook that CAMPAIGN_ALERT_URL names."""
    arrived: list[dict[str, Any]] = []

    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            arrived.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("CAMPAIGN_ALERT_URL", f"http://127.0.0.1:{server.server_port}/")
        yield arrived
        server.shutdown()


def test_a_failing_night_is_posted_to_the_webhook_once(
    dbt: FakeDbt, nightly: Nightly, posts: list[dict[str, Any]]
) -> None:
    nightly()
    assert posts == []
    dbt.statuses = {"sessions_key": "fail"}
    result = nightly(raise_on_error=False)
    (post,) = posts
    assert post["run_id"] == result.run_id
    assert "build failed. The audit failed in sessions_key" in post["text"]


def test_the_main_command_posts_what_it_tells(
    settings: Settings, posts: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.from_environment()
    assert tell(StorageError("The disk is full: make room."), settings, "run-1") == 5
    assert tell(AnotherRunError("Another run: wait."), settings, "run-2") == 4
    assert [(post["run_id"], post["text"]) for post in posts] == [
        ("run-1", "Campaign warehouse: The disk is full: make room.")
    ]
    assert capsys.readouterr().err.count("\n") == 2


def test_a_webhook_that_is_gone_is_told_and_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPAIGN_ALERT_URL", "http://127.0.0.1:9/")
    settings = Settings.from_environment()
    assert tell(AuditFailedError("The audit failed."), settings, "run-1") == 1
    assert "check CAMPAIGN_ALERT_URL" in capsys.readouterr().err


def test_a_damaged_build_is_made_again(settings: Settings, dbt: FakeDbt, nightly: Nightly) -> None:
    settings.warehouse.mkdir()
    settings.build_file.write_bytes(b"no database" * 1000)
    assert nightly().success


def test_a_build_that_another_program_reads_is_left_alone(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    nightly()
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.build_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        error = failure(nightly)
        reader.kill()
    assert isinstance(error, AnotherRunError)
    assert "build.duckdb" in str(error)
    assert settings.build_file.exists()


def test_damage_that_shows_while_building_is_built_again_once(
    settings: Settings, dbt: FakeDbt, nightly: Nightly
) -> None:
    dbt.statuses = {"sessions": "error"}
    dbt.messages = {"sessions": "IO Error: Corrupt database file: checksum does not match"}
    build = dbt.on_command

    def mend(arguments: Sequence[str]) -> None:
        if len(dbt.commands) == 2:
            assert not settings.build_file.exists()
            dbt.statuses = {}
        build(arguments)

    dbt.on_command = mend
    assert nightly().success
    assert len(dbt.commands) == 3


@pytest.mark.parametrize("damaged", [b'{"run_id": "\xff', b"\0\0\0", b"not JSON"])
def test_a_damaged_note_of_runs_is_named(
    settings: Settings, nightly: Nightly, damaged: bytes
) -> None:
    nightly()
    notes = settings.state / "runs.ndjson"
    whole = notes.read_bytes()
    notes.write_bytes(whole + damaged + b"\n")
    error = failure(nightly)
    assert isinstance(error, StorageError)
    assert f"Line 2 of {notes} is damaged" in str(error)
    assert notes.read_bytes() == whole + damaged + b"\n"
    notes.write_bytes(whole)
    assert nightly().success


@pytest.fixture
def damaged_raw_file(settings: Settings, nightly: Nightly) -> str:
    """After a good night: the name of a raw file that isn't as an earlier load wrote it."""
    nightly()
    name = "raw/events/000001-00001-0123456789ab.parquet"
    (settings.warehouse / name).parent.mkdir()
    (settings.warehouse / name).write_bytes(b"damaged")
    line = {"load_id": 1, "run_id": "earlier", "file": "events/b.csv", "raw_file": name}
    with settings.ledger.open("a") as ledger:
        ledger.write(json.dumps(line | {"raw_sha256": "0" * 64, "status": "failed"}) + "\n")
    return name


def test_nothing_is_built_anew_from_a_damaged_raw_file(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, damaged_raw_file: str
) -> None:
    settings.build_file.unlink()
    dbt.commands.clear()
    error = failure(nightly)
    assert isinstance(error, StorageError)
    assert damaged_raw_file in str(error)
    assert dbt.commands == []


@pytest.mark.parametrize("message", ["dictionary offset out of range", "Parquet file is corrupted"])
def test_a_model_that_fails_on_a_damaged_raw_file_has_it_named(
    dbt: FakeDbt, nightly: Nightly, damaged_raw_file: str, message: str
) -> None:
    dbt.statuses = {"stg_events": "error"}
    dbt.messages = {"stg_events": message}
    error = failure(nightly)
    assert isinstance(error, StorageError)
    assert damaged_raw_file in str(error)


@pytest.fixture
def went_on(settings: Settings, dbt: FakeDbt, nightly: Nightly) -> list[bool]:
    """After a first night: of each build, whether it went on from the one before."""
    nightly()
    existed: list[bool] = []
    build = dbt.on_command

    def watch(arguments: Sequence[str]) -> None:
        if "--select" not in arguments:
            existed.append(settings.build_file.exists())
        build(arguments)

    dbt.on_command = watch
    return existed


def test_a_full_refresh_builds_from_nothing(nightly: Nightly, went_on: list[bool]) -> None:
    nightly()
    nightly(full_refresh=True)
    assert went_on == [True, False]


def test_changed_rules_build_from_nothing(
    dbt: FakeDbt, nightly: Nightly, went_on: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    dbt.present_rules = "other rules"
    nightly()
    assert "a rule, a reference seed or a variable has changed" in capsys.readouterr().out
    nightly()
    assert went_on == [False, True]


def test_a_build_that_never_went_through_builds_from_nothing(
    settings: Settings, nightly: Nightly, went_on: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(settings.build_file)) as connection:
        connection.execute("delete from changes.builds")
    nightly()
    assert "the last build did not go through" in capsys.readouterr().out
    with duckdb.connect(str(settings.build_file)) as connection:
        connection.execute("drop schema changes cascade")
    nightly()
    assert went_on == [False, False]


@pytest.fixture
def told(settings: Settings, dbt: FakeDbt, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Contacts that each command finds to be erased, by the ids that the raw layer then has."""
    contacts: set[str] = set()
    command = dbt.on_command

    def build(arguments: Sequence[str]) -> None:
        command(arguments)
        forgotten = Register.read(settings.warehouse).contacts
        ids = [f"erased-{contact}" if f"erased-{contact}" in forgotten else contact
               for contact in sorted(contacts)]  # fmt: skip
        with duckdb.connect(str(settings.build_file)) as connection:
            connection.execute("create schema if not exists identity")
            for column, model in (
                ("contact_id", "int_erased_contact_ids"),
                ("visitor_id", "int_erased_visitors"),
            ):
                connection.execute(f"create or replace table identity.{model} ({column} varchar)")
            for found in ids:
                connection.execute(
                    "insert into identity.int_erased_contact_ids values (?)", [found]
                )

    def forget(warehouse: Path, contacts: set[str], visitors: set[str], **_: Any) -> None:
        register = Register.read(warehouse)
        register.contacts |= {f"erased-{contact}" for contact in contacts}
        register.is_rebuild_due = register.is_outdated = True
        register.write(warehouse)

    dbt.on_command = build
    monkeypatch.setattr("orchestration.erasure.forget_people", forget)
    return contacts


def request(settings: Settings, contact: str) -> None:
    folder = settings.warehouse / "raw" / "contact_erasures"
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"select '{contact}' as contact_id").write_parquet(
        str(folder / f"{contact}.parquet")
    )


@pytest.mark.parametrize("found", [{"c1"}, set()])
def test_who_asks_to_be_forgotten_is_found_first_and_the_build_made_anew(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, told: set[str], found: set[str]
) -> None:
    nightly()
    request(settings, "c1")
    told |= found
    dbt.commands.clear()
    existed: list[bool] = []
    build = dbt.on_command

    def watch(arguments: Sequence[str]) -> None:
        existed.append(settings.build_file.exists())
        build(arguments)

    dbt.on_command = watch
    assert nightly().success
    assert [arguments[0] for arguments in dbt.commands] == ["run", "build", "build"]
    assert existed == [False, False, True]
    register = Register.read(settings.warehouse)
    assert (register.contacts, register.is_rebuild_due, register.is_outdated) == (
        {f"erased-{contact}" for contact in found}, False, False,
    )  # fmt: skip
    assert len(list(settings.published.glob("warehouse-*.duckdb"))) == 2 - len(found)


def test_who_is_merged_into_a_forgotten_contact_later_is_forgotten_too(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, told: set[str]
) -> None:
    nightly()
    told.add("c2")
    dbt.commands.clear()
    assert nightly().success
    assert [arguments[1] for arguments in dbt.commands] == ["--exclude", "--exclude", "--select"]
    assert Register.read(settings.warehouse).contacts == {"erased-c2"}
    assert len(list(settings.published.glob("warehouse-*.duckdb"))) == 1


def test_people_are_forgotten_though_the_audit_fails_and_the_next_build_is_anew(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, told: set[str], went_on: list[bool]
) -> None:
    told.add("c2")
    dbt.statuses = {"sessions_key": "fail"}
    failure(nightly)
    register = Register.read(settings.warehouse)
    assert (register.contacts, register.is_rebuild_due, register.is_outdated) == (
        {"erased-c2"}, True, True,
    )  # fmt: skip
    dbt.statuses = {}
    went_on.clear()
    assert nightly().success
    assert nightly().success
    assert went_on == [False, True]
    assert not Register.read(settings.warehouse).is_outdated


def test_a_full_disk_is_told_as_such(settings: Settings, dbt: FakeDbt, nightly: Nightly) -> None:
    def full(arguments: Sequence[str]) -> None:
        raise OSError(28, "No space left on device")

    dbt.on_command = full
    assert isinstance(failure(nightly), StorageError)
    assert not settings.published.exists()


TOKEN = "T0KEN5ecret"


@pytest.fixture
def refusing() -> Iterator[str]:
    """A webhook that refuses what is posted, and names the address that was asked."""

    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(403, f"not {self.path}")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("{refusing}hooks/{token}", "could not be posted (HTTP status 403)"),
        ("http://127.0.0.1:9/hooks/{token}", "could not be posted (Connection refused)"),
        ("http://127.0.0.1:9/hooks/a {token}", "could not be posted (InvalidURL)"),
        ("http://127.0.0.1:{token}/", "could not be posted (InvalidURL)"),
        ("hooks.example/{token}", "CAMPAIGN_ALERT_URL is no address"),
    ],
)
def test_the_address_of_a_webhook_that_fails_stands_nowhere(
    settings: Settings,
    dbt: FakeDbt,
    nightly: Nightly,
    refusing: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    told: str,
) -> None:
    monkeypatch.setenv("CAMPAIGN_ALERT_URL", address.format(refusing=refusing, token=TOKEN))
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "")
    prepare_dagster_home(settings)
    dbt.statuses = {"sessions_key": "fail"}
    with dg.DagsterInstance.get() as instance:
        # Dagster's own hook posts where Dagster runs the night, and the main command where it does.
        nightly(instance=instance, raise_on_error=False)
        failed = run_and_tell(nightly, instance)
        events = "\n".join(
            str(entry) for run_id in instance.get_run_ids() for entry in instance.all_logs(run_id)
        )
    printed = capsys.readouterr()
    assert told in events
    assert told in printed.err
    for text in (events, failed, printed.out, printed.err):
        assert TOKEN not in text
    files = [path for path in settings.warehouse.rglob("*") if path.is_file()]
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def run_and_tell(nightly: Nightly, instance: dg.DagsterInstance) -> str:
    """Run a night that fails, tell it as the main command does; gives its traceback."""
    try:
        nightly(instance=instance)
    except Exception as error:
        try:
            settings = Settings.from_environment()
        except UsageError:
            settings = None
        tell(error, settings, "the-run")
        return "".join(traceback.format_exception(error))
    raise AssertionError("the night did not fail")


def note_load(settings: Settings, run_id: str, rows_of: dict[str, int]) -> None:
    """Write a load into the ledger: a file for each table, with so many rows."""
    settings.ledger.parent.mkdir(parents=True, exist_ok=True)
    with settings.ledger.open("a") as ledger:
        for table, rows in rows_of.items():
            line = {
                **{"load_id": 1, "run_id": run_id},
                **{"file": f"{table}/{run_id}.csv", "table_name": table},
                **{"status": "loaded", "loaded_at": now(), "rows_in": rows},
                **{"rows_loaded": rows, "rows_duplicate": 0, "rows_quarantined": 0},
            }
            ledger.write(json.dumps(line) + "\n")


@pytest.fixture
def loads(
    settings: Settings, nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, int]]:
    """The loads to come: how many rows each brings of which table, in place of nightly's own."""
    coming: list[dict[str, int]] = []

    def load(*_: Any, run_id: str, **__: Any) -> None:
        note_load(settings, run_id, coming.pop(0))

    monkeypatch.setattr("orchestration.assets.raw.load_landing", load)
    return coming


@pytest.fixture
def usual(settings: Settings) -> None:
    """Nights that brought 1,000 events and 100 contacts each, as many as say what is usual."""
    for number in range(LOADS_TO_COMPARE):
        note_load(settings, f"usual-{number}", {"events": 1000, "contacts": 100})
        note_published(settings, f"usual-{number}")


def note_published(settings: Settings, run_id: str) -> None:
    """Let a run be one that was published, and not only said so."""
    run = Night(settings, run_id, datetime.now(UTC)).line(is_published=True, issues=0)
    note_run(settings, run)
    settings.published.mkdir(exist_ok=True)
    PublishedFolder(settings.published).database(run.stamp).touch()


def outcomes(
    settings: Settings, nightly: Nightly, loads: list[dict[str, int]], *nights: dict[str, int]
) -> list[str]:
    """Run nights that bring so many rows; of each, `published` or what it is told to end with."""
    loads.extend(nights)
    found = []
    for _ in nights:
        try:
            nightly()
            found.append("published")
        except Exception as error:
            found.append(str(find_warehouse_error(error)))
    assert [run["is_published"] for run in runs(settings)][-len(nights) :] == [
        outcome == "published" for outcome in found
    ]
    return found


@pytest.mark.usefixtures("usual")
def test_a_night_with_far_too_few_rows_stops_before_it_is_built(
    settings: Settings, dbt: FakeDbt, nightly: Nightly, loads: list[dict[str, int]]
) -> None:
    assert outcomes(settings, nightly, loads, {"events": 1100}) == ["published"]
    linked = (settings.published / "current.duckdb").readlink()
    dbt.commands.clear()
    (told,) = outcomes(settings, nightly, loads, {"events": 109})
    assert told.startswith("Only 109 rows came in since the last published night; usual are 1,100:")
    assert "CAMPAIGN_ALLOW_LOW_VOLUME=1" in told
    assert dbt.commands == []
    assert (settings.published / "current.duckdb").readlink() == linked


@pytest.mark.usefixtures("usual")
@pytest.mark.parametrize(
    ("nights", "published"),
    [
        # A tenth is enough, and so is a night that brings nothing.
        ([{"events": 100, "contacts": 10}, {}], [True, True]),
        # What was stopped counts in the next night, which passes once enough has come.
        ([{"events": 60}, {"events": 50}, {}], [False, True, True]),
        # Running again alone doesn't let it pass.
        ([{"events": 60}, {}, {}], [False, False, False]),
        # An event stream that broke off shows among many rows of other tables.
        ([{"events": 90, "contacts": 5000}], [False]),
        # Tables other than events are judged in all only.
        ([{"events": 1000, "contacts": 1}, {"contacts": 200}], [True, True]),
        ([{"contacts": 100}], [False]),
        # A source that brings less from now on is the usual one in the end.
        ([{"events": 1}] * 7, [False] * 6 + [True]),
    ],
)
def test_rows_are_judged_together_with_those_of_nights_that_were_stopped(
    settings: Settings,
    nightly: Nightly,
    loads: list[dict[str, int]],
    nights: list[dict[str, int]],
    published: list[bool],
) -> None:
    found = outcomes(settings, nightly, loads, *nights)
    assert [outcome == "published" for outcome in found] == published


@pytest.mark.usefixtures("usual")
def test_too_few_rows_are_published_where_that_is_allowed(
    settings: Settings,
    nightly: Nightly,
    loads: list[dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert outcomes(settings, nightly, loads, {"events": 5}) != ["published"]
    monkeypatch.setenv("CAMPAIGN_ALLOW_LOW_VOLUME", "1")
    assert outcomes(settings, nightly, loads, {}) == ["published"]
    monkeypatch.delenv("CAMPAIGN_ALLOW_LOW_VOLUME")
    assert outcomes(settings, nightly, loads, {}, {"events": 1000}) == ["published"] * 2


def test_too_few_loads_say_nothing_about_what_is_usual(
    settings: Settings, nightly: Nightly, loads: list[dict[str, int]]
) -> None:
    for number in range(LOADS_TO_COMPARE - 1):
        note_load(settings, f"earlier-{number}", {"events": 1000})
    note_published(settings, f"earlier-{number}")
    assert outcomes(settings, nightly, loads, {"events": 1}) == ["published"]
