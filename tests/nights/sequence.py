"""Replays a sequence of nights, and compares with a rebuild after each."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.settings import PROJECT_DIR, known_dbt_vars
from tests.agreement.compare import differences as differences_of_rows
from tests.agreement.compare import summary
from tests.agreement.test_marts_agree_with_reference import with_codes
from tests.agreement.warehouse import read_marts
from tests.nights.compare import MARTS, differences
from tests.nights.split import Night
from tests.nights.warehouse import Warehouse
from tests.reference import KEYS, compute

# What a night may be besides whole: ended between two models and run again, or left for the next
# night; loaded and never built; run twice; its process killed wherever it was, and run again.
WHOLE, ENDED, LEFT, LOADED, TWICE, KILLED = ENDINGS = (
    "whole",
    "ended",
    "left",
    "loaded",
    "twice",
    "killed",
)
_ODDS = (6, 2, 1, 1, 1, 2)


@dataclass
class Replay:
    """What came of a sequence: how each night ended, and the first differences found."""

    endings: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([f"nights: {', '.join(self.endings)}", *self.differences])


def random_endings(seed: int, nights: int, *, without: Collection[str] = ()) -> list[str]:
    """How each of the nights ends; the last one is built."""
    rng = random.Random(f"endings {seed}")
    odds = [0 if ending in without else odd for ending, odd in zip(ENDINGS, _ODDS, strict=True)]
    endings = rng.choices(ENDINGS, odds, k=nights)
    if endings[-1] in (LEFT, LOADED):
        endings[-1] = WHOLE
    return endings


def replay(
    nights: Sequence[Night],
    folder: Path,
    *,
    variables: Mapping[str, Any] | None = None,
    endings: Sequence[str] | None = None,
    seed: int = 0,
    schemas: Collection[str] | None = (MARTS,),
    except_for: Collection[str] = (),
    project_dir: Path = PROJECT_DIR,
) -> Replay:
    """Run the nights on a warehouse in the folder, up to the first that differs from a rebuild.

    The last night's tables are compared with the reference, too, and the data tests run. endings
    are those of the nights, all whole where it is None; seed decides what is built in a night that
    ends early.

    Raises BuildFailedError where a model or a data test fails.
    """
    rng = random.Random(f"replay {seed}")
    warehouse = Warehouse(folder / "nights", variables, project_dir)
    rebuild = Warehouse(folder / "rebuild", variables, project_dir, raw_layer_of=warehouse)
    found = Replay()
    instants: list[datetime | None] = []
    for number, night in enumerate(nights):
        ending = endings[number] if endings else WHOLE
        instants.append(warehouse.load(night.landing, night.at))
        told = ending
        if ending in (ENDED, LEFT):
            told += f" after {len(warehouse.build_some(rng))} models"
        elif ending == KILLED:
            told += f" after {warehouse.build_until_killed(rng)} models"
        found.endings.append(told)
        if ending in (LEFT, LOADED):
            continue
        warehouse.build()
        if ending == TWICE:
            warehouse.build()
        rebuild.build_anew()
        lines = differences(
            warehouse.database, rebuild.database, schemas=schemas, except_for=except_for
        )
        if lines:
            found.differences = [f"after night {number + 1}:", *lines]
            return found
    warehouse.test()
    landings = [night.landing for night in nights]
    found.differences = _reference_differences(warehouse, landings, instants, variables or {})
    return found


def _reference_differences(
    warehouse: Warehouse,
    landings: Sequence[Path],
    instants: Sequence[datetime | None],
    variables: Mapping[str, Any],
) -> list[str]:
    marts = read_marts(warehouse.database)
    variables = {"journeys": known_dbt_vars()["journeys"], **variables}
    wanted = compute(landings, load_instants=instants, **variables)
    lines = {
        name: differences_of_rows(rows, with_codes(marts[name]), KEYS[name], name)
        for name, rows in wanted.items()
    }
    return ["against the reference:", summary(lines)] if any(lines.values()) else []
