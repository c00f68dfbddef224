"""Random sequences of nights, each compared with rebuilds, until the time is up.

python -m tests.nights.soak --minutes 30 --seed 1

Prints a line per sequence. Ends with 1 at the first sequence that differs, and prints what differs
and the command that repeats it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_DIR
from tests.nights.compare import MARTS
from tests.nights.sequence import random_endings, replay
from tests.nights.split import scenarios_of, split
from tests.nights.warehouse import BuildFailedError
from tests.scenarios import build, random_journeys

GIVEN, SNAPSHOT = MODES = ("given", "snapshot")

# Those that the models can build.
BUILT_MODES = MODES

# How many random journeys a sequence has, beside those of a single stage.
JOURNEYS = 12

# Settings that change what is computed, one set for each sequence.
VARIABLES: tuple[dict[str, Any], ...] = (
    {},
    {},
    {
        "report_timezone": "America/New_York",
        "session_split_on_new_source": True,
        "social_post_limit": 1,
        "attribution_lookback_days": 3,
    },
    {
        "session_inactivity_minutes": 10,
        "contact_creation_grace_seconds": 0,
        "company_currency": "USD",
        "attribution_lookback_days": 0,
    },
)


# What a build notes of itself; and lookups, which keep what no event names any more, with what is
# made of lookups alone.
_BOOKKEEPING = (
    "changes",
    "identity.int_excluded_user_agents",
    "sessions.int_referrers",
    "sessions.int_traffic_sources",
    "sessions.int_url_tracking",
    "staging.stg_url_parameters",
    "staging.stg_devices",
    "staging.stg_urls",
    "staging.stg_visitors",
    "touches.int_tracking_url_matches",
)


def bookkeeping(project_dir: Path = PROJECT_DIR) -> list[str]:
    """What is not compared: schemas, and tables as `schema.table`."""
    affected = (project_dir / "models").rglob("int_affected_*.sql")
    return [*_BOOKKEEPING, *sorted(f"{path.parent.name}.{path.stem}" for path in affected)]


def variables_of(seed: int, mode: str, scenarios: int | Sequence[int]) -> dict[str, Any]:
    """The settings of a sequence over some scenarios (how many, or their seeds)."""
    variables = dict(random.Random(f"variables {seed}").choice(VARIABLES))
    if isinstance(scenarios, int):
        scenarios = scenarios_of(seed, scenarios, mode == SNAPSHOT)
    worlds = [build(scenario) for scenario in scenarios]
    variables["journeys"] = random_journeys(random.Random(f"journeys {seed}"), worlds, JOURNEYS)
    return variables | ({"association_history": mode} if mode == SNAPSHOT else {})


def _settings(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as told: journeys are many."""
    return {name: value for name, value in variables.items() if name != "journeys"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run sequences; gives the exit status."""
    options = _options(arguments)
    end = time.monotonic() + options.minutes * 60
    seed = options.seed
    while True:
        mode = options.modes[seed % len(options.modes)]
        folder = Path(tempfile.mkdtemp(prefix=f"nights-{seed}-", dir=options.folder))
        if not _run(seed, mode, folder, options):
            return 1
        shutil.rmtree(folder)
        seed += 1
        if time.monotonic() >= end:
            return 0


def _run(seed: int, mode: str, folder: Path, options: argparse.Namespace) -> bool:
    """Whether the sequence of a seed gave what its rebuilds gave."""
    begun = time.monotonic()
    nights = split(
        seed,
        options.only or options.scenarios,
        folder / "landings",
        is_snapshot=mode == SNAPSHOT,
    )
    endings = options.endings or random_endings(seed, len(nights))
    variables = variables_of(seed, mode, options.only or options.scenarios)
    try:
        found = replay(
            nights,
            folder,
            variables=variables,
            endings=endings,
            seed=seed,
            schemas=None if options.all_schemas else (MARTS,),
            except_for=[*bookkeeping(options.project), *options.except_for],
            project_dir=options.project,
        )
        problems, told = str(found) if found.differences else "", ", ".join(found.endings)
    except BuildFailedError as error:
        problems, told = str(error), ", ".join(endings)
    verdict = "DIFFERENT" if problems else "equal"
    seconds = time.monotonic() - begun
    print(
        f"seed {seed}: {mode} {_settings(variables)}: {told}: {verdict} ({seconds:.0f} s)",
        flush=True,
    )
    if problems:
        print(problems)
        print(f"Folder: {folder}")
        print(
            f"Again: python -m tests.nights.soak --minutes 0 --seed {seed} --modes {mode} "
            f"--scenarios {options.scenarios}"
        )
        print("With one scenario: the number in an id that differs (s1001003_…), as --only 1001003")
    return not problems


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first sequence")
    parser.add_argument("--scenarios", type=int, default=30, help="packed into each sequence")
    parser.add_argument("--only", type=int, nargs="+", help="the seeds of the scenarios")
    parser.add_argument(
        "--modes", nargs="+", choices=MODES, default=list(BUILT_MODES), help="in turn"
    )
    parser.add_argument("--endings", nargs="+", help="how each night ends")
    parser.add_argument("--marts-only", dest="all_schemas", action="store_false")
    parser.add_argument(
        "--except-for",
        nargs="*",
        default=(),
        metavar="TABLE",
        help="schemas, or tables as schema.table, that may differ, besides the bookkeeping",
    )
    parser.add_argument("--project", type=Path, default=PROJECT_DIR, help="the dbt project")
    parser.add_argument("--folder", type=Path, help="where the warehouses are made")
    options = parser.parse_args(arguments)
    if options.folder is not None:
        options.folder = options.folder.resolve()
        options.folder.mkdir(parents=True, exist_ok=True)
    options.project = options.project.resolve()
    return options


if __name__ == "__main__":
    sys.exit(main())
