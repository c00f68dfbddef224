"""Runs steps, each in a process of its own, and measures what they take.

A step is a function of a module of `benchmarks.steps` and its arguments. Its process starts with
nothing but an interpreter, so that the peak of its memory is its own (what Linux tells begins with
the parent's memory, which is why the parent imports next to nothing). Wall and CPU time are taken
inside, around the work alone, without the start of the interpreter and the imports.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parent.parent

# Every step runs on so many cores, whatever the machine has.
CORES = 2


@dataclass(frozen=True)
class Measured:
    """What a step took.

    wall and cpu are in seconds (cpu is user and system, with child processes), memory is the peak
    of the resident set in bytes (of the largest process), rows what the step itself counts as its
    rows. detail is what the step says beside. failed tells why there are no figures, and is empty
    where there are.
    """

    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    rows: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""


class Stopwatch:
    """Wall and CPU seconds of the blocks that ran under `running`."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the block."""
        wall, cpu = time.monotonic(), cpu_seconds()
        try:
            yield
        finally:
            self.wall += time.monotonic() - wall
            self.cpu += cpu_seconds() - cpu


def cpu_seconds() -> float:
    """User and system seconds of this process and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(step: str, **arguments: Any) -> Measured:
    """Run a step in a process of its own.

    What fails in there is told in `failed`, so that one step that needs more than the machine has
    doesn't cost the figures of the others.
    """
    with tempfile.TemporaryDirectory(prefix="campaign-bench-") as folder:
        result, errors = Path(folder) / "result.json", Path(folder) / "errors.txt"
        command = [sys.executable, "-m", "benchmarks.steps", step, json.dumps(arguments)]
        with errors.open("wb") as told:
            child = subprocess.Popen(
                [*command, str(result)],
                cwd=PROJECT_DIR,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                env=step_environment(),
            )
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0 or not result.exists():
            reason = why_failed(errors.read_text(errors="replace"))
            return Measured(failed=f"{reason} (exit status {child.returncode})")
        taken = json.loads(result.read_text(encoding="utf-8"))
    memory = max(usage.ru_maxrss * 1024, taken.pop("children_memory"))
    return Measured(memory=memory, **taken)


def why_failed(output: str) -> str:
    """The last line of the output that names an error, else its last line."""
    lines = output.strip().splitlines() or ["it said nothing"]
    named = [line for line in lines if re.match(r"[\w.]*(Error|Exception|Failure)\b", line)]
    return (named or lines)[-1]


def step_environment() -> dict[str, str]:
    """The environment without settings of the user's own warehouse."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("CAMPAIGN_", "DAGSTER_"))}
    return own | {"DAGSTER_DISABLE_TELEMETRY": "1"}


def pin() -> None:
    """Keep this process, and what it starts, to CORES cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
