"""The models on either engine, from the same raw layer, with what Spark moves between tasks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner

from benchmarks.measure import Stopwatch
from benchmarks.steps.warehouse import NO_TESTS, BuildFailedError, settings_of
from orchestration.load import load_landing
from orchestration.load.sql import literal
from orchestration.transform.dbt import Dbt
from orchestration.transform.engine import engine_of
from orchestration.transform.progress import group_of

_SELECTED = ("--exclude", "tag:after_audit", *NO_TESTS)

# One event in so many is the skewed visitor's, or of the skewed asset.
_SHARE = 10


def load(watch: Stopwatch, landing: str, warehouse: str, memory_limit: str) -> dict[str, Any]:
    """Load a landing folder into a new warehouse."""
    with watch.running():
        report = load_landing(
            Path(landing),
            Path(warehouse),
            run_id="engines",
            progress=lambda line: None,
            memory_limit=memory_limit,
        )
    state = Path(warehouse) / "state"
    state.mkdir()
    for name in ("test_results", "unit_tests", "runs"):
        (state / f"{name}.ndjson").touch()
    return {"rows": report.load_id}


def skew(watch: Stopwatch, warehouse: str, column: str) -> dict[str, Any]:
    """Let every tenth raw event have one visitor, or one asset, whichever has most already."""
    files = f"{warehouse}/raw/events/*.parquet"
    with watch.running(), duckdb.connect() as connection:
        row = connection.execute(
            f"select {column}, count(*) from read_parquet({literal(files)}, union_by_name = true) "
            f"where {column} is not null group by all order by all desc limit 1"
        ).fetchone()
        assert row is not None
        for file in sorted(Path(warehouse).glob("raw/events/*.parquet")):
            beside = file.with_suffix(".skewed")
            is_skewed = f"hash(event_id) % {_SHARE} = 0 and {column} is not null"
            connection.execute(
                f"copy (select * replace (if({is_skewed}, {literal(row[0])}, {column}) as {column})"
                f" from read_parquet({literal(str(file))}))"
                f" to {literal(str(beside))} (format parquet)"
            )
            beside.replace(file)
    return {"rows": 0}


def build(
    watch: Stopwatch, warehouse: str, engine: str, cores: int, memory_limit: str
) -> dict[str, Any]:
    """Build every model anew on so many cores, one at a time.

    Tells seconds by model, with its room, and on Spark the bytes that its tasks wrote for others to
    read, those that they spilled, and the peak of its own memory (`memory`). Raises
    BuildFailedError where a model fails.
    """
    os.sched_setaffinity(0, set(range(cores)))
    place = Path(warehouse)
    events = place / "spark-events"
    _log_spark_events(events)
    settings = replace(
        settings_of(place, memory_limit=memory_limit),
        engine=engine,
        spark_master=f"local[{cores}]",
    )
    dbt, builder = Dbt(settings), engine_of(settings)
    manifest = dbt.manifest()
    builder.remove_build()
    with watch.running():
        builder.prepare(manifest)
        outcome = dbt.run(dbtRunner(manifest=dbt.parse()), ["build", *builder.options, *_SELECTED])
    if not outcome.success:
        raise BuildFailedError(str(outcome.exception or "a model failed"))
    builder.finish()
    memory = _stop_spark() if engine == "spark" else 0
    nodes = manifest["nodes"]
    results: Any = outcome.result
    models: list[dict[str, Any]] = [
        {
            "name": result.node.name,
            "room": group_of(nodes[result.node.unique_id]),
            "wall": result.execution_time,
            "began": result.timing[0].started_at.timestamp(),
            "ended": result.timing[-1].completed_at.timestamp(),
            "shuffled": 0,
            "spilled": 0,
        }
        for result in results.results
        if result.node.resource_type in {"model", "seed"}
    ]
    count_shuffles(models, events)
    with duckdb.connect(str(settings.build_file), read_only=True) as connection:
        row = connection.execute("select count(*) from identity.int_events").fetchone()
    return {"rows": row[0] if row else 0, "models": models, "memory": memory}


def count_shuffles(models: Sequence[dict[str, Any]], folder: Path) -> None:
    """Add what Spark's log in a folder tells of tasks to the model that was under way."""
    for task in _tasks(folder):
        for model in models:
            if model["began"] <= task["ended"] <= model["ended"]:
                model["shuffled"] += task["shuffled"]
                model["spilled"] += task["spilled"]


def _log_spark_events(folder: Path) -> None:
    """Have Spark write what its tasks did into a folder, by its own settings' file."""
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    (folder / "spark-defaults.conf").write_text(
        "spark.eventLog.enabled true\n"
        "spark.eventLog.rolling.enabled false\n"
        "spark.eventLog.compress false\n"
        f"spark.eventLog.dir {folder.as_uri()}\n",
        encoding="utf-8",
    )
    os.environ["SPARK_CONF_DIR"] = str(folder)


def _stop_spark() -> int:
    """Stop the session; gives the peak of its resident memory in bytes.

    It is a process that outlives the build, so its parent's figures have nothing of it.
    """
    from pyspark.sql import SparkSession

    session = SparkSession.active()
    pid = session._jvm.java.lang.ProcessHandle.current().pid()
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    session.stop()
    return resident_peak(status)


def resident_peak(status: str) -> int:
    """The peak of resident memory in bytes, of Linux's text on a process."""
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _tasks(folder: Path) -> Iterator[dict[str, float]]:
    for file in folder.glob("local-*"):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith('{"Event":"SparkListenerTaskEnd"'):
                    continue
                event = json.loads(line)
                metrics = event.get("Task Metrics") or {}
                yield {
                    "ended": event["Task Info"]["Finish Time"] / 1000,
                    "shuffled": metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"],
                    "spilled": metrics["Disk Bytes Spilled"],
                }
