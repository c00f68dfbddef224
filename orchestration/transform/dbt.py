"""dbt inside this process: one interpreter, one parsed project, for every dbt command of a run.

A dbt process of its own costs 4 s each time, and dagster-dbt's resource runs `dbt --version`, which
asks the network, before each command. Here a second command costs what its nodes cost.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict

from orchestration.errors import UsageError
from orchestration.settings import PROJECT_DIR, Settings

# A node's result, as dbt tells it the moment that it is there.
RESULT_EVENTS = frozenset({"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"})

# Neither asks the network for a newer version nor sends usage statistics.
OFFLINE = {"DBT_VERSION_CHECK": "False", "DBT_SEND_ANONYMOUS_USAGE_STATS": "False"}


class Dbt:
    """The dbt project, for the warehouse of the settings; parsed once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parsed: Manifest | None = None
        self._manifest: dict[str, Any] = {}

    def parse(self) -> Manifest:
        """Parse the project, or take up what an earlier parse left where nothing has changed.

        Raises UsageError where the project doesn't parse.
        """
        if self._parsed is None:
            target = self._settings.dbt_target
            with _one_at_a_time(target):
                outcome = self._invoke(dbtRunner(), ["parse"])
                if not isinstance(outcome.result, Manifest):
                    raise UsageError(f"The dbt project doesn't parse: {outcome.exception}")
                self._manifest = json.loads((target / "manifest.json").read_bytes())
            self._parsed = outcome.result
        return self._parsed

    def manifest(self) -> dict[str, Any]:
        """The parsed project as dbt writes it into manifest.json."""
        self.parse()
        return self._manifest

    def command(self, arguments: Sequence[str]) -> DbtCommand:
        """A dbt command, e.g. `["build", "--exclude", "tag:x"]`, that runs once it is iterated."""
        return DbtCommand(self, self.parse(), arguments)

    def _invoke(self, runner: dbtRunner, arguments: Sequence[str]) -> dbtRunnerResult:
        settings = self._settings
        os.environ.update(
            OFFLINE,
            CAMPAIGN_WAREHOUSE=str(settings.warehouse),
            CAMPAIGN_DBT_THREADS=str(settings.dbt_threads),
        )
        try:
            return runner.invoke(
                [
                    *arguments,
                    "--project-dir",
                    str(PROJECT_DIR),
                    "--profiles-dir",
                    str(PROJECT_DIR),
                    "--target-path",
                    str(settings.dbt_target),
                    "--log-path",
                    str(settings.dbt_target),
                    "--log-level",
                    "none",
                    "--log-level-file",
                    "none",
                    "--vars",
                    json.dumps(dict(settings.dbt_vars)),
                ]
            )
        finally:
            # Else this process keeps build.duckdb locked until it ends.
            DuckDBConnectionManager.close_all_connections()


@contextlib.contextmanager
def _one_at_a_time(target: Path) -> Iterator[None]:
    """Keep other processes (the UI, a second run) from parsing into the same folder meanwhile."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class DbtCommand:
    """One dbt command. Iterating runs it and gives its nodes' result events as they come.

    After that, `results` are dbt's own results (of all nodes, skipped ones too), and `exception` is
    what kept dbt from running nodes at all, else None.
    """

    def __init__(self, dbt: Dbt, manifest: Manifest, arguments: Sequence[str]) -> None:
        self._dbt = dbt
        self._manifest = manifest
        self._arguments = arguments
        self._outcome = dbtRunnerResult(success=False)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        # dbt calls back from its own threads, while Dagster takes events from the one that asked.
        events: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()

        def note(event: EventMsg) -> None:
            if event.info.name in RESULT_EVENTS:
                events.put(msg_to_dict(event))

        def run() -> None:
            try:
                runner = dbtRunner(manifest=self._manifest, callbacks=[note])
                self._outcome = self._dbt._invoke(runner, self._arguments)
            finally:
                events.put(None)

        # A daemon: an interrupted run ends without waiting for the query that is under way.
        thread = threading.Thread(target=run, name="dbt", daemon=True)
        thread.start()
        while (event := events.get()) is not None:
            yield event
        thread.join()

    @property
    def results(self) -> Sequence[Any]:
        """dbt's result of each node."""
        outcome = self._outcome.result
        return outcome.results if isinstance(outcome, RunExecutionResult) else ()

    @property
    def exception(self) -> BaseException | None:
        """What kept dbt from running any node, e.g. a database that can't be opened."""
        return self._outcome.exception
