"""What is measured of both engines, and how it is told."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.engines import ROOMS, table
from benchmarks.measure import Measured, Stopwatch
from benchmarks.steps.engines import count_shuffles, resident_peak, skew


def model(name: str, room: str, wall: float, **figures: float) -> dict[str, Any]:
    return {"name": name, "room": room, "wall": wall, "shuffled": 0, "spilled": 0, **figures}


def test_seconds_are_summed_by_room_and_bytes_are_of_spark_on_all_cores() -> None:
    builds = {
        "duckdb, 1 core": Measured(
            wall=3.0,
            memory=2_000_000_000,
            detail={
                "models": [model("a", "staging", 1.0), model("b", "staging", 1.5)],
                "memory": 0,
            },
        ),
        "spark, 1 core": Measured(
            memory=400_000_000,
            detail={
                "models": [model("a", "staging", 9.0, shuffled=9_000_000)],
                "memory": 3_500_000_000,
            },
        ),
        "spark, 2 cores": Measured(
            wall=7.5,
            detail={
                "models": [
                    model("a", "staging", 2.0, shuffled=1_500_000, spilled=250_000),
                    model("b", "staging", 4.0, shuffled=500_000),
                    model("c", "marts", 1.0),
                ],
                "memory": 0,
            },
        ),
    }
    lines = table(builds).splitlines()
    assert lines[0].startswith("| room | duckdb, 1 core | spark, 1 core | spark, 2 cores |")
    assert "| staging | 2.5 | 9.0 | 6.0 | 2.0 | 0.2 |" in lines
    assert "| marts | 0.0 | 0.0 | 1.0 | 0.0 | 0.0 |" in lines
    assert "| **whole build** | 3.0 | 0.0 | 7.5 | | |" in lines
    assert "| peak of memory, GB | 2.00 | 3.50 | 0.00 | | |" in lines
    assert lines[-3:] == ["b: 4.0 s", "a: 2.0 s", "c: 1.0 s"]


def test_every_room_has_a_line() -> None:
    folders = {path.name for path in Path("models").iterdir() if path.is_dir()}
    assert folders | {"reference"} == set(ROOMS)


@pytest.mark.parametrize("column", ["visitor_id", "asset_id"])
def test_a_tenth_of_the_events_is_of_one_key(tmp_path: Path, column: str) -> None:
    raw = tmp_path / "raw" / "events"
    raw.mkdir(parents=True)
    rows = (
        "select 'e' || range as event_id, 'k' || range % 1000 as visitor_id,"
        " if(range % 2 = 0, 'k' || range % 1000, null) as asset_id from range({}, {})"
    )
    for first, last in ((0, 5_000), (5_000, 10_001)):
        duckdb.sql(f"copy ({rows.format(first, last)}) to '{raw}/{first}.parquet'")
    skew(Stopwatch(), str(tmp_path), column)
    (total, without, most), *_ = duckdb.sql(
        f"select count(*), count(*) - count({column}), (select max(number) from"
        f" (select count(*) as number from '{raw}/*.parquet' where {column} is not null"
        f" group by {column})) from '{raw}/*.parquet'"
    ).fetchall()
    assert total == 10_001
    assert without == (0 if column == "visitor_id" else 5_000)
    assert (total - without) * 0.08 < most < (total - without) * 0.12


def test_what_a_task_moved_is_of_the_model_that_was_under_way(tmp_path: Path) -> None:
    def task(ended: float, shuffled: int) -> str:
        event = {
            "Event": "SparkListenerTaskEnd",
            "Task Info": {"Finish Time": ended * 1000},
            "Task Metrics": {
                "Shuffle Write Metrics": {"Shuffle Bytes Written": shuffled},
                "Disk Bytes Spilled": 7,
            },
        }
        return json.dumps(event, separators=(",", ":"))

    other = '{"Event":"SparkListenerJobStart"}'
    lines = [other, task(10.5, 100), task(11.0, 20), task(13.0, 3)]
    (tmp_path / "local-1").write_text("\n".join(lines) + "\n", encoding="utf-8")
    models = [
        model("first", "staging", 1.0, began=10.0, ended=11.5),
        model("second", "staging", 1.0, began=12.0, ended=13.5),
    ]
    count_shuffles(models, tmp_path)
    assert [(m["shuffled"], m["spilled"]) for m in models] == [(120, 14), (3, 7)]


def test_the_peak_of_memory_is_told_in_bytes() -> None:
    assert resident_peak("Name:\tjava\nVmPeak:\t 9000 kB\nVmHWM:\t 5000 kB\n") == 5_120_000
