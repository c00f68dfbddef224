"""The judge of what a fault left sees what is lost, and half, and left over."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration.publish.files import PublishedFolder
from tests.faults.faults import remove, truncate
from tests.faults.place import Ended
from tests.faults.verdict import Verdicts

GOOD = Ended(0, "", "", 1.0)


@pytest.fixture
def warehouse(tmp_path: Path, sample_warehouse: Path) -> Path:
    """A copy of what a good night published and loaded."""
    for name in ("published", "raw", "quarantine", "state"):
        shutil.copytree(sample_warehouse / name, tmp_path / name, symlinks=True)
    return tmp_path


@pytest.fixture
def verdicts(warehouse: Path, sample_warehouse: Path) -> Verdicts:
    published = PublishedFolder(warehouse / "published")
    place = SimpleNamespace(warehouse=warehouse, published=published, current=published.current)
    return Verdicts(place, sample_warehouse, sample_warehouse)  # type: ignore[arg-type]


def test_a_good_night_has_no_problems(verdicts: Verdicts) -> None:
    assert verdicts.for_readers() == []
    assert verdicts.in_the_end(GOOD) == []


def lose_a_session(database: Path) -> None:
    database.resolve().chmod(0o644)
    with duckdb.connect(str(database.resolve())) as connection:
        connection.execute(
            "delete from marts.sessions where session_id in "
            "(select min(session_id) from marts.sessions)"
        )


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("published/current.duckdb", remove, "nothing is published any more"),
        ("published/warehouse-*.duckdb", truncate, "the published warehouse can't be read"),
        ("published/current.duckdb", lose_a_session, "marts.sessions: 0 rows only after"),
        ("published/parquet/sessions.parquet", remove, "are not those of its database"),
    ],
)
def test_readers_see_the_change(
    verdicts: Verdicts, warehouse: Path, name: str, change: Callable[[Path], None], told: str
) -> None:
    (path,) = warehouse.glob(name)
    change(path)
    assert told in "\n".join(verdicts.for_readers())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("raw/deals/0*-00*.parquet", "raw/deals: 0 rows too many"),
        ("quarantine/000001-*.parquet", "quarantine: 0 rows too many"),
    ],
)
def test_lost_rows_of_the_raw_layer_are_seen(
    verdicts: Verdicts, warehouse: Path, name: str, told: str
) -> None:
    max(warehouse.glob(name), key=lambda path: path.stat().st_size).unlink()
    assert told in "\n".join(verdicts.in_the_end(GOOD))


@pytest.mark.parametrize(
    "name", ["published/.unfinished-x.duckdb", "raw/events/000009-00001-x.parquet", "raw/.work"]
)
def test_what_is_left_over_is_seen(verdicts: Verdicts, warehouse: Path, name: str) -> None:
    (warehouse / name).mkdir()
    assert f"{name} is left over" in verdicts.in_the_end(GOOD)


def test_a_night_that_failed_is_seen(verdicts: Verdicts) -> None:
    assert verdicts.in_the_end(Ended(1, "", "It failed.\n", 1.0)) == [
        "the night ended with 1: It failed."
    ]
