"""Dagster's home in the warehouse folder."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

# Runs wait for each other: there is one writer. Nothing is sent to anybody. What a run prints isn't
# captured: it stands among the run's events, and capturing takes a process of its own per step.
# The path is filled in as JSON text, which YAML reads too.
DAGSTER_YAML = """\
# Written by the warehouse at each start.
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: orchestration.event_log
  class: OpenEventLogStorage
  config:
    base_dir: {event_log}
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the Dagster home of the warehouse and let DAGSTER_HOME name it; returns it.

    Raises OSError where it can't be written.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = DAGSTER_YAML.format(event_log=json.dumps(str(home / "events"))).encode()
    path = home / "dagster.yaml"
    if not path.exists() or path.read_bytes() != config:
        path.write_bytes(config)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return home


# A month of nights. With some 8 MB a run, a year of them would outgrow a small warehouse.
KEPT_RUNS = 30


def forget_old_runs(instance: dg.DagsterInstance) -> None:
    """Remove from Dagster's storage all but the newest runs; the warehouse's own notes stay."""
    for run_id in instance.get_run_ids()[KEPT_RUNS:]:
        instance.delete_run(run_id)


def fail_dead_runs(instance: dg.DagsterInstance | None = None, alive: str = "") -> None:
    """Note as failed what Dagster takes for running and can't be, as the caller holds the lock.

    A run that was killed can't say so itself, and one that seems to go on blocks the run queue.
    instance: that of DAGSTER_HOME unless given; alive: the id of the caller's own run.
    """
    import dagster as dg

    running = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    with contextlib.ExitStack() as stack:
        instance = instance or stack.enter_context(dg.DagsterInstance.get())
        for run in instance.get_runs(filters=running):
            if run.run_id != alive:
                instance.report_run_failed(run, "The process of this run was ended from outside.")
