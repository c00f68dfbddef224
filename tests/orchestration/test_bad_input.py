"""What a user may bring by mistake: told in words that say what to do, and nothing is lost."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PROJECT, run_command

SAMPLE = PROJECT / "seeds" / "sample"

NOBODY = 65534


def run_warehouse(landing: Path, warehouse: Path) -> subprocess.CompletedProcess:
    return run_command(
        "orchestration.run", CAMPAIGN_LANDING=str(landing), CAMPAIGN_WAREHOUSE=str(warehouse)
    )


def small_landing(folder: Path) -> Path:
    (folder / "events").mkdir(parents=True)
    (folder / "events" / "good.csv").write_text(
        "event_id,event_type,occurred_at,visitor_id,url\n"
        "e1,page_viewed,2025-05-01T09:00:00Z,v1,https://shop.example/?utm_campaign=spring\n"
        "e2,page_viewed,the first of May,v1,https://shop.example/\n",
        encoding="utf-8",
    )
    return folder


def test_bad_files_and_rows_are_reported_and_the_rest_is_published(tmp_path: Path) -> None:
    landing = small_landing(tmp_path / "landing")
    whole = (SAMPLE / "events" / "2025-06.parquet").read_bytes()
    (landing / "events" / "truncated.parquet").write_bytes(whole[: len(whole) // 2])
    (landing / "contacts").mkdir()
    (landing / "contacts" / "no-date.csv").write_text("contact_id\nc1\n", encoding="utf-8")
    (landing / "holidays").mkdir()
    (landing / "holidays" / "2025.csv").write_text("day\n2025-12-25\n", encoding="utf-8")

    done = run_warehouse(landing, tmp_path / "warehouse")
    assert done.returncode == 0, done.stderr
    for told in ("events/truncated.parquet", "contacts/no-date.csv", "created_at", "holidays"):
        assert told in done.stdout

    published = tmp_path / "warehouse" / "published" / "current.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        audit = connection.execute(
            "select file, status, rows_in, rows_loaded, rows_quarantined, message is not null"
            " from marts.load_audit order by file"
        ).fetchall()
        quarantine = connection.execute(
            "select file, row_number, column_name, reason from marts.quarantine"
        ).fetchall()
        sessions = connection.execute("select count(*) from marts.sessions").fetchone()
    assert audit == [
        ("contacts/no-date.csv", "failed", 0, 0, 0, True),
        ("events/good.csv", "loaded", 2, 1, 1, audit[1][5]),
        ("events/truncated.parquet", "failed", 0, 0, 0, True),
        ("holidays/2025.csv", "unknown_table", 0, 0, 0, True),
    ]
    ((file, row_number, column, reason),) = quarantine
    assert (file, row_number, column) == ("events/good.csv", 2, "occurred_at")
    assert "ISO 8601" in reason
    assert sessions == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user to be refused")
def test_a_landing_folder_that_is_not_readable_is_wrong_use(tmp_path: Path) -> None:
    landing = small_landing(tmp_path / "landing")
    landing.chmod(0o700)
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir()
    os.chown(warehouse, NOBODY, NOBODY)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(folder.stat().st_mode | 0o001)
    # The other user may not be able to run this interpreter, but can be what this process becomes.
    code = (
        "import os, sys; from orchestration.run import main;"
        f"os.setgid({NOBODY}); os.setuid({NOBODY});"
        f"sys.exit(main(['--landing', {str(landing)!r}, '--warehouse', {str(warehouse)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | {"HOME": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 2, done.stderr
    assert str(landing) in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB that can grow."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can't be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount command")
def test_a_full_disk_ends_with_5_and_the_next_run_loses_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    landing = small_landing(tmp_path / "landing")
    shutil.copytree(SAMPLE / "assets", landing / "assets")
    done = run_warehouse(landing, small_disk / "warehouse")
    assert done.returncode == 5, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not (small_disk / "warehouse" / "published" / "current.duckdb").exists()

    subprocess.run(["mount", "-o", "remount,size=500m", str(small_disk)], check=True)
    done = run_warehouse(landing, small_disk / "warehouse")
    assert done.returncode == 0, done.stdout + done.stderr
    published = small_disk / "warehouse" / "published" / "current.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        loaded = connection.execute(
            "select table_name, rows_in from marts.load_audit where rows_in > 0 order by 1"
        ).fetchall()
    assert loaded == [("assets", 199), ("events", 2)]
