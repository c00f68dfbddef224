"""The main command: its exit statuses, and the one line that says what to do."""

import errno
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy
from dagster import Definitions

from orchestration.errors import StorageError
from orchestration.failures import find_dagster_error
from orchestration.lock import only_writer
from orchestration.report import loaded_lines, table
from orchestration.run import parse_arguments, run_nightly
from orchestration.settings import VARIABLES, Settings
from orchestration.state import read_lines
from tests.conftest import PROJECT, run_command


def assert_one_line(done: subprocess.CompletedProcess, status: int, *told: str) -> None:
    assert done.returncode == status, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    for words in told:
        assert words in done.stderr


def test_the_sample_is_published(sample_warehouse: Path) -> None:
    output = (sample_warehouse.parent / "output.txt").read_text(encoding="utf-8")
    for words in ("Loading", "Building", "Audit passed", "Published", "rows in", "new_contacts_"):
        assert words in output
    (run,) = read_lines(sample_warehouse / "state" / "runs.ndjson")
    assert run["is_published"]
    current = sample_warehouse / "published" / "current.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        newest = connection.execute("select run_id, is_published from marts.warehouse_runs")
        assert newest.fetchall() == [(run["run_id"], True)]
        tables = connection.execute(
            "select schema_name, table_name, comment is null from duckdb_tables()"
        ).fetchall()
    assert {schema for schema, _, _ in tables} == {"marts"}
    assert [name for _, name, has_no_comment in tables if has_no_comment] == []


def test_the_run_shows_in_dagster(sample_warehouse: Path) -> None:
    assert (sample_warehouse / "dagster" / "events" / "index.db").exists()
    assert (sample_warehouse / "dagster" / "history" / "runs.db").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CAMPAIGN_LANDING", "no/such/folder", "There is no landing folder"),
        ("CAMPAIGN_VARS", "{session_timeout: 5}", "unknown variable 'session_timeout'"),
        ("CAMPAIGN_KEEP_PUBLISHED", "0", "CAMPAIGN_KEEP_PUBLISHED"),
    ],
)
def test_wrong_use_ends_with_2(tmp_path: Path, name: str, value: str, told: str) -> None:
    environment = {"CAMPAIGN_WAREHOUSE": str(tmp_path / "warehouse"), name: value}
    assert_one_line(run_command("orchestration.run", **environment), 2, told)
    assert not (tmp_path / "warehouse").exists()


def test_another_run_ends_with_4(tmp_path: Path) -> None:
    with only_writer(tmp_path):
        done = run_command("orchestration.run", CAMPAIGN_WAREHOUSE=str(tmp_path))
    assert_one_line(done, 4, "Another run is writing", "run again")


def test_a_folder_that_cannot_be_written_ends_with_5() -> None:
    done = run_command("orchestration.run", CAMPAIGN_WAREHOUSE="/proc/warehouse")
    assert_one_line(done, 5, "/proc/warehouse", "make it writable")


def test_nothing_to_load_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    done = run_command(
        "orchestration.run",
        CAMPAIGN_LANDING=str(tmp_path / "landing"),
        CAMPAIGN_WAREHOUSE=str(tmp_path / "warehouse"),
    )
    assert_one_line(done, 3, "nothing to load")
    assert (tmp_path / "warehouse" / "logs").is_dir()


def test_going_back_without_a_published_warehouse_ends_with_2(tmp_path: Path) -> None:
    done = run_command("orchestration.publish", "--back", CAMPAIGN_WAREHOUSE=str(tmp_path))
    assert_one_line(done, 2, "Nothing is published")


def test_the_help_lists_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    shown = capsys.readouterr().out
    assert all(variable.name in shown for variable in VARIABLES)


def test_ci_runs_the_test_command() -> None:
    assert "make test" in (PROJECT / ".ci" / "run").read_text()
    assert (PROJECT / ".ci" / "run").stat().st_mode & 0o111


def sqlite_error(path: Path) -> BaseException:
    """What reading and writing a file of runs as Dagster does ends with."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with (
        pytest.raises(sqlalchemy.exc.DatabaseError) as raised,
        engine.connect() as connection,
    ):
        connection.execute(sqlalchemy.text("create table runs as select 'a run' as run"))
    return raised.value


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_damage_to_what_dagster_stores_is_told_with_its_folder(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    told = str(find_dagster_error(sqlite_error(path), tmp_path))
    assert told.startswith(f"What Dagster has stored in {tmp_path} is damaged: remove that folder")


def test_a_disk_that_refuses_what_dagster_stores_is_told_with_its_folder(tmp_path: Path) -> None:
    error = sqlite_error(tmp_path / "no folder" / "runs.db")
    assert str(find_dagster_error(error, tmp_path)) == (
        f"The disk refuses what Dagster writes to {tmp_path} (unable to open database file): make "
        "room, or make the warehouse's folder writable, and run again."
    )


def test_what_dagster_prints_of_a_full_disk_leaves_one_line_to_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class FullDisk:
        def execute_in_process(self, **_: Any) -> None:
            print("Exception while writing logger call to event log", file=sys.stderr)
            raise sqlite_error(tmp_path / "no folder" / "runs.db")

    settings = Settings.from_environment({"CAMPAIGN_WAREHOUSE": str(tmp_path)})
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setattr(Definitions, "resolve_job_def", lambda *_: FullDisk())
    with pytest.raises(StorageError, match=f"what Dagster writes to {settings.dagster_home}"):
        run_nightly(settings, "a-run", full_refresh=False)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Exception while writing" in printed.out


def test_what_else_ended_a_run_is_not_taken_for_dagsters_storage(tmp_path: Path) -> None:
    locked = sqlalchemy.exc.DatabaseError("select", {}, sqlite3.OperationalError("locked"))
    locked.__cause__ = sqlite3.OperationalError("database is locked")
    assert find_dagster_error(locked, tmp_path) is None
    full = OSError(errno.ENOSPC, "No space left on device")
    full.__cause__ = sqlite_error(tmp_path / "no folder" / "runs.db")
    assert find_dagster_error(full, tmp_path) is None


def test_the_closing_table_is_aligned() -> None:
    rows = [("Spring sale", 12, Decimal("1234567.50")), ("A" * 40, 3, None)]
    assert list(table(["campaign", "new_contacts", "revenue"], rows)) == [
        "                                      new_",
        "campaign                          contacts       revenue",
        "────────────────────────────────  ────────  ────────────",
        "Spring sale                             12  1,234,567.50",
        "A" * 31 + "…         3",
    ]


def test_the_report_names_the_files_that_failed() -> None:
    zeros = {"rows_in": 0, "rows_loaded": 0, "rows_duplicate": 0, "rows_quarantined": 0}
    counted = {"rows_in": 1200, "rows_loaded": 1100, "rows_duplicate": 60, "rows_quarantined": 40}
    ledger = [
        {"run_id": "a", "file": "old", "status": "failed", "message": "", **zeros},
        {"run_id": "a", "file": "mended", "status": "failed", "message": "", **zeros},
        {"run_id": "b", "file": "mended", "status": "loaded", "message": "", **counted},
        {"run_id": "b", "file": "bad", "status": "failed", "message": "it is truncated", **zeros},
    ]
    assert list(loaded_lines(ledger, "b")) == [
        "2 new files: 1,200 rows in, 1,100 loaded, 60 duplicate, 40 quarantined.",
        "  failed: bad: it is truncated",
        "  1 files failed in earlier runs and are unchanged since (load_audit).",
    ]
