"""Scenarios dealt out over nights, with all that comes late, again, or otherwise than before.

A night is a landing folder and the instant of its load. Most rows come when their own time says;
some come early, some late, some twice, and many are corrected by a later night.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.nights.snapshots import Snapshots
from tests.scenarios import bad_rows, build, crm, events
from tests.scenarios.campaigns import AMOUNTS, CURRENCIES
from tests.scenarios.contract import COLUMNS, INTERVALS, PAGE_TYPES
from tests.scenarios.files import FileForm, FileRow, any_form, write_file
from tests.scenarios.properties import properties_of
from tests.scenarios.urls import page_url, referrer
from tests.scenarios.world import DAY, INACTIVITY, Row, World

# How long after a scenario's first day a night may come, in hours: some on the scenarios' own grid
# of instants, so that a load and an event may share one.
_NIGHT_HOURS = (0, 9, 12, 18, 23.5, 24, 30, 36, 47.5, 54, 60, 80, 96, 150, 240)

# Scenarios have one of several first days. Where loads make history, all must share this one.
FIRST_DAY = datetime(2025, 6, 15, tzinfo=UTC)

# A row's own time, by the first of these columns that has a value.
_TIMES = (
    "received_at",
    "updated_at",
    "occurred_at",
    "entered_at",
    "identified_at",
    "merged_at",
    "requested_at",
    "associated_at",
    "created_at",
)

# What others refer to, and so often waits for.
_REFERRED = ("contacts", "assets", "campaigns", "deals", "pipeline_stages", "exchange_rates")

_FORMATS = bad_rows.FORMATS

# The number of a night, from 0, a table, and a row that comes in that night.
Delivery = tuple[int, str, Row]


@dataclass(frozen=True)
class Night:
    """What has landed, and when the load takes it."""

    landing: Path
    at: datetime


@dataclass(frozen=True)
class _File:
    """A file that came, to come again."""

    table: str
    path: Path
    rows: Sequence[FileRow]


def split(
    seed: int, scenarios: int | Sequence[int], folder: Path, *, is_snapshot: bool = False
) -> list[Night]:
    """Deal scenarios out over two to seven nights, whose landing folders are made in a folder.

    scenarios: how many, or the seeds of them; a scenario's rows don't depend on the others. With
    is_snapshot each association file states the whole present.
    """
    rng = random.Random(f"nights {seed}")
    count = rng.randint(2, 7)
    offsets = [timedelta(hours=hours) for hours in sorted(rng.sample(_NIGHT_HOURS, count))]
    if isinstance(scenarios, int):
        scenarios = scenarios_of(seed, scenarios, is_snapshot)
    batches: list[dict[str, list[Row]]] = [{table: [] for table in COLUMNS} for _ in offsets]
    # Where every night brings much, what a night forgets to compute anew is computed for something
    # else's sake; so in half of the sequences each night but the first brings little.
    is_sparse = rng.random() < 0.5
    snapshots = Snapshots(count)
    for scenario in scenarios:
        world = build(scenario)
        world.rng = random.Random(f"nights {seed} {scenario}")
        if is_snapshot:
            snapshots.take(world)
        deliveries = list(_deliveries(world, [world.base + offset for offset in offsets]))
        if is_sparse:
            deliveries = _all_first_but_few(world, deliveries, count)
        for number, table, row in deliveries:
            batches[number][table].append(row)
    for number, table, row in _rates(rng, count):
        batches[number][table].append(row)
    _leave_nights_empty(rng, batches)
    landings = [folder / f"night-{number}" for number in range(1, count + 1)]
    _Landings(rng, landings).write(batches)
    if is_snapshot:
        snapshots.write(rng, landings)
    return [
        Night(landing, FIRST_DAY + offset)
        for landing, offset in zip(landings, offsets, strict=True)
    ]


def scenarios_of(seed: int, count: int, is_snapshot: bool) -> list[int]:
    """The seeds of as many scenarios, which no other sequence has."""
    first = 1_000_000 + seed * 1_000
    seeds = range(first, first + 1_000)
    found = [each for each in seeds if not is_snapshot or World(each).base == FIRST_DAY]
    return found[:count]


# --- which row comes in which night ---------------------------------------------------------


def _deliveries(world: World, instants: Sequence[datetime]) -> Iterator[Delivery]:
    """Which rows of a scenario come in which night."""
    known = {table: len(rows) for table, rows in world.rows.items()}
    _add_later_rows(world)
    last = len(instants) - 1
    for table, rows in world.rows.items():
        for number, row in enumerate(rows):
            if number < known[table]:
                yield _night_of(world, table, row, instants), table, row
            else:
                yield world.rng.randint(1, last), table, row
            if world.chance(0.06):
                yield world.rng.randint(0, last), table, dict(row)
            if world.chance(_CORRECTED.get(table, 0.0)):
                yield world.rng.randint(0, last), table, _corrected(world, table, row)


def _all_first_but_few(world: World, deliveries: Sequence[Delivery], nights: int) -> list[Delivery]:
    """Everything in the first night, but for at most two rows in each later one."""
    by_table: dict[str, list[int]] = {}
    for index, (_, table, _) in enumerate(deliveries):
        by_table.setdefault(table, []).append(index)
    late: dict[int, int] = {}
    for night in range(1, nights):
        for _ in range(world.rng.randint(0, 2)):
            # A table first, for most rows are events.
            late[world.pick(by_table[world.pick(sorted(by_table))])] = night
    return [(late.get(index, 0), table, row) for index, (_, table, row) in enumerate(deliveries)]


def _night_of(world: World, table: str, row: Row, instants: Sequence[datetime]) -> int:
    last = len(instants) - 1
    at = next((row[column] for column in _TIMES if row.get(column) is not None), None)
    if at is None:
        due = 0 if world.chance(0.6) else world.rng.randint(0, last)
    else:
        due = next((number for number, instant in enumerate(instants) if at <= instant), last)
    is_workflow_email = row.get("event_type") == "email_sent" and "workflow_id" in properties_of(
        row
    )
    late = 0.5 if is_workflow_email else 0.3 if table in _REFERRED else 0.2
    if world.chance(late):
        return world.rng.randint(due, last)
    if world.chance(0.08):
        return world.rng.randint(0, last)
    return due


def _rates(rng: random.Random, count: int) -> Iterator[Delivery]:
    for row in crm.shared_rates():
        night = 0 if rng.random() < 0.5 else rng.randrange(count)
        yield night, "exchange_rates", row
        if rng.random() < 0.3:
            rate = round(row["rate"] * rng.choice((Decimal("1.1"), Decimal("0.75"))), 8)
            yield rng.randrange(night, count), "exchange_rates", {**row, "rate": rate}


def _leave_nights_empty(rng: random.Random, batches: Sequence[dict[str, list[Row]]]) -> None:
    """Let some nights bring nothing of their own; the next one brings theirs too."""
    for batch, following in pairwise(batches[1:]):
        if rng.random() < 0.12:
            for table, rows in batch.items():
                following[table] += rows
                rows.clear()


# --- what comes that the scenario didn't have -----------------------------------------------


def _add_later_rows(world: World) -> None:
    """Identifications, merges, erasures, moves, stage entries and page views of later nights."""
    _add_bridges(world)
    for _ in range(world.rng.randint(0, 4)):
        events.view(world, world.moment(), events.actor(world))
    for _ in range(world.rng.randint(0, 2)):
        world.add(
            "visitor_identities",
            visitor_id=world.pick(world.visitors),
            contact_id=world.pick(world.everyone()),
            identified_at=world.moment(),
        )
    if world.chance(0.5):
        merged, survivor = world.rng.sample(world.contacts, 2)
        world.add(
            "contact_merges",
            merged_contact_id=merged,
            contact_id=survivor,
            merged_at=world.moment(),
        )
    if world.chance(0.15):
        world.add(
            "contact_erasures",
            contact_id=world.pick(world.everyone()),
            requested_at=world.moment(),
        )
    for _ in range(world.rng.randint(0, 2)):
        stage = world.pick(world.rows["pipeline_stages"])
        world.add(
            "deal_stage_history",
            deal_id=world.pick(world.deals)["deal_id"],
            stage_id=stage["stage_id"],
            entered_at=world.moment(),
            pipeline_id=world.maybe(stage["pipeline_id"]),
        )
        world.add(
            "deal_contacts",
            deal_id=world.pick(world.deals)["deal_id"],
            contact_id=world.pick(world.everyone()),
            associated_at=world.moment(0, 6),
        )
    for _ in range(world.rng.randint(0, 3)):
        world.add(
            "campaign_assets",
            campaign_id=world.pick(world.campaigns),
            asset_id=world.pick(world.assets)["asset_id"],
            associated_at=world.moment(0, 6),
        )


def _add_bridges(world: World) -> None:
    """Page views in gaps between sessions, which they join."""
    views: dict[str, list[datetime]] = {}
    for row in world.rows["events"]:
        if row["event_type"] == "page_viewed" and row.get("visitor_id"):
            views.setdefault(row["visitor_id"], []).append(row["occurred_at"])
    for visitor_id, times in views.items():
        times.sort()
        for before, after in pairwise(times):
            if INACTIVITY <= after - before < 2 * INACTIVITY and world.chance(0.4):
                who = {"visitor_id": visitor_id, "contact_id": None}
                events.view(world, before + (after - before) / 2, who)


# --- corrections ----------------------------------------------------------------------------

# How many of a table's rows come corrected, too.
_CORRECTED = {
    "events": 0.15,
    "contacts": 0.35,
    "contact_merges": 0.4,
    "visitor_identities": 0.05,
    "contact_erasures": 0.1,
    "deals": 0.6,
    "deal_stage_history": 0.1,
    "deal_contacts": 0.3,
    "pipeline_stages": 0.08,
    "campaigns": 0.5,
    "assets": 0.25,
    "campaign_assets": 0.35,
    "campaign_keywords": 0.35,
    "campaign_spend": 0.2,
    "kpi_targets": 0.2,
    "ad_stats": 0.2,
    "social_stats": 0.2,
    "search_rankings": 0.2,
    "affiliates": 0.2,
    "users": 0.2,
}


def _corrected(world: World, table: str, row: Row) -> Row:
    """Another state of a row under its key; mostly the one that counts."""
    changes: dict[str, Callable[[], Any]] = {
        "events": lambda: _changes_of_event(world, row),
        "contacts": lambda: {
            "created_at": world.near(row["created_at"], 0.4),
            "is_deleted": world.pick((True, False, None)),
            "country": world.pick((None, "FR")),
            "email": f"new@{world.host}",
        },
        "contact_merges": lambda: {"contact_id": world.pick(world.everyone())},
        "visitor_identities": lambda: {"source": "corrected"},
        "contact_erasures": lambda: {"requested_at": world.moment()},
        "deals": lambda: _changes_of_deal(world, row),
        "deal_stage_history": lambda: {
            "pipeline_id": world.pick([None, *_values(world, "pipeline_stages", "pipeline_id")])
        },
        "pipeline_stages": lambda: {"is_won": world.chance(0.5), "is_closed": world.chance(0.8)},
        "campaigns": lambda: _changes_of_campaign(world, row),
        "assets": lambda: _changes_of_asset(world, row),
        "users": lambda: {"team": "Other"},
        "campaign_spend": lambda: {"amount": world.pick(AMOUNTS[1:])},
        "kpi_targets": lambda: {"target": 99},
        "ad_stats": lambda: {"clicks": 99, "cost": world.pick(AMOUNTS)},
        "social_stats": lambda: {"reach": 99},
        "search_rankings": lambda: {"position": 3},
        "affiliates": lambda: {"commission_rate": Decimal("0.2")},
    }
    if table in INTERVALS and table in ("campaign_assets", "campaign_keywords", "deal_contacts"):
        # It ends, ends at another instant, or hasn't ended after all.
        ends = (None, world.moment(), row["associated_at"])
        return {**row, "removed_at": _not_before(row["associated_at"], world.pick(ends))}
    version = {**row, **changes[table]()}
    if "updated_at" in COLUMNS[table]:
        newer = (row.get("updated_at") or world.anchor(9)) + world.pick((1, 2, 30)) * DAY
        older = world.anchor(0) - DAY
        version["updated_at"] = world.pick(
            (newer, newer, newer, newer, newer, row.get("updated_at"), older, None)
        )
    return version


def _changes_of_event(world: World, row: Row) -> Row:
    """What another copy of an event says; mostly it was received first."""
    possible: dict[str, Callable[[], Any]] = {
        "visitor_id": lambda: world.pick(world.visitors),
        "contact_id": lambda: world.pick(world.everyone()),
        "occurred_at": lambda: world.pick((world.moment(), world.near(row["occurred_at"], 0.2))),
        "url": lambda: world.pick((None, page_url(world, _any_page(world)))),
        "referrer": lambda: referrer(world),
        "asset_id": lambda: world.pick([None, *_ids_of_assets(world)]),
        "user_agent": lambda: world.pick(events.BOT_AGENTS + events.USER_AGENTS),
        "event_type": lambda: world.pick(_values(world, "events", "event_type")),
        "properties": lambda: world.pick((None, {"workflow_id": "w"}, {"interaction": "click"})),
        "ip_country": lambda: "FR",
    }
    changes = {name: possible[name]() for name in world.some(sorted(possible), 3)}
    received = row.get("received_at") or row["occurred_at"]
    earlier = received - world.pick((1, 3600)) * timedelta(seconds=1)
    changes["received_at"] = world.pick(
        (earlier, earlier, earlier, row.get("received_at"), received + DAY, None)
    )
    return changes


def _changes_of_deal(world: World, row: Row) -> Row:
    possible: dict[str, Callable[[], Any]] = {
        "amount": lambda: world.pick(AMOUNTS),
        "currency": lambda: world.pick(CURRENCIES),
        "stage_id": lambda: world.pick([None, *_values(world, "pipeline_stages", "stage_id")]),
        "pipeline_id": lambda: world.pick(_values(world, "pipeline_stages", "pipeline_id")),
        "closed_at": lambda: world.pick((None, world.moment())),
        "is_deleted": lambda: world.pick((True, False, None)),
        "created_at": lambda: world.moment(0, 4),
        "name": lambda: "Renamed",
    }
    return {name: possible[name]() for name in world.some(sorted(possible), 3)}


def _changes_of_campaign(world: World, row: Row) -> Row:
    days = timedelta(days=world.rng.randint(0, 3))
    start = world.maybe(row["created_at"].date() + days)
    possible: dict[str, Callable[[], Any]] = {
        "utm_campaign": lambda: world.pick([None, *world.utm_values]),
        "created_at": lambda: world.pick((world.moment(), world.near(row["created_at"], 0))),
        "is_deleted": lambda: world.pick((True, False, None)),
        "start_date": lambda: start,
        "budget": lambda: world.pick(AMOUNTS),
        "currency": lambda: world.pick(CURRENCIES),
        "name": lambda: "Renamed",
    }
    changes = {name: possible[name]() for name in world.some(sorted(possible), 3)}
    if "start_date" in changes:
        changes["end_date"] = world.maybe((start or row["created_at"].date()) + days)
    return changes


def _changes_of_asset(world: World, row: Row) -> Row:
    forms = [form["asset_id"] for form in world.assets_of("form")]
    others = {
        "form": "cta",
        "cta": "cta_legacy",
        "cta_legacy": "cta",
        "social_post": "workflow",
        "workflow": "static_list",
    }
    possible: dict[str, Callable[[], Any]] = {
        "url": lambda: world.pick((None, page_url(world, _any_page(world)))),
        "asset_type": lambda: others.get(row["asset_type"], world.pick((*PAGE_TYPES, "form"))),
        "form_id": lambda: world.pick([None, *forms]),
        "published_at": lambda: world.pick((None, world.moment())),
        "name": lambda: "Renamed",
    }
    return {name: possible[name]() for name in world.some(sorted(possible), 2)}


def _values(world: World, table: str, column: str) -> list[str]:
    return sorted({row[column] for row in world.rows[table]})


def _ids_of_assets(world: World) -> list[str]:
    return [asset["asset_id"] for asset in world.assets]


def _any_page(world: World) -> str:
    return world.pick([page or world.host for page in world.pages.values()])


def _not_before(begin: datetime, end: datetime | None) -> datetime | None:
    return None if end is None else max(begin, end)


# --- files ----------------------------------------------------------------------------------


class _Landings:
    """Writes the nights' rows into files, some of which come again."""

    def __init__(self, rng: random.Random, folders: Sequence[Path]) -> None:
        self._rng = rng
        self._folders = folders
        self._files: list[_File] = []
        # A landing folder where files stay, or one that is emptied by whoever fills it.
        self._keeps_files = rng.random() < 0.5
        self._whole_again = rng.randrange(1, len(folders)) if rng.random() < 0.3 else None

    def write(self, batches: Sequence[dict[str, list[Row]]]) -> None:
        """Write each night's folder."""
        for number, (folder, batch) in enumerate(zip(self._folders, batches, strict=True)):
            folder.mkdir(parents=True)
            if number and (self._keeps_files or number == self._whole_again):
                self._bring_all(number)
            stem = self._rng.choice(("part", f"night-{number + 1}"))
            for table, rows in batch.items():
                self._write_table(folder, stem, table, rows)
            if number and any(batch.values()):
                self._bring_some(folder, number)

    def _write_table(self, folder: Path, stem: str, table: str, rows: list[Row]) -> None:
        if not rows:
            return
        self._rng.shuffle(rows)
        parts = self._rng.randint(1, 3 if table == "events" else 2)
        for part in range(parts):
            own = rows[part::parts]
            if own:
                form = any_form(self._rng, self._rng.choice(_FORMATS))
                path = folder / table / f"{stem}-{part:03d}{form.suffix}"
                self._write_file(path, table, own, form)

    def _write_file(self, path: Path, table: str, rows: Sequence[Row], form: FileForm) -> None:
        written: list[FileRow] = list(rows)
        if self._rng.random() < 0.1:
            for bad in bad_rows.sample_of_bad_rows(self._rng, table, form.kind, 1):
                written.insert(self._rng.randint(0, len(written)), bad.row)
        write_file(path, table, written, form, self._rng)
        self._files.append(_File(table, path, rows))

    def _bring_all(self, number: int) -> None:
        """Everything that ever landed, as it was when last seen."""
        for folder in self._folders[:number]:
            shutil.copytree(folder, self._folders[number], dirs_exist_ok=True)

    def _bring_some(self, folder: Path, number: int) -> None:
        """Earlier files under another name, and their rows in other files."""
        earlier = [file for file in self._files if file.path.parent.parent != folder]
        for file in self._rng.sample(earlier, min(len(earlier), 3)):
            way = self._rng.choice(("renamed", "rewritten", "unchanged"))
            suffix = "".join(file.path.suffixes)
            if way == "rewritten":
                form = any_form(self._rng, self._rng.choice(_FORMATS))
                rows = self._rng.sample(file.rows, len(file.rows))
                path = folder / file.table / f"again-{number}-{len(self._files)}{form.suffix}"
                write_file(path, file.table, rows, form, self._rng)
                continue
            name = f"again-{number}-{file.path.name.removesuffix(suffix)}{suffix}"
            target = folder / file.table / (name if way == "renamed" else file.path.name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.path, target)
