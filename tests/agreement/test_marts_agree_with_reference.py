"""Every mart equals the plain-Python reference, row by row, over random scenarios."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.compare import differences, summary
from tests.agreement.warehouse import build_marts
from tests.reference import KEYS, compute
from tests.scenarios import build, random_journeys, write_landing, write_loads

# How many scenarios each build packs under disjoint ids: dense enough that an edge which only one
# scenario in fifty has is met several times.
PACKED = 120


def assert_agreement(
    loads: list[Path],
    warehouse: Path,
    seeds: Sequence[int],
    variables: dict[str, Any] | None = None,
) -> None:
    """The marts of what the loads brought of these scenarios, with journeys over them, agree."""
    journeys = random_journeys(random.Random(f"journeys {seeds}"), [build(seed) for seed in seeds])
    variables = {"journeys": journeys, **(variables or {})}
    found = build_marts(loads, warehouse, variables)
    wanted = compute(loads, **variables)
    lines = {
        name: differences(rows, with_codes(found[name]), KEYS[name], name)
        for name, rows in wanted.items()
    }
    assert not any(lines.values()), summary(lines)
    for name, rows in wanted.items():
        assert rows, f"{name} is empty: the scenarios prove nothing of it"


def with_codes(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with a quarantine reason shortened to its code, as the reference has it."""
    return [
        row | ({"reason": row["reason"].partition(":")[0]} if "reason" in row else {})
        for row in rows
    ]


def test_marts_agree_with_the_reference(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    seeds = range(PACKED)
    write_landing(seeds, landing)
    assert_agreement([landing], tmp_path / "warehouse", seeds)


def test_marts_agree_after_several_loads(tmp_path: Path) -> None:
    loads = [tmp_path / f"landing-{number}" for number in range(4)]
    seeds = range(1000, 1000 + PACKED)
    write_loads(seeds, loads)
    assert_agreement(loads, tmp_path / "warehouse", seeds)


@pytest.mark.parametrize(
    ("seed", "variables"),
    [
        (
            2000,
            {
                "report_timezone": "America/New_York",
                "session_split_on_new_source": True,
                "social_post_limit": 1,
                "default_attribution_model": "time_decay",
            },
        ),
        (
            3000,
            {
                "session_inactivity_minutes": 10,
                "contact_creation_grace_seconds": 0,
                "company_currency": "USD",
                "attribution_lookback_days": 3,
                "default_attribution_model": "full_path",
            },
        ),
    ],
    ids=["zone-and-sources", "limits-and-currency"],
)
def test_marts_agree_under_other_settings(
    tmp_path: Path, seed: int, variables: dict[str, Any]
) -> None:
    landing = tmp_path / "landing"
    seeds = range(seed, seed + PACKED)
    write_landing(seeds, landing)
    assert_agreement([landing], tmp_path / "warehouse", seeds, variables)
