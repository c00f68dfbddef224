"""When the sensor asks for a run."""

import json
import os
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.new_files import SETTLED_AFTER_SECONDS, new_files_sensor

HOUR = 3600.0


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMPAIGN_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path / "warehouse"))
    (tmp_path / "landing" / "events").mkdir(parents=True)
    (tmp_path / "warehouse" / "raw").mkdir(parents=True)
    return tmp_path / "landing"


def put(landing: Path, name: str, text: str = "x", age: float = HOUR) -> None:
    (landing / name).write_text(text)
    then = time.time() - age
    os.utime(landing / name, (then, then))


def note_seen(landing: Path, name: str, size: int = 1, status: str = "loaded") -> None:
    """What the load writes into the ledger about a file."""
    line = {"file": name, "bytes": size, "status": status, "loaded_at": "2999-01-01T00:00:00Z"}
    with (landing.parent / "warehouse" / "raw" / "ledger.ndjson").open("a") as ledger:
        ledger.write(json.dumps(line) + "\n")


def look(cursor: str | None = None) -> tuple[bool, str | None]:
    """Whether the sensor asks for a run, and the cursor that it leaves."""
    with dg.build_sensor_context(cursor=cursor) as context:
        answer = new_files_sensor(context)
        return isinstance(answer, dg.RunRequest), context.cursor


def test_an_empty_landing_folder_asks_for_nothing(landing: Path) -> None:
    assert look() == (False, None)


def test_a_new_file_asks_for_a_run_once(landing: Path) -> None:
    put(landing, "events/a.csv")
    asked, cursor = look()
    assert asked
    assert look(cursor) == (False, cursor)


def test_a_file_that_the_ledger_knows_asks_for_nothing(landing: Path) -> None:
    put(landing, "events/a.csv")
    note_seen(landing, "events/a.csv", status="failed")
    assert look() == (False, None)


def test_a_file_that_fails_again_and_again_does_not_keep_asking(landing: Path) -> None:
    put(landing, "events/a.csv")
    _, cursor = look()
    for _ in range(3):
        assert look(cursor) == (False, cursor)
    put(landing, "events/b.csv")
    asked, cursor = look(cursor)
    assert asked
    assert look(cursor) == (False, cursor)


def test_a_changed_file_asks_again(landing: Path) -> None:
    put(landing, "events/a.csv")
    note_seen(landing, "events/a.csv")
    put(landing, "events/a.csv", text="longer")
    assert look()[0]


def test_a_file_that_is_still_written_is_waited_for(landing: Path) -> None:
    put(landing, "events/a.csv")
    put(landing, "events/b.csv", age=SETTLED_AFTER_SECONDS / 2)
    assert look() == (False, None)
    put(landing, "events/b.csv", age=SETTLED_AFTER_SECONDS * 2)
    assert look()[0]
