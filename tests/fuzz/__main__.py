"""Fuzzes the loader with hostile files: python -m tests.fuzz --files 10000 --seed 1.

Ends with 1 where a load crashed, hung, lost a row or touched what isn't its own; the files that do
it lie in the folder then. Each file follows from the seed and its number alone, and --only makes
and loads some of them again.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from orchestration.settings import PROJECT_DIR
from tests.fuzz import cases, isolate

BATCH_FILES = 100

_OUTCOMES = ("loaded", "quarantine", "failed", "skipped", "unknown_table", "left out", "fault")

# A fuzz that loads nothing proves nothing.
LEAST_LOADED_SHARE = 0.25

_PROGRESS_SECONDS = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; gives the exit status."""
    options = _options(arguments)
    numbers = options.only or list(range(1, options.files + 1))
    figures: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    faults, done, told = 0, 0, time.monotonic()
    for start in range(0, len(numbers), BATCH_FILES):
        batch = numbers[start : start + BATCH_FILES]
        found = isolate.run(options.seed, batch, options.folder / "run")
        for number, outcome in found.outcomes.items():
            figures[cases.kind_of(options.seed, number)][outcome] += 1
        for fault_numbers, problem in found.faults:
            faults += 1
            kept = isolate.keep(options.seed, fault_numbers, problem, options.folder)
            _tell_fault(options.seed, fault_numbers, problem, kept)
        done += len(batch)
        if time.monotonic() - told >= _PROGRESS_SECONDS:
            told = time.monotonic()
            print(f"{done:,} of {len(numbers):,} files, {faults} faults", flush=True)
    _tell_figures(figures)
    if faults:
        print(f"{faults} faults: the files lie in {options.folder}")
        return 1
    if not options.only and not _is_enough(figures):
        print(f"Fewer than {LEAST_LOADED_SHARE:.0%} of a format's files loaded: that proves little")
        return 1
    print(f"{done:,} files, seed {options.seed}: no fault")
    return 0


def _tell_fault(seed: int, numbers: list[int], problem: str, kept: Path) -> None:
    told = " ".join(map(str, numbers))
    print(f"FAULT: {problem}\n  kept in {kept}")
    print(f"  again: python -m tests.fuzz --seed {seed} --only {told}", flush=True)


def _tell_figures(figures: dict[str, collections.Counter[str]]) -> None:
    print(f"{'':10}" + "".join(f"{outcome:>15}" for outcome in (*_OUTCOMES, "all")))
    for kind in (*cases.FORMATS, cases.ENTRY):
        counts = figures[kind]
        told = "".join(f"{counts[outcome]:>15,}" for outcome in _OUTCOMES)
        print(f"{kind:10}{told}{counts.total():>15,}")


def _is_enough(figures: dict[str, collections.Counter[str]]) -> bool:
    return all(
        figures[kind]["loaded"] + figures[kind]["quarantine"]
        >= LEAST_LOADED_SHARE * figures[kind].total()
        > 0
        for kind in cases.FORMATS
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of files, as faults name them")
    parser.add_argument(
        "--folder", type=Path, default=PROJECT_DIR / "target" / "fuzz", help="for files at fault"
    )
    options = parser.parse_args(arguments)
    options.folder = options.folder.resolve()
    return options


if __name__ == "__main__":
    sys.exit(main())
