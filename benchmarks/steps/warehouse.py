"""The warehouse's own steps with dbt: a build from the raw layer, a night."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict

from benchmarks.measure import PROJECT_DIR, Stopwatch
from benchmarks.steps.engine import bound_every_connection
from benchmarks.steps.load import load_new_files
from orchestration.load.loader import init_raw
from orchestration.settings import Settings
from orchestration.transform.dbt import Dbt
from orchestration.transform.nights import loads_of, why_anew
from orchestration.transform.progress import group_of

# Models, seeds and hooks; tests are the audit's, and what speaks of the audit is built behind it.
_BUILD = ("build", "--exclude", "tag:after_audit")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

_RESULTS = frozenset({"LogModelResult", "LogSeedResult", "LogTestResult"})

# What earlier steps of a night leave for the trust marts.
_STATE_FILES = ("test_results", "unit_tests", "runs")


class BuildFailedError(RuntimeError):
    """A model failed; the message is dbt's."""


def settings_of(
    warehouse: Path,
    landing: Path | None = None,
    memory_limit: str | None = None,
    dbt_vars: Mapping[str, Any] | None = None,
) -> Settings:
    """The default settings for a warehouse folder, with one model at a time."""
    return Settings(
        landing=landing or warehouse,
        warehouse=warehouse,
        dbt_vars=dbt_vars or {},
        keep_published=1,
        dbt_threads=1,
        fresh_hours=36,
        alert_url="",
        memory_limit=memory_limit,
    )


def parse(watch: Stopwatch) -> dict[str, Any]:
    """Parse the dbt project, which later steps take up: only a change asks for another parse."""
    with watch.running():
        Dbt(settings_of(PROJECT_DIR / "warehouse")).parse()
    return {}


def build_nothing(watch: Stopwatch, warehouse: str, memory_limit: str) -> dict[str, Any]:
    """Build every model where no row was ever loaded: the fixed cost of a build."""
    init_raw(Path(warehouse))
    (Path(warehouse) / "raw" / "ledger.ndjson").touch()
    return build(watch, warehouse, memory_limit)


def build(watch: Stopwatch, warehouse: str, memory_limit: str) -> dict[str, Any]:
    """Build every model from the raw layer alone; tells the time of each."""
    bound_every_connection(memory_limit)
    place = Path(warehouse)
    for name in ("build.duckdb", "build.duckdb.wal"):
        (place / name).unlink(missing_ok=True)
    with watch.running():
        nodes = _build(place, memory_limit)
    return {"rows": rows_of(place, "identity.int_events"), **nodes, **_sizes(place)}


def night(watch: Stopwatch, landing: str, warehouse: str, memory_limit: str) -> dict[str, Any]:
    """Load what is new and bring the models up to date, in one process as a run does.

    Raises BuildFailedError where the build would begin anew.
    """
    bound_every_connection(memory_limit)
    place = Path(warehouse)
    watch_load = Stopwatch()
    with watch.running():
        with watch_load.running():
            rows = load_new_files(Path(landing), place, memory_limit)
        settings = settings_of(place)
        rules, loads = Dbt(settings).rules(), loads_of(settings.ledger)
        if reason := why_anew(settings.build_file, rules, loads):
            raise BuildFailedError(f"The night would build everything anew: {reason}.")
        nodes = _build(place, memory_limit)
    return {"rows": rows, "load_cpu": watch_load.cpu, "load_wall": watch_load.wall, **nodes}


class NodeTimes:
    """Wall and CPU seconds of each dbt node. With one dbt thread a node has the process alone."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self._began: tuple[float, float] = (0.0, 0.0)

    def note(self, event: EventMsg) -> None:
        """Take up an event as dbt tells it, in the thread that builds."""
        now = (time.monotonic(), time.process_time())
        if event.info.name == "NodeStart":
            self._began = now
        elif event.info.name in _RESULTS:
            node = msg_to_dict(event)["data"]["node_info"]
            wall, cpu = (after - before for after, before in zip(now, self._began, strict=True))
            self.nodes[node["unique_id"]] = {"wall": wall, "cpu": cpu}


def build_nodes(
    warehouse: Path,
    arguments: tuple[str, ...],
    memory_limit: str | None = None,
    dbt_vars: Mapping[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Run a dbt command; gives the time of each node, with its name, room and kind.

    dbt_vars are in place of those of the project. Raises BuildFailedError where a node fails.
    """
    state = warehouse / "state"
    state.mkdir(exist_ok=True)
    for name in _STATE_FILES:
        (state / f"{name}.ndjson").touch()
    settings = settings_of(warehouse, memory_limit=memory_limit, dbt_vars=dbt_vars)
    dbt, times = Dbt(settings), NodeTimes()
    outcome = dbt.run(dbtRunner(manifest=dbt.parse(), callbacks=[times.note]), arguments)
    if not outcome.success:
        results = getattr(outcome.result, "results", ())
        failed = [f"{r.node.name}: {r.message}" for r in results if r.status in ("error", "fail")]
        reasons = " ".join(" ".join([str(outcome.exception or ""), *failed]).split())
        raise BuildFailedError(f"dbt {arguments[0]}: {reasons}")
    known = dbt.manifest()["nodes"]
    return {
        key: times.nodes[key] | _named(node) for key, node in known.items() if key in times.nodes
    }


def _named(node: Mapping[str, Any]) -> dict[str, str]:
    kind = str(node["resource_type"])
    return {
        "name": node["name"],
        "kind": kind,
        "room": "tests" if kind == "test" else group_of(node),
    }


def _build(warehouse: Path, memory_limit: str | None) -> dict[str, Any]:
    nodes = build_nodes(warehouse, (*_BUILD, *NO_TESTS), memory_limit)
    return {"models": times_by_model(nodes)}


def times_by_model(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Room, wall and CPU seconds of nodes as `build_nodes` gives them, by name."""
    return {
        node["name"]: {"room": node["room"], "wall": node["wall"], "cpu": node["cpu"]}
        for node in nodes.values()
    }


def _sizes(warehouse: Path) -> dict[str, Any]:
    """How many sessions there are, and what things take on disk, in bytes."""
    raw = sum(file.stat().st_size for file in (warehouse / "raw").rglob("*") if file.is_file())
    return {
        "sessions": rows_of(warehouse, "sessions.int_session_spans"),
        "raw_bytes": raw,
        "build_bytes": (warehouse / "build.duckdb").stat().st_size,
    }


def rows_of(warehouse: Path, table: str) -> int:
    """How many rows a table of the build has."""
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
