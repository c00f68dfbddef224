"""A load says what it does: little where it is quick, now and then where it takes long."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from orchestration.load import load_landing, loader
from tests.load.folder import ledger_lines, load, raw, write


def lines_of_load(landing: Path, warehouse: Path) -> list[str]:
    lines: list[str] = []
    load_landing(landing, warehouse, run_id="run", progress=lines.append, threads=2)
    return lines


def test_a_quick_load_says_a_line_per_table_and_per_file_with_trouble(
    landing: Path, warehouse: Path
) -> None:
    write(landing / "users" / "a.csv", "user_id,name\nu,n\nu,m\n,x\n")
    write(landing / "users" / "b.csv", "user_id\nv\n")
    write(landing / "users" / "c.csv", "name\nv\n")
    write(landing / "contact_erasures" / "a.csv", "contact_id,requested_at\nc,2024-01-01\n")
    write(landing / "people" / "a.csv", "x")
    assert lines_of_load(landing, warehouse) == [
        "contact_erasures: 1 file, 1 rows",
        "people/a.csv: unknown_table: there is no table people: rename the folder to the table's"
        " name",
        "users/a.csv: 1 of 3 rows in quarantine",
        "users/c.csv: failed: the required column user_id of users is missing: add it",
        "users: 2 files, 4 rows, 1 of them duplicates",
    ]
    assert lines_of_load(landing, warehouse) == []


def test_a_long_load_says_how_far_it_is(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "PROGRESS_SECONDS", 0.001)
    text = "user_id,name\n" + "".join(f"u{number},{'x' * 50}\n" for number in range(300_000))
    write(landing / "users" / "a.csv", text)
    lines = lines_of_load(landing, warehouse)
    assert any("rows so far (file 1 of 1)" in line for line in lines)
    assert any("looking for duplicates" in line for line in lines)


def test_progress_is_told_on_the_thread_that_asked(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "PROGRESS_SECONDS", 0.001)
    write(landing / "users" / "a.csv", "user_id\n" + "".join(f"u{n}\n" for n in range(100_000)))
    threads = set()
    load_landing(
        landing,
        warehouse,
        run_id="run",
        progress=lambda line: threads.add(threading.get_ident()),
    )
    assert threads == {threading.get_ident()}


def test_a_load_that_is_interrupted_stops_and_commits_nothing_by_halves(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(landing / "users" / "a.csv", "user_id\nu\n")
    load(landing, warehouse)
    text = "user_id,name\n" + "".join(f"u{number},{'x' * 50}\n" for number in range(300_000))
    write(landing / "users" / "b.csv", text)

    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loader, "PROGRESS_SECONDS", 0.001)
        load_landing(landing, warehouse, run_id="run", progress=interrupt, threads=2)
    assert len(ledger_lines(warehouse)) == 1
    assert len(raw(warehouse, "users")) == 1
    assert not (warehouse / "raw" / ".work").exists()
    assert load(landing, warehouse).total.rows_in == 300_000


def test_the_report_sums_up_by_table(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", "user_id,name\nu,n\nu,m\n,x\n")
    write(landing / "users" / "b.csv", "user_id\nv\n")
    write(landing / "people" / "a.csv", "x")
    report = load(landing, warehouse)
    users = report.tables["users"]
    assert (users.files, users.rows_in, users.rows_loaded) == (2, 4, 2)
    assert (users.rows_duplicate, users.rows_quarantined) == (1, 1)
    assert report.tables["people"].files == 1
    assert (report.total.files, report.total.rows_in) == (3, 4)
    assert (report.load_id, report.run_id, report.nothing_ever_loaded) == (1, "run", False)
