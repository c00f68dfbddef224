"""`python -m tests.faults`: kill, fill, lock and damage a warehouse, and see that nothing is lost.

Prints a line per fault: what and when, how the night under it ended, what it said, the verdict.
After each, readers must read the last good night, or the new one as a whole; the next night must
give, row by row, what an undisturbed one gives. Ends with a table, and with 1 where something was
lost.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults.faults import DAMAGES, remove, truncate
from tests.faults.kills import Moment, kill_before
from tests.faults.place import Place
from tests.faults.trials import (
    Fault,
    Result,
    Trials,
    clock,
    damaged,
    damaged_log,
    full_disk,
    held_file,
    limited_files,
    no_rights,
    rounds_of,
    times_of_files,
)

KB, MB = 1024, 1024 * 1024

ROOMS = (0, 64 * KB, 512 * KB, 2 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB)
SIZES = (1 * KB, 16 * KB, 128 * KB, 512 * KB, 1 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB)
DAGSTER = (
    *("dagster/history/runs.db", "dagster/events/index.db", "dagster/schedules/schedules.db"),
    "dagster/dagster.yaml",
)

# In the order in which a night gets to them: what it loads under one isn't new under the next.
FOLDERS = (
    *("raw", "raw/contacts", "raw/ledger.ndjson", "quarantine", "state"),
    *("dagster", *DAGSTER[:1], "build.duckdb", "published", ""),
)
# Nothing can make these again.
RAW = ("raw/events/0*.parquet", "raw/contacts/0*.parquet", "quarantine/0*.parquet")
NOTES = (
    *("raw/ledger.ndjson", "raw/.ledger.ndjson.written", "raw/.contents.json"),
    *("state/runs.ndjson", "state/test_results.ndjson"),
)
PUBLISHED = ("published/warehouse-*.duckdb", "published/parquet-*/sessions.parquet")
LINKS = ("published/current.duckdb", "published/parquet")

BUILDING = Moment(
    "models are built",
    partial(kill_before, "orchestration.transform.progress.BuildProgress.note", 80),
)

# A share of the kills beyond the named moments is of changes of files, the rest at any instant.
AT_OPERATIONS = 1 / 3


class Report:
    """Prints results as they come, and the table at the end."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._kind = ""
        self.lost: list[Result] = []

    def tell(self, result: Result) -> None:
        """Print a result; one without a kind belongs to that before."""
        self._kind = result.kind or self._kind
        count = self._counts[self._kind]
        count[0] += bool(result.kind)
        count[1] += result.kills
        count[2] += bool(result.problems)
        verdict = "whole" if not result.problems else "LOST"
        statuses = ", ".join("killed" if s == -9 else str(s) for s in result.under)
        seconds = time.monotonic() - self._began
        told = f": {result.told}" if result.told else ""
        print(f"[{seconds:6.0f} s] {self._kind}: {result.fault}: {statuses}{told}: {verdict}")
        for problem in result.problems:
            print(f"    {problem}")
        sys.stdout.flush()
        if result.problems:
            self.lost.append(result)

    def print_table(self) -> None:
        """Print how many faults, kills and losses of each kind there were."""
        print(f"\n{'':18}{'faults':>8}{'kills':>8}{'lost':>8}")
        for kind, counts in self._counts.items():
            print(f"{kind:18}" + "".join(f"{count:8,}" for count in counts))
        totals = [sum(column) for column in zip(*self._counts.values(), strict=True)]
        print(f"{'all':18}" + "".join(f"{count:8,}" for count in totals))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials; gives the exit status."""
    options = _options(arguments)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=options.folder))
    report = Report()
    trials = Trials(Place(folder), report.tell)
    trials.prepare()
    for group in options.only:
        _run(group, trials, options)
    report.print_table()
    if report.lost:
        print(f"Folder: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _run(group: str, trials: Trials, options: argparse.Namespace) -> None:
    if group == "kills":
        _run_kills(trials, options.kills, random.Random(options.seed))
    else:
        trials.under_faults(FAULTS[group])


FAULTS: dict[str, list[Fault]] = {
    "disk": [*map(limited_files, SIZES), *map(full_disk, ROOMS)],
    "rights": [
        no_rights(name, mode, named="dagster" if name in DAGSTER else "")
        for name in FOLDERS
        for mode in (0o555, 0o000)
    ],
    "damage": [
        *(
            damaged(name, how, full_refresh=True, has_to_be_told=True)
            for name in RAW
            for how in DAMAGES
        ),
        *(damaged(name, how) for name in NOTES for how in DAMAGES),
        *(damaged(name, how, named="dagster") for name in DAGSTER for how in DAMAGES),
        *(damaged("build.duckdb", how) for how in DAMAGES),
        *(damaged_log(how, BUILDING) for how in DAMAGES),
        *(damaged(name, how) for name in PUBLISHED for how in (truncate, remove)),
        *(damaged(name, remove) for name in LINKS),
    ],
    "clock": [*map(clock, (-1, -4000, 4000)), *map(times_of_files, (1971, 2099))],
    "held": [*map(held_file, ("build.duckdb", "published/current.duckdb", ".lock"))],
}
GROUPS = ("kills", *FAULTS)


def _run_kills(trials: Trials, kills: int, rng: random.Random) -> None:
    rounds = rounds_of(trials.place.warehouse)
    rng.shuffle(rounds)
    left = kills
    for one_round in rounds:
        if left <= 0:
            return
        trials.named_kills([one_round[:left]])
        left -= len(one_round)
    if left > 0:
        trials.prepare_whole()
        at_operations = round(left * AT_OPERATIONS)
        trials.kills_at_operations(at_operations, rng)
        trials.kills_at_instants(left - at_operations, rng)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--folder", type=Path, help="where the warehouses are made")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
