"""Dagster's home in the warehouse folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from orchestration.settings import Settings

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
    config = DAGSTER_YAML.format(event_log=json.dumps(str(home / "events")))
    path = home / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != config:
        path.write_text(config, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    return home
