"""dbt inside this process: one interpreter, one parsed project, for every dbt command of a run.

A dbt process of its own costs 4 s each time, and dagster-dbt's resource runs `dbt --version`, which
asks the network, before each command. Here a second command costs what its nodes cost.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from dbt_common.events.functions import msg_to_dict

from orchestration.errors import UsageError
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.state import versions

# A node's result, as dbt tells it the moment that it is there.
RESULT_EVENTS = frozenset({"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"})

# Neither asks the network for a newer version nor sends usage statistics.
OFFLINE = {"DBT_VERSION_CHECK": "False", "DBT_SEND_ANONYMOUS_USAGE_STATS": "False"}

# Stand for what the profile takes from the settings, so that another path or limit is no change to
# parse: dbt forgets the whole project over it, and doesn't look for one where it is told that no
# file has changed.
ANY_WAREHOUSE = "/any-warehouse"
ANY_MEMORY_LIMIT = "1GB"

# Results come as events, the manifest from the parse: dbt needn't write either as a file (1 s).
NO_JSON = "--no-write-json"

# Where no file has changed, dbt needn't look for changes nor write the same manifest again.
UNCHANGED = ("--no-partial-parse-file-diff", NO_JSON)


class Dbt:
    """The dbt project, for the warehouse of the settings; parsed once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parsed: Manifest | None = None
        self._manifest: dict[str, Any] = {}
        self._semantic_manifest = ""

    def on_duckdb(self) -> Dbt:
        """The same project, whatever engine the settings name."""
        if self._settings.engine == "duckdb":
            return self
        return Dbt(replace(self._settings, engine="duckdb"))

    def parse(self) -> Manifest:
        """Parse the project, or take up what an earlier parse left where nothing has changed.

        Raises UsageError where the project doesn't parse, or its engine isn't there.
        """
        if self._settings.engine == "spark" and find_spec("pyspark") is None:
            raise UsageError("Spark isn't installed in this environment: run `make spark`.")
        if self._parsed is None:
            target = self._parse_target()
            with _one_at_a_time(target):
                written, parsed_from = target / "manifest.json", target / "parsed_from"
                semantic = target / "semantic_manifest.json"
                fingerprint = project_fingerprint()
                is_fresh = (
                    written.exists() and semantic.exists() and _text_of(parsed_from) == fingerprint
                )
                outcome = self._invoke(
                    dbtRunner(),
                    ["parse", *(UNCHANGED if is_fresh else ())],
                    target,
                    ANY_WAREHOUSE,
                    ANY_MEMORY_LIMIT,
                )
                parsed = outcome.result
                if not isinstance(parsed, Manifest):
                    raise UsageError(f"The dbt project doesn't parse: {outcome.exception}")
                if not parsed.nodes:
                    parsed_from.unlink(missing_ok=True)
                    raise UsageError(f"dbt found no model in {PROJECT_DIR}: run it once more.")
                parsed_from.write_text(fingerprint, encoding="utf-8")
                text = written.read_text(encoding="utf-8")
                self._semantic_manifest = semantic.read_text(encoding="utf-8")
            warehouse = str(self._settings.warehouse)
            self._manifest = json.loads(text.replace(ANY_WAREHOUSE, json.dumps(warehouse)[1:-1]))
            for source in parsed.sources.values():
                if location := source.config.get("external_location"):
                    source.config["external_location"] = location.replace(ANY_WAREHOUSE, warehouse)
            self._parsed = parsed
        return self._parsed

    def _parse_target(self) -> Path:
        """Where the parsed project is kept: one parse does for all warehouses, not for all vars."""
        if not os.access(PROJECT_DIR, os.W_OK):
            return self._settings.dbt_target
        digest = hashlib.sha256(self._vars().encode()).hexdigest()[:12]
        return PROJECT_DIR / "target" / "parsed" / f"{self._settings.engine}-{digest}"

    def _vars(self) -> str:
        return json.dumps(dict(self._settings.dbt_vars), sort_keys=True)

    def manifest(self) -> dict[str, Any]:
        """The parsed project as dbt writes it into manifest.json."""
        self.parse()
        return self._manifest

    def semantic_manifest(self) -> str:
        """The metrics and what they are made of, as dbt writes them into semantic_manifest.json."""
        self.parse()
        return self._semantic_manifest

    def rules(self) -> str:
        """What tells the present rules from others.

        These are SQL, what models in Python do, the types of columns, reference seeds, variables
        and versions.
        """
        digest = hashlib.sha256(f"{versions()}\n{self._vars()}\n".encode())
        digest.update(_digest_of("models", ".sql") + _digest_of("macros", ".sql"))
        digest.update(_digest_of("models", ".py") + _digest_of("orchestration/data_driven", ".py"))
        digest.update(_column_types())
        digest.update(_digest_of("seeds/reference", ".csv"))
        digest.update(_digest_of("dbt_project.yml") + _digest_of("vars.yml"))
        return digest.hexdigest()

    def command(self, arguments: Sequence[str]) -> DbtCommand:
        """A dbt command, e.g. `["build", "--exclude", "tag:x"]`, that runs once it is iterated."""
        return DbtCommand(self, self.parse(), arguments)

    def run(self, runner: dbtRunner, arguments: Sequence[str]) -> dbtRunnerResult:
        """Run a dbt command on the warehouse; build.duckdb is free again when this returns."""
        settings = self._settings
        return self._invoke(
            runner,
            [*arguments, NO_JSON],
            settings.dbt_target,
            str(settings.warehouse),
            settings.memory_limit or _default_memory_limit(),
        )

    def _invoke(
        self,
        runner: dbtRunner,
        arguments: Sequence[str],
        target: Path,
        warehouse: str,
        memory_limit: str,
    ) -> dbtRunnerResult:
        os.environ.update(
            OFFLINE,
            CAMPAIGN_WAREHOUSE=warehouse,
            CAMPAIGN_DBT_THREADS=str(self._settings.dbt_threads),
            CAMPAIGN_MEMORY_LIMIT=memory_limit,
            CAMPAIGN_RULES=self.rules(),
        )
        options = {
            "--project-dir": str(PROJECT_DIR),
            "--profiles-dir": str(PROJECT_DIR),
            "--target": self._settings.engine,
            "--target-path": str(target),
            "--log-path": str(target),
            # Results come as events; writing each of the 5,000 lines of a build cost 1.5 s.
            "--log-level": "none",
            "--log-level-file": "none",
            "--vars": self._vars(),
        }
        try:
            return runner.invoke([*arguments, *(word for pair in options.items() for word in pair)])
        finally:
            os.environ["CAMPAIGN_WAREHOUSE"] = str(self._settings.warehouse)
            # Else this process keeps build.duckdb locked until it ends.
            DuckDBConnectionManager.close_all_connections()


