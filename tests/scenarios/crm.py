"""Contacts, who they are (rules ID), and their deals (rules D)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from tests.scenarios.campaigns import AMOUNTS, CURRENCIES
from tests.scenarios.world import ANCHORS, MICROSECOND, Row, World

# Rates are shared by all scenarios, since their key has no room for a prefix. USD has several,
# GBP none before some closes, JPY tiny ones, CHF none at all.
EXCHANGE_RATES: tuple[tuple[str, date, Decimal], ...] = (
    ("USD", date(2024, 1, 1), Decimal("0.9")),
    ("USD", date(2024, 2, 29), Decimal("0.925")),
    ("USD", date(2024, 12, 31), Decimal("0.965")),
    ("USD", date(2025, 1, 1), Decimal("0.9655")),
    ("USD", date(2025, 3, 30), Decimal("0.9234567891")),
    ("USD", date(2025, 6, 16), Decimal("0.8666666667")),
    ("USD", date(2025, 10, 26), Decimal("0.86005")),
    ("GBP", date(2025, 3, 30), Decimal("1.195")),
    ("GBP", date(2025, 10, 27), Decimal("1.145")),
    ("JPY", date(2024, 3, 1), Decimal("0.0061")),
    ("JPY", date(2025, 6, 20), Decimal("0.00599999999")),
)

EXCLUDED_VISITORS = ("internal-test-visitor", "internal-monitoring")


def add_contacts(world: World) -> None:
    """Three to eight contacts, and up to two contact ids that have no row."""
    for number in range(world.rng.randint(3, 8)):
        contact_id = world.new_id("c")
        world.contacts.append(contact_id)
        created_at = world.moment(0, 7)
        world.created[contact_id] = created_at
        row = world.add(
            "contacts",
            contact_id=contact_id,
            created_at=created_at,
            email=world.pick(
                (None, f"c{number}@{world.host}", f" C{number}@{world.host.upper()} ")
            ),
            phone=world.pick((None, "+49 30 1234567")),
            lifecycle_stage=world.pick((None, "lead", "customer")),
            country=world.pick((None, "DE", "US")),
            owner_id=world.maybe("u1", 0.3),
            salesforce_campaign_id=world.maybe(f"{world.prefix}_sf", 0.3),
            is_deleted=world.pick((True, False, False, False, None, None)),
            updated_at=world.maybe(world.moment(), 0.6),
        )
        changes = {"created_at": world.near(created_at), "is_deleted": world.chance(0.2)}
        world.versions("contacts", row, changes)
    for _ in range(world.rng.randint(0, 2)):
        world.orphans.append(world.new_id("c"))


def add_visitors(world: World) -> None:
    """Three to six visitors: anonymous, identified, shared by several contacts, excluded."""
    for _ in range(world.rng.randint(3, 6)):
        visitor_id = world.new_id("v")
        if world.chance(0.04):
            # The same text names a visitor and a contact.
            visitor_id = world.pick(world.contacts)
        if visitor_id in world.visitors:
            continue
        world.visitors.append(visitor_id)
        kind = world.rng.choices(
            ("anonymous", "one", "in turn", "tie", "again", "anyone"), (2, 6, 3, 2, 1, 2)
        )[0]
        first, second = world.rng.sample(world.contacts, 2)
        at = world.moment(0, 6)
        if kind == "one":
            _identify(world, visitor_id, first, at)
        elif kind == "in turn":
            _identify(world, visitor_id, first, at)
            _identify(world, visitor_id, second, max(at + MICROSECOND, world.moment(3, 8)))
        elif kind == "tie":
            _identify(world, visitor_id, first, at)
            _identify(world, visitor_id, second, at)
        elif kind == "again":
            for contact_id in (first, second, first):
                _identify(world, visitor_id, contact_id, at)
                at = max(at + MICROSECOND, world.moment(3, 9))
        elif kind == "anyone":
            _identify(world, visitor_id, world.pick(world.orphans or world.contacts), at)
    if world.chance(0.3):
        world.visitors.append(world.pick(EXCLUDED_VISITORS))
        if world.chance(0.3):
            _identify(world, world.visitors[-1], world.pick(world.contacts), world.moment())


def _identify(world: World, visitor_id: str, contact_id: str, at: datetime) -> None:
    row = world.add(
        "visitor_identities",
        visitor_id=visitor_id,
        contact_id=contact_id,
        identified_at=at,
        source=world.pick((None, "form", "email")),
    )
    world.versions("visitor_identities", row, {"source": "again"}, 0.1)


def add_merges(world: World) -> None:
    """Chains, stars, cycles, merges into themselves, into members of cycles and of orphans."""
    if world.chance(0.25):
        return
    shape = world.pick(
        ("one", "chain", "chain", "star", "cycle", "self", "into cycle", "orphans", "changed")
    )
    ids = world.rng.sample(world.contacts, len(world.contacts))
    if shape == "one":
        _merge(world, ids[0], ids[1])
    elif shape == "chain":
        for merged, survivor in pairwise(ids[:4]):
            _merge(world, merged, survivor)
    elif shape == "star":
        for merged in ids[1:3]:
            _merge(world, merged, ids[0])
    elif shape == "cycle":
        ring = ids[: world.pick((2, 3))]
        for merged, survivor in zip(ring, [*ring[1:], ring[0]], strict=True):
            _merge(world, merged, survivor)
    elif shape == "self":
        _merge(world, ids[0], ids[0])
        _merge(world, ids[1], ids[0])
    elif shape == "into cycle":
        _merge(world, ids[0], ids[1])
        _merge(world, ids[1], ids[0])
        _merge(world, ids[2], ids[0])
        if len(ids) > 3:
            _merge(world, ids[3], ids[2])
    elif shape == "orphans":
        orphans = world.orphans or [f"{world.prefix}_gone"]
        _merge(world, orphans[0], ids[0])
        _merge(world, ids[1], orphans[-1])
    else:
        # One contact merged twice: the later row of the key counts.
        _merge(world, ids[0], ids[1])
        _merge(world, ids[0], ids[2])


def _merge(world: World, merged: str, survivor: str) -> None:
    world.add(
        "contact_merges", merged_contact_id=merged, contact_id=survivor, merged_at=world.moment()
    )


def add_erasures(world: World) -> None:
    """Sometimes one or two erased contacts: with rows, merged ones, or none that is known."""
    if not world.chance(0.3):
        return
    merged = [row["merged_contact_id"] for row in world.rows["contact_merges"]]
    unknown = f"{world.prefix}_never_seen"
    for contact_id in world.some([*world.everyone(), *world.orphans, *merged, unknown], 2):
        world.add("contact_erasures", contact_id=contact_id, requested_at=world.moment())


def add_pipelines(world: World) -> None:
    """Two pipelines that share some stage ids; a shared one may be won in one of them only."""
    p1, p2 = world.new_id("p"), world.new_id("p")
    shared_won = world.chance(0.5)
    stages = (
        (p1, "open", False, False),
        (p1, "offer", False, False),
        (p1, "won", True, True),
        (p1, "won2", True, True),
        (p1, "lost", False, True),
        (p2, "open", False, False),
        (p2, "won", shared_won, True),
        (p2, "signed", True, True),
        (p2, "lost", False, True),
    )
    for order, (pipeline_id, stage, is_won, is_closed) in enumerate(stages):
        row = world.add(
            "pipeline_stages",
            pipeline_id=pipeline_id,
            stage_id=f"{world.prefix}-{stage}",
            label=world.maybe(stage.title(), 0.8),
            display_order=order,
            is_won=is_won,
            is_closed=is_closed,
        )
        world.versions("pipeline_stages", row, {"label": "Renamed"}, 0.05)


def add_deals(world: World) -> None:
    """Two to five deals: open, won, lost, reopened, won twice, with histories that disagree."""
    pipelines = sorted({row["pipeline_id"] for row in world.rows["pipeline_stages"]})
    for _ in range(world.rng.randint(2, 5)):
        _add_deal(world, pipelines)
    if world.chance(0.3):
        unknown, at = f"{world.prefix}_nodeal", world.moment()
        stage_id = f"{world.prefix}-won"
        world.add("deal_stage_history", deal_id=unknown, stage_id=stage_id, entered_at=at)
        contact_id = world.pick(world.contacts)
        world.add("deal_contacts", deal_id=unknown, contact_id=contact_id, associated_at=at)


def _add_deal(world: World, pipelines: list[str]) -> None:
    p1, p2 = pipelines
    path = world.rng.choices(
        (
            ("open",),
            ("open", "offer"),
            ("open", "won"),
            ("open", "signed"),
            ("open", "won", "won2"),
            ("open", "won", "open", "won"),
            ("won", "open"),
            ("open", "lost"),
            ("lost", "won"),
            ("open", "unlisted"),
        ),
        (1, 1, 8, 3, 2, 3, 1, 2, 1, 1),
    )[0]
    deal_id = world.new_id("d")
    unlisted = f"{world.prefix}-p9"
    pipeline_id = world.rng.choices((p1, p2, None, "", unlisted), (6, 2, 2, 1, 1))[0]
    entries = sorted(world.moment(3, ANCHORS - 1) for _ in path)
    if world.chance(0.2):
        # Entries at one instant are in the order of their stage ids.
        entries = [entries[0]] * len(path)
    closed_at = world.rng.choices(
        (None, world.near(entries[-1]), entries[-1], world.moment(), world.anchor(0)),
        (5, 4, 2, 2, 1),
    )[0]
    stage_id: str | None = f"{world.prefix}-{path[-1]}"
    if world.chance(0.35):
        # The property disagrees with the history, or is empty.
        won, opened = f"{world.prefix}-won", f"{world.prefix}-open"
        stage_id = world.pick((None, None, "", won, won, opened))
    row = world.add(
        "deals",
        deal_id=deal_id,
        created_at=world.moment(0, 4),
        name=world.maybe(world.name(f"Deal {deal_id}"), 0.8),
        amount=world.pick(AMOUNTS),
        currency=world.pick(CURRENCIES),
        pipeline_id=pipeline_id,
        stage_id=stage_id,
        closed_at=closed_at,
        owner_id=world.maybe("u1", 0.3),
        is_deleted=world.pick((True, False, False, False, False, False, None, None)),
        updated_at=world.maybe(world.moment(), 0.6),
    )
    world.deals.append(row)
    world.versions("deals", row, {"amount": Decimal("7.77"), "is_deleted": world.chance(0.2)}, 0.2)
    if world.chance(0.75):
        for stage, at in zip(path, entries, strict=True):
            entry_pipeline = world.rng.choices(
                (pipeline_id, None, p1, p2, unlisted), (4, 6, 1, 1, 1)
            )
            world.add(
                "deal_stage_history",
                deal_id=deal_id,
                stage_id=f"{world.prefix}-{stage}",
                entered_at=at,
                pipeline_id=entry_pipeline[0],
            )
    close = closed_at or entries[-1]
    _associate_contacts(world, row, close)


def _associate_contacts(world: World, deal: Row, close: datetime) -> None:
    """Contacts on the deal: before, exactly at and after its close; removed likewise; twice."""
    candidates = world.contacts + world.orphans
    for contact_id in world.some(candidates, 4):
        at = world.rng.choices(
            (world.moment(0, 3), close, close + MICROSECOND, world.moment()), (6, 2, 1, 1)
        )[0]
        removed = world.rng.choices(
            (None, close, close + MICROSECOND, close - MICROSECOND, at, world.moment()),
            (10, 1, 1, 1, 1, 1),
        )[0]
        if removed is not None and removed < at:
            removed = at
        row = world.add(
            "deal_contacts",
            deal_id=deal["deal_id"],
            contact_id=contact_id,
            associated_at=at,
            removed_at=removed,
        )
        if removed is not None and world.chance(0.3):
            world.rows["deal_contacts"].insert(-1, {**row, "removed_at": None})
            again = world.pick((removed, close))
            world.add("deal_contacts", **{**row, "associated_at": again, "removed_at": None})


def shared_rates() -> list[Row]:
    """The exchange rates that every pack of scenarios brings once."""
    return [
        {"currency": currency, "valid_from": valid_from, "rate": rate}
        for currency, valid_from, rate in EXCHANGE_RATES
    ]
