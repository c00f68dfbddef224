"""A night that is killed, wherever it is, and run again gives what an undisturbed night gives."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PROJECT, run_command
from tests.nights.compare import differences

SAMPLE = PROJECT / "seeds" / "sample"

# They come with the second night: late events, corrections, merges and stage entries among them.
SECOND = {
    *("events/2025-02.csv", "events/2025-06.parquet", "contacts/crm-2.csv"),
    *("contact_merges/contact-merges.csv", "deal_stage_history/deal-stage-history.csv"),
}

# What tells of runs: instants, and what the last `make test` left (it may end in between).
OF_RUNS = {
    "load_audit": "loaded_at",
    "data_quality_issues": "first_seen_at",
    "metric_rules": "unit_test_status",
}


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after a first night, with the second night's files in its landing folder."""
    folder = tmp_path_factory.mktemp("killed")
    landing = folder / "landing"
    shutil.copytree(SAMPLE, landing)
    for name in SECOND:
        (landing / name).rename(folder / Path(name).name)
    assert night(folder).returncode == 0
    for name in SECOND:
        (folder / Path(name).name).rename(landing / name)
    return folder


@pytest.fixture(scope="module")
def undisturbed(first_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published marts after an undisturbed second night."""
    folder = copy_of(first_night, tmp_path_factory.mktemp("undisturbed"))
    assert night(folder).returncode == 0
    return folder / "warehouse" / "published" / "current.duckdb"


def copy_of(folder: Path, new: Path) -> Path:
    shutil.copytree(folder, new, symlinks=True, dirs_exist_ok=True)
    return new


def settings(folder: Path) -> dict[str, str]:
    return {
        "CAMPAIGN_LANDING": str(folder / "landing"),
        "CAMPAIGN_WAREHOUSE": str(folder / "warehouse"),
    }


def night(folder: Path) -> subprocess.CompletedProcess:
    return run_command("orchestration.run", **settings(folder))


def kill_night(folder: Path, moment: str) -> None:
    """Run a night, and kill it once it prints a line with this in it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.run"],
        cwd=PROJECT,
        env=os.environ | settings(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if moment in line:
            process.kill()
            break
    assert process.wait(60) == -signal.SIGKILL, "".join(printed)


@pytest.mark.parametrize(
    "moment", ["]   contacts:", "]   staging:", "]   touches:", "Audit passed", "Published"]
)
def test_a_killed_night_run_again_gives_what_an_undisturbed_one_gives(
    first_night: Path, undisturbed: Path, tmp_path: Path, moment: str
) -> None:
    folder = copy_of(first_night, tmp_path / "killed")
    kill_night(folder, moment)
    again = night(folder)
    assert again.returncode == 0, again.stderr
    assert "built from the raw layer" not in again.stdout
    published = folder / "warehouse" / "published" / "current.duckdb"
    except_for = ["marts.warehouse_runs", *(f"marts.{name}" for name in OF_RUNS)]
    assert not differences(published, undisturbed, except_for=except_for)
    for name, column in OF_RUNS.items():
        assert rows_without(published, name, column) == rows_without(undisturbed, name, column)


def rows_without(database: Path, name: str, column: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"select * exclude ({column}) from marts.{name} order by all"
        ).fetchall()
