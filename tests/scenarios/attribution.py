"""Deals that few interactions led to, at the instants that the rules A tell apart.

The other stories make long and crowded ways to a close. Here contacts of their own do little, so
that milestones are absent, coincide or lie exactly at an end, and cents are left over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.scenarios.contract import COLUMNS, PAGE_TYPES
from tests.scenarios.events import add_event, view
from tests.scenarios.urls import page_url, referrer
from tests.scenarios.world import DAY, GRACE, INACTIVITY, MICROSECOND, Row, World

# What earns credit, with the types of the assets that it may name.
EARNING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ad_interaction", ("ad_campaign", "paid_search_campaign")),
    ("call_ended", ("tracking_number",)),
    ("cta_viewed", ("cta", "cta_legacy")),
    ("cta_clicked", ("cta", "cta_legacy")),
    ("document_viewed", ("document",)),
    ("form_submitted", ("form",)),
    ("email_clicked", ("marketing_email",)),
    ("marketing_event_registered", ("marketing_event",)),
    ("marketing_event_attended", ("marketing_event",)),
    ("meeting_booked", ()),
    ("sales_email_opened", ()),
    ("sales_email_clicked", ()),
    ("sales_email_replied", ()),
    ("sms_clicked", ("sms",)),
    ("page_viewed", PAGE_TYPES),
    ("social_post_interacted", ("social_post",)),
    ("qr_code_scanned", ("qr_code",)),
    ("affiliate_link_clicked", ("affiliate_link",)),
)

# What is much like it and earns none, likewise.
EARNING_NOTHING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email_opened", ("marketing_email",)),
    ("workflow_enrolled", ("workflow",)),
    ("list_member_added", ("static_list",)),
    ("document_finished", ("document",)),
    ("sales_email_sent", ()),
    ("sms_sent", ("sms",)),
    ("sequence_meeting_booked", ("sequence",)),
    ("form_viewed", ("form",)),
)

# The lookback that the interactions of some deals reach exactly, or by one microsecond not.
LOOKBACK = 3 * DAY

_AMOUNTS = (
    None,
    Decimal("0"),
    Decimal("0.01"),
    Decimal("0.05"),
    Decimal("-0.01"),
    Decimal("-100.00"),
    Decimal("100.00"),
    Decimal("100.00"),
    Decimal("100.01"),
    Decimal("99999.99"),
)


def add_attribution(world: World) -> None:
    """One or two groups of contacts that do little, each with a deal or two."""
    for _ in range(world.rng.randint(1, 2)):
        _add_quiet_deals(world)


def _add_quiet_deals(world: World) -> None:
    created_at = world.anchor(world.rng.randint(1, 5))
    contacts = [_add_contact(world, created_at)]
    for _ in range(world.pick((0, 0, 1, 1, 2))):
        # Of contacts created at one instant the smallest id is the oldest.
        later = created_at + world.pick((timedelta(0), MICROSECOND, DAY, 9 * DAY))
        contacts.append(_add_contact(world, later))
    close = world.anchor(world.pick((7, 8, 8, 9)))
    created = world.pick((created_at, created_at + DAY, close - DAY, close, close + DAY))
    for _ in range(world.pick((1, 1, 2))):
        _add_deal(world, contacts, created, close)
    moments = [
        *(created_at + step for step in (-DAY, timedelta(0), GRACE, GRACE + MICROSECOND)),
        *(created + step for step in (timedelta(0), MICROSECOND, GRACE, GRACE + MICROSECOND)),
        *(close - step for step in (LOOKBACK, LOOKBACK, LOOKBACK + MICROSECOND, INACTIVITY)),
        *(close + step for step in (timedelta(0), timedelta(0), MICROSECOND)),
    ]
    # Sometimes the oldest contact does nothing.
    actors = contacts[1:] if len(contacts) > 1 and world.chance(0.35) else contacts
    number = world.rng.choices((0, 1, 2, 3, 5), (2, 5, 5, 4, 2))[0]
    for _ in range(number):
        at = world.pick(moments)
        for _ in range(world.pick((1, 1, 1, 2))):
            interact(world, world.pick(actors), at)
    if world.chance(0.4):
        event_type, asset_types = world.pick(EARNING_NOTHING)
        _add_event(world, event_type, asset_types, world.pick(contacts), world.pick(moments))
    if world.chance(0.2):
        _add_merged(world, world.pick(contacts), created_at, world.pick(moments))
    elif len(contacts) == 1 and world.chance(0.15):
        _add(world, "contact_erasures", contact_id=contacts[0], requested_at=close)


def _add(world: World, table: str, **values: Any) -> Row:
    """Appends a row, the columns that are not given empty."""
    return world.add(table, **{**dict.fromkeys(COLUMNS[table]), **values})


def _add_contact(world: World, created_at: datetime) -> str:
    contact_id = world.new_id("c")
    world.contacts.append(contact_id)
    world.created[contact_id] = created_at
    _add(
        world,
        "contacts",
        contact_id=contact_id,
        created_at=created_at,
        is_deleted=world.pick((True, False, False, None, None, None, None)),
    )
    if world.chance(0.4):
        visitor_id = world.new_id("v")
        world.visitors.append(visitor_id)
        _add(
            world,
            "visitor_identities",
            visitor_id=visitor_id,
            contact_id=contact_id,
            identified_at=created_at,
        )
    return contact_id


def _add_merged(world: World, survivor: str, created_at: datetime, at: datetime) -> None:
    """A contact merged into another, which may be older than it, with an interaction of its own."""
    merged = _add_contact(world, created_at + world.pick((-DAY, timedelta(0), DAY)))
    _add(world, "contact_merges", merged_contact_id=merged, contact_id=survivor, merged_at=at)
    interact(world, merged, at)


def _add_deal(world: World, contacts: list[str], created: datetime, close: datetime) -> None:
    pipeline_id = min(row["pipeline_id"] for row in world.rows["pipeline_stages"])
    stage = world.rng.choices(("won", "won2", "lost", "offer"), (6, 6, 2, 2))[0]
    stage_id = f"{world.prefix}-{stage}"
    by_history = world.chance(0.3)
    row = _add(
        world,
        "deals",
        deal_id=world.new_id("d"),
        created_at=created,
        amount=world.pick(_AMOUNTS),
        currency=world.pick((None, "EUR", "EUR", "USD")),
        pipeline_id=pipeline_id,
        stage_id=stage_id,
        closed_at=None if by_history or stage == "offer" else close,
        is_deleted=False,
    )
    world.deals.append(row)
    if by_history:
        _add(
            world,
            "deal_stage_history",
            deal_id=row["deal_id"],
            stage_id=stage_id,
            entered_at=close,
        )
    for contact_id in contacts:
        _add(
            world,
            "deal_contacts",
            deal_id=row["deal_id"],
            contact_id=contact_id,
            associated_at=world.anchor(0),
        )


def interact(world: World, contact_id: str, at: datetime) -> Row:
    """Adds one interaction of a contact that earns credit."""
    event_type, asset_types = world.pick(EARNING)
    return _add_event(world, event_type, asset_types, contact_id, at)


def _add_event(
    world: World, event_type: str, asset_types: tuple[str, ...], contact_id: str, at: datetime
) -> Row:
    visitors = [
        row["visitor_id"]
        for row in world.rows["visitor_identities"]
        if row["contact_id"] == contact_id
    ]
    visitor_id = world.maybe(visitors[0], 0.7) if visitors else None
    who = {"visitor_id": visitor_id, "contact_id": None if visitor_id else contact_id}
    if event_type == "page_viewed":
        return view(world, at, who, campaign=0.7, click=0.05)
    values: dict[str, Any] = {}
    assets = world.assets_of(*asset_types)
    if assets and world.chance(0.85):
        values["asset_id"] = world.pick(assets)["asset_id"]
    if world.chance(0.4):
        values["url"] = page_url(world, world.host, campaign=0.5, click=0.1)
        values["referrer"] = referrer(world)
    if event_type == "social_post_interacted":
        values["properties"] = {"interaction": world.pick(("click", "like", "mention"))}
    elif event_type == "call_ended":
        values["properties"] = {"outcome": world.pick(("answered", "missed"))}
    if visitor_id and world.chance(0.3):
        view(world, at - world.pick((timedelta(0), INACTIVITY - MICROSECOND, INACTIVITY)), who)
    return add_event(world, event_type, at, **values, **who)
