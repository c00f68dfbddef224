"""The nights bring what they are meant to bring: late rows, rows again, corrected rows."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from tests.nights.snapshots import TABLES
from tests.nights.split import Night, split
from tests.reference.contract import TABLES as CONTRACTS
from tests.reference.load import load_all

SEEDS = (1, 3, 4, 15, 48)
SCENARIOS = 12

# What a model has to compute anew when a row of it changes; the rest only adds up or is shown.
CHANGING = (
    "events",
    "contacts",
    "contact_merges",
    "deals",
    "deal_contacts",
    "pipeline_stages",
    "exchange_rates",
    "campaigns",
    "assets",
    "campaign_assets",
    "campaign_keywords",
)
ADDED = (*CHANGING, "visitor_identities", "contact_erasures", "deal_stage_history")


def content(nights: list[Night]) -> list[tuple[Path, str]]:
    """Each file, as night/table/name, with the hash of what it holds."""
    return [
        (
            path.relative_to(night.landing.parent),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for night in nights
        for path in sorted(night.landing.glob("*/*"))
    ]


def counting_rows(nights: list[Night]) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    tables = load_all([night.landing for night in nights]).tables
    return {
        name: {tuple(row[column] for column in CONTRACTS[name].key): row for row in rows}
        for name, rows in tables.items()
    }


def test_a_seed_decides_the_nights(tmp_path: Path) -> None:
    for is_snapshot in (False, True):
        one, other = (
            content(split(7, 4, tmp_path / f"{is_snapshot} {name}", is_snapshot=is_snapshot))
            for name in ("one", "other")
        )
        assert one == other
    assert content(split(8, 4, tmp_path / "another")) != one


def test_rows_of_every_table_that_matters_come_late_and_come_corrected(tmp_path: Path) -> None:
    added: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    late_events = empty_nights = again = 0
    for seed in SEEDS:
        nights = split(seed, SCENARIOS, tmp_path / f"{seed}")
        before = counting_rows(nights[:1])
        seen: set[tuple[tuple[str, ...], str]] = set()
        for number in range(1, len(nights)):
            after = counting_rows(nights[: number + 1])
            for table, rows in after.items():
                new = rows.keys() - before[table].keys()
                added[table] += len(new)
                changed[table] += sum(rows[key] != row for key, row in before[table].items())
                if table == "events":
                    times = [row["occurred_at"] for row in before[table].values()]
                    late_events += sum(rows[key]["occurred_at"] < max(times) for key in new)
            empty_nights += after == before
            before = after
        for night in nights:
            files = {(path.parts[1:], digest) for path, digest in content([night])}
            names = {name for name, _ in seen}
            digests = {digest for _, digest in seen}
            again += sum(digest in digests and name not in names for name, digest in files)
            seen |= files
    assert [table for table in ADDED if added[table] < 5] == []
    assert [table for table in CHANGING if changed[table] < 5] == []
    assert late_events > 100
    assert empty_nights > 0
    assert again > 5


def test_a_scenario_alone_has_the_rows_that_it_has_among_others(tmp_path: Path) -> None:
    among, alone = (
        [
            {
                table: {repr(key) for key in rows if "4711" in repr(key)}
                for table, rows in counting_rows(nights[: number + 1]).items()
            }
            for number in range(len(nights))
        ]
        for nights in (split(5, [4710, 4711], tmp_path / "two"), split(5, [4711], tmp_path / "one"))
    )
    assert among[-1] == alone[-1]


def test_associations_of_snapshots_come_and_go(tmp_path: Path) -> None:
    ended: Counter[str] = Counter()
    for seed in SEEDS:
        nights = split(seed, SCENARIOS, tmp_path / f"{seed}", is_snapshot=True)
        tables = load_all(
            [night.landing for night in nights],
            association_history="snapshot",
            load_instants=[night.at.replace(tzinfo=None) for night in nights],
        ).tables
        for table in TABLES:
            rows = tables[table]
            first = min(row["associated_at"] for row in rows)
            # Nights in which some end and others, there from the first night on, don't.
            held = [row["removed_at"] for row in rows if row["associated_at"] == first]
            ends = {row["removed_at"] for row in rows} - {None}
            ended[table] += sum(any(one is None or one > end for one in held) for end in ends)
    assert [table for table in TABLES if ended[table] < 3] == []