def project_fingerprint() -> str:
    """What tells one state of the dbt project, and of the packages, from another."""
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = [name for key in project if key.endswith("-paths") for name in project[key]]
    digest = hashlib.sha256(versions().encode())
    files = [PROJECT_DIR / name for name in ("dbt_project.yml", "vars.yml", "profiles.yml")]
    for folder in folders:
        files += sorted(path for path in (PROJECT_DIR / folder).rglob("*") if path.is_file())
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PROJECT_DIR)}\t{content}\n".encode())
    return digest.hexdigest()


def _digest_of(name: str, suffix: str = "") -> bytes:
    """What tells one state of a file, or of a folder's files of a kind, from another."""
    place = PROJECT_DIR / name
    files = sorted(place.rglob(f"*{suffix}")) if place.is_dir() else [place]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(PROJECT_DIR)}\t{content}\n".encode())
    return digest.digest()


def _column_types() -> bytes:
    """What tells one state of the types that the models' YAML gives to columns from another."""
    lines = [
        f"{path.relative_to(PROJECT_DIR)}\t{line.strip()}\n"
        for path in sorted((PROJECT_DIR / "models").rglob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "data_type:" in line
    ]
    return "".join(lines).encode()


def _default_memory_limit() -> str:
    """DuckDB's own limit on this machine, as `18.8 GiB`: a profile can't leave an option out."""
    row = duckdb.sql("select current_setting('memory_limit')").fetchone()
    return str(row[0]) if row else "4GB"


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


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
                self._outcome = self._dbt.run(runner, self._arguments)
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
