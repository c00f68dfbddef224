"""The result of a run: what was measured, where, and with what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import PROJECT_DIR, Measured

RESULTS = PROJECT_DIR / "benchmarks" / "results"


@dataclass(frozen=True)
class Size:
    """How much is measured: events of history, and what a size can do without."""

    events: int
    repeats: int
    memory_limit: str
    has_peers: bool
    # Whether CSV and NDJSON are loaded too, and the main command is run.
    has_small_steps: bool
    # How many random paths are attributed, beside a peer.
    paths: int
    # Bytes that a stage may need at most; None where there is no target.
    memory_target: int | None


SIZES = {
    "10k": Size(10_000, 1, "1GB", True, True, 10_000, None),
    "1m": Size(1_000_000, 3, "1GB", True, True, 1_000_000, None),
    "10m": Size(10_000_000, 3, "1400MB", True, False, 0, 2 * 10**9),
    "100m": Size(100_000_000, 1, "8GB", False, False, 0, 10 * 10**9),
}

# Results of these are shown on the page.
PUBLISHED = ("1m", "10m", "100m")


@dataclass(frozen=True)
class Plan:
    """What a run measures. memory_limit is as DuckDB writes it, as 1500MB."""

    size: str
    repeats: int
    seed: int
    memory_limit: str

    @classmethod
    def of(
        cls,
        size: str,
        *,
        repeats: int | None = None,
        seed: int = 1,
        memory_limit: str | None = None,
    ) -> Plan:
        """The plan of a size, with its defaults. ValueError where there is no such size."""
        if size not in SIZES:
            raise ValueError(f"SIZE is {size!r}: write one of {', '.join(PUBLISHED)}")
        known = SIZES[size]
        return cls(size, repeats or known.repeats, seed, memory_limit or known.memory_limit)

    @property
    def of_size(self) -> Size:
        """What the size says."""
        return SIZES[self.size]

    @property
    def is_published(self) -> bool:
        """Whether the page shows it."""
        return self.size in PUBLISHED


@dataclass(frozen=True)
class Result:
    """What a run measured.

    steps has the repeats of each step; machine and versions say where and with what; skipped has
    the reason for each peer that was left out.
    """

    plan: Plan
    date: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    steps: Mapping[str, Sequence[Measured]]
    skipped: Mapping[str, str]

    def median(self, step: str) -> Measured | None:
        """The medians of a step's repeats; None where it wasn't measured or a repeat failed."""
        repeats = self.steps.get(step, ())
        if not repeats or any(repeat.failed for repeat in repeats):
            return None
        return Measured(
            wall=median(repeat.wall for repeat in repeats),
            cpu=median(repeat.cpu for repeat in repeats),
            memory=round(median(repeat.memory for repeat in repeats)),
            rows=repeats[0].rows,
            detail=repeats[0].detail,
        )

    def failures(self) -> list[str]:
        """A line for each step that failed, once."""
        return [
            f"{step}: {next(repeat.failed for repeat in repeats if repeat.failed)}"
            for step, repeats in self.steps.items()
            if any(repeat.failed for repeat in repeats)
        ]

    def models(self, step: str = "build 365") -> dict[str, dict[str, Any]]:
        """Room, and medians of wall and cpu, of each model of a build; none where it failed."""
        if self.median(step) is None:
            return {}
        repeats = [repeat.detail["models"] for repeat in self.steps[step]]
        return {
            name: {
                "room": model["room"],
                **{what: median(each[name][what] for each in repeats) for what in ("wall", "cpu")},
            }
            for name, model in repeats[0].items()
        }

    def as_json(self) -> dict[str, Any]:
        """The result as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Result:
        """The result that `as_json` gave."""
        steps = {
            name: [Measured(**repeat) for repeat in repeats]
            for name, repeats in content["steps"].items()
        }
        return cls(**{**content, "plan": Plan(**content["plan"]), "steps": steps})

    @classmethod
    def read_all(cls, folder: Path = RESULTS) -> list[Result]:
        """The results that the page shows, by size, of those that are there."""
        files = [folder / f"{size}.json" for size in PUBLISHED]
        return [
            cls.from_json(json.loads(file.read_text(encoding="utf-8")))
            for file in files
            if file.exists()
        ]
