"""The main command: its exit statuses, and the one line that says what to do."""

import subprocess
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlalchemy

from orchestration.failures import is_dagster_damaged
from orchestration.lock import only_writer
from orchestration.report import loaded_lines, table
from orchestration.run import parse_arguments
from orchestration.settings import VARIABLES
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


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_damage_to_what_dagster_stores_is_known_by_its_words(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "runs.db"
    path.write_bytes(content)
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with pytest.raises(sqlalchemy.exc.DatabaseError) as raised, engine.connect() as connection:
        connection.execute(sqlalchemy.text("select * from runs"))
    assert is_dagster_damaged(raised.value)
    assert not is_dagster_damaged(sqlalchemy.exc.DatabaseError("select", {}, Exception("locked")))


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
