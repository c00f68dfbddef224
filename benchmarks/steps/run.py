"""`make run` by its parts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import PROJECT_DIR, Stopwatch, step_environment
from benchmarks.steps.warehouse import build_nodes

# How a line of the run begins, and the lines that begin a part.
_LINE = re.compile(r"\[ *([0-9.]+) s\] (.*)")
_PARTS = (
    ("start", "Run "),
    ("load", "Loading "),
    ("build", "Building the models."),
    ("after the audit", "Audit passed"),
)
_END = "Published "


def parts_of(output: str) -> dict[str, float]:
    """Seconds of each part, from the lines that the run prints.

    ValueError where a line is missing, as in a run that failed.
    """
    lines = [match.groups() for line in output.splitlines() if (match := _LINE.match(line))]
    begins = [_second(lines, words) for _, words in _PARTS] + [_second(lines, _END)]
    return {
        name: end - begin
        for (name, _), begin, end in zip(_PARTS, begins[:-1], begins[1:], strict=True)
    }


def _second(lines: list[tuple[str, ...]], words: str) -> float:
    for seconds, text in lines:
        if text.startswith(words):
            return float(seconds)
    raise ValueError(f"the run did not say {words!r}: it has not gone through")


def run(watch: Stopwatch, landing: str, warehouse: str) -> dict[str, Any]:
    """The main command on a new warehouse, as `make run` does it, without any bound."""
    with watch.running():
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.run"],
            cwd=PROJECT_DIR,
            env=step_environment() | {"CAMPAIGN_LANDING": landing, "CAMPAIGN_WAREHOUSE": warehouse},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"the run failed: {done.stderr.strip()[-500:]}")
    # What the audit is of the build: its tests once more, alone.
    tests = build_nodes(Path(warehouse), ("test", "--exclude-resource-type", "unit_test"))
    parts = parts_of(done.stdout)
    return {
        "parts": parts | {"end": watch.wall - sum(parts.values())},
        "tests": {
            "number": len(tests),
            "wall": sum(node["wall"] for node in tests.values()),
            "cpu": sum(node["cpu"] for node in tests.values()),
            "slowest": _slowest(tests),
        },
    }


def _slowest(tests: dict[str, dict[str, Any]]) -> list[tuple[str, float]]:
    order = sorted(tests.values(), key=lambda node: -node["cpu"])
    return [(node["name"], node["cpu"]) for node in order[:3]]
