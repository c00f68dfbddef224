"""Carries out a plan: makes the data, and measures all steps in turn, repeat by repeat.

Steps that are compared follow each other, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import CORES, PROJECT_DIR, Measured, measure
from benchmarks.peers import CHANNELATTRIBUTION, JOURNEY_PEER, PEERS, why_not
from benchmarks.result import Plan, Result
from benchmarks.steps import postgres

# Nights come upon histories of so many days, with as many events a day.
HISTORIES = (30, 365)
YEAR = HISTORIES[-1]

_SMALL_FORMATS = ("csv", "ndjson")

_PACKAGES = (
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "dagster",
    "pyarrow",
    "numpy",
    "scipy",
    "polars",
    "chdb",
    "psycopg",
    "ChannelAttribution",
)


def carry_out(plan: Plan, work: Path) -> Result:
    """Measure what the plan says; progress goes to stderr, files on the way into a folder.

    The folder's part for this size is replaced, and gone at the end.
    """
    place = work.resolve() / plan.size
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    where = machine()
    try:
        run = _Run(plan, place)
        run.make_data()
        for number in range(1, plan.repeats + 1):
            run.repeat(number)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return Result(
        plan=plan,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        machine=where,
        versions=versions(),
        steps=run.steps,
        skipped=run.skipped,
    )


class _Run:
    """One run of a plan."""

    def __init__(self, plan: Plan, place: Path) -> None:
        self.steps: dict[str, list[Measured]] = {}
        peers = tuple(PEERS) if plan.of_size.has_peers else ()
        of_paths = (CHANNELATTRIBUTION,) if plan.of_size.paths else ()
        reasons = {peer: why_not(peer) for peer in (*peers, *of_paths)}
        self.skipped = {peer: reason for peer, reason in reasons.items() if reason}
        self._peers = [peer for peer in peers if peer not in self.skipped]
        self._plan = plan
        self._place = place
        self._began = time.monotonic()
        self._part = "data"
        for peer, reason in self.skipped.items():
            self._say(f"LEFT OUT: {peer}: {reason}.")

    def make_data(self) -> None:
        """Generate the landing folders, and load the histories."""
        plan = self._plan
        for days in HISTORIES:
            events = plan.of_size.events * days // YEAR
            folder = str(self._data(days))
            self._measure(
                f"generate {days}",
                "data.generate_landing",
                **{"folder": folder, "events": events, "days": days, "seed": plan.seed},
            )
        if plan.of_size.has_small_steps:
            for file_format in _SMALL_FORMATS:
                self._measure(
                    f"write {file_format}",
                    "data.as_format",
                    source=str(self._landing("parquet") / "events"),
                    landing=str(self._landing(file_format)),
                    file_format=file_format,
                    memory_limit=plan.memory_limit,
                )
        self._measure("parse", "warehouse.parse")
        for days in HISTORIES:
            self._bounded(
                f"load history {days}",
                "load.load",
                landing=self._data(days) / "history",
                warehouse=self._warehouse(days),
            )
        if plan.of_size.paths:
            warehouse, paths = str(self._place / "warehouse-paths"), plan.of_size.paths
            arguments = {"warehouse": warehouse, "paths": paths, "seed": plan.seed}
            self._measure(
                "random paths",
                "attribution.make_paths",
                **arguments,
                memory_limit=plan.memory_limit,
            )

    def repeat(self, number: int) -> None:
        """Measure every step once."""
        is_last = number == self._plan.repeats
        self._part = f"repeat {number} of {self._plan.repeats}"
        work, build = self._place / "work", self._warehouse(YEAR) / "build.duckdb"
        work.mkdir(exist_ok=True)
        formats = _SMALL_FORMATS if self._plan.of_size.has_small_steps else ()
        for file_format in ("parquet", *formats):
            landing, target = self._landing(file_format), self._place / "loaded"
            self._bounded(f"load {file_format}", "load.load", landing=landing, warehouse=target)
            shutil.rmtree(target, ignore_errors=True)
            options = {"landing": landing, "file_format": file_format}
            self._bounded(f"copy {file_format}", "limits.copy", work=work, **options)
        empty = self._place / "empty"
        self._bounded("build nothing", "warehouse.build_nothing", warehouse=empty)
        shutil.rmtree(empty, ignore_errors=True)
        for days in HISTORIES:
            self._bounded(f"build {days}", "warehouse.build", warehouse=self._warehouse(days))
        for limit in ("scan", "touches", "sort", "join"):
            self._bounded(limit, f"limits.{limit}", build=build, work=work)
        self._walk_journeys(build, work)
        page_views = self._place / "page_views.parquet"
        if self._peers and not page_views.exists():
            self._bounded("page views", "data.page_views", build=build, target=page_views)
        for peer in self._peers:
            self._bounded(
                f"sessions in {peer}", f"peers.sessions_in_{peer}", source=page_views, work=work
            )
        if self._plan.of_size.paths:
            self._attribute_paths()
        for days in HISTORIES:
            with self._for_a_night(days, is_last) as warehouse:
                landing = self._data(days) / "history"
                self._bounded(
                    f"empty night {days}", "warehouse.night", landing=landing, warehouse=warehouse
                )
                with _added(self._data(days) / "night", landing):
                    self._bounded(
                        f"night {days}", "warehouse.night", landing=landing, warehouse=warehouse
                    )
        if is_last and self._plan.of_size.has_small_steps:
            target = self._place / "run"
            self._measure(
                "make run",
                "run.run",
                landing=str(self._data(YEAR) / "history"),
                warehouse=str(target),
            )
            shutil.rmtree(target, ignore_errors=True)

    def _walk_journeys(self, build: Path, work: Path) -> None:
        """Journeys on the events of a build, and one of them in the peer."""
        own, other = self._place / "journey", self._place / "journey-conditions"
        for name, warehouse, journey in (
            ("journey", own, "plain"),
            ("journey with conditions", other, "conditions"),
        ):
            self._bounded(name, "journeys.build", build=build, warehouse=warehouse, journey=journey)
        if JOURNEY_PEER in self._peers:
            events = self._place / "journey.parquet"
            if not events.exists():
                self._bounded("journey events", "windowfunnel.events", warehouse=own, target=events)
            self._bounded(
                "journey in chdb",
                "windowfunnel.walk",
                source=events,
                warehouse=own,
                work=work,
            )
        for warehouse in (own, other):
            shutil.rmtree(warehouse, ignore_errors=True)

    def _attribute_paths(self) -> None:
        """The random paths, here and in the peer."""
        warehouse, aggregated = self._place / "warehouse-paths", self._place / "paths.parquet"
        has_peer = CHANNELATTRIBUTION not in self.skipped
        if has_peer:
            self._bounded(
                "aggregate for channelattribution",
                "channelattribution.aggregate",
                warehouse=warehouse,
                aggregated=aggregated,
            )
        for models in ("heuristics", "markov"):
            credits_file = self._place / f"{models}.json"
            self._bounded(
                f"{models} here", f"attribution.{models}", warehouse=warehouse, target=credits_file
            )
            if has_peer:
                self._measure(
                    f"{models} in channelattribution",
                    f"channelattribution.{models}",
                    aggregated=str(aggregated),
                    ours=str(credits_file),
                )

    def _data(self, days: int) -> Path:
        return self._place / f"data-{days}"

    def _landing(self, file_format: str) -> Path:
        if file_format == "parquet":
            return self._data(YEAR) / "events"
        return self._place / f"landing-{file_format}"

    def _warehouse(self, days: int) -> Path:
        return self._place / f"warehouse-{days}"

    @contextmanager
    def _for_a_night(self, days: int, is_last: bool) -> Iterator[Path]:
        """A warehouse that nights may change: a copy, but in the last repeat the one there is."""
        warehouse = self._warehouse(days)
        if is_last:
            yield warehouse
            return
        copied = warehouse.with_name(f"{warehouse.name}-night")
        shutil.copytree(warehouse, copied, copy_function=_link_or_copy)
        try:
            yield copied
        finally:
            shutil.rmtree(copied)

    def _bounded(self, name: str, step: str, **arguments: Any) -> None:
        """Measure a step of DuckDB with the memory of the plan."""
        texts = {key: str(value) for key, value in arguments.items()}
        self._measure(name, step, **texts, memory_limit=self._plan.memory_limit)

    def _measure(self, name: str, step: str, **arguments: Any) -> None:
        measured = measure(step, **arguments)
        self.steps.setdefault(name, []).append(measured)
        if measured.failed:
            self._say(f"{name}: FAILED: {measured.failed}")
        else:
            self._say(
                f"{name}: {measured.cpu:.2f} s CPU, {measured.wall:.2f} s,"
                f" {measured.memory / 1e6:,.0f} MB, {measured.rows:,} rows"
            )

    def _say(self, line: str) -> None:
        seconds = time.monotonic() - self._began
        print(f"[{seconds:7.1f} s] {self._part}: {line}", file=sys.stderr, flush=True)


@contextmanager
def _added(night: Path, landing: Path) -> Iterator[None]:
    """Put the night's files beside those of history, and take them away again."""
    added = []
    for file in sorted(night.rglob("*.parquet")):
        beside = landing / file.relative_to(night)
        beside.parent.mkdir(exist_ok=True)
        shutil.copy2(file, beside)
        added.append(beside)
    try:
        yield
    finally:
        for file in added:
            file.unlink()


def _link_or_copy(source: str, target: str) -> None:
    """Raw files never change, all others may."""
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def machine() -> dict[str, str]:
    """What this machine is, and whether it is free."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": f"{len(os.sched_getaffinity(0))}, of which each step uses {CORES}",
        "memory": f"{pages / 2**30:.0f} GiB",
        # Whether others used the machine meanwhile: a step's wall time then says little.
        "load of others at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def versions() -> dict[str, str]:
    """The versions of what was measured; without those that aren't installed."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if server := postgres.version():
        found["postgres"] = server.removeprefix("postgres (PostgreSQL) ")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT_DIR, capture_output=True, text=True
    )
    if commit.returncode == 0:
        found["commit"] = commit.stdout.strip()
    return found
