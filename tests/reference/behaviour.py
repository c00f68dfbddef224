"""The marts of what people do: in apps, on pages, in sessions and surveys, and over time
(K-14..K-16)."""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from .catalogue import AREAS
from .deals import NO_CAMPAIGN
from .events import Event
from .journeys import STAGE_ENTRY, stage_entries
from .notions import (
    ZERO,
    Facts,
    Person,
    Table,
    asset_of,
    cell_of,
    is_true,
    number_property,
    person_of,
    ratio,
)
from .sessions import Session
from .values import words

Row = dict[str, Any]

# K-14
COUNTED = {
    "account_registered": "sign_ups",
    "purchase_completed": "purchases",
    "subscription_started": "subscriptions",
}
CART_ENDS = words("purchase_completed cart_abandoned")
ACTIVE_TYPES = words("app_opened app_closed feature_used")

# K-15: three clicks on one cell within this time are a rage click
RAGE = timedelta(seconds=1)


# --- behaviour by day (K-14) --------------------------------------------------------------------


@dataclass(frozen=True)
class Cart:
    """K-14: a cart stands where its first event does."""

    first: Event
    is_abandoned: bool


def events_by_person(facts: Facts, event_types: frozenset[str]) -> dict[Person, list[Event]]:
    """Each person's events of some types, in order."""
    found: dict[Person, list[Event]] = defaultdict(list)
    for event in facts.events:
        if event.event_type in event_types:
            found[person_of(event)].append(event)
    return found


def carts_of(events: list[Event]) -> list[Cart]:
    """K-14: one person's carts: each run of updates up to a purchase or an abandonment. An
    abandonment that ends no run is a cart by itself.

    Args:
        events: the person's updates, purchases and abandonments, in order.
    """
    carts = []
    opened: Event | None = None
    for event in events:
        if event.event_type == "cart_updated":
            opened = opened or event
        else:
            if event.event_type == "cart_abandoned":
                carts.append(Cart(opened or event, True))
            elif opened is not None:
                carts.append(Cart(opened, False))
            opened = None
    if opened is not None:
        carts.append(Cart(opened, False))
    return carts


def uses_of(events: list[Event]) -> list[tuple[Event, timedelta]]:
    """K-14: each opening of an app by one person with the time to its closing, if that is what
    comes next.

    Args:
        events: the person's openings and closings, in order.
    """
    return [
        (opening, following.at - opening.at)
        for opening, following in pairwise(events)
        if opening.event_type == "app_opened" and following.event_type == "app_closed"
    ]


def behavior_daily(facts: Facts) -> list[Row]:
    """K-14: sign-ups, purchases, carts and use, one row per campaign and date that has any."""
    table = Table(
        ("campaign_id", "date"),
        {
            **dict.fromkeys((*COUNTED.values(), "carts", "carts_abandoned"), 0),
            "purchase_value": ZERO,
            "use_seconds": timedelta(0),
        },
    )

    def measures_of(event: Event) -> list[Row]:
        return [table.at(campaign, facts.date_of(event)) for campaign in facts.campaigns(event)]

    for event in facts.of_types(*COUNTED):
        for measures in measures_of(event):
            measures[COUNTED[event.event_type]] += 1
            if event.event_type == "purchase_completed":
                measures["purchase_value"] += facts.value_of(event) or ZERO
    for events in events_by_person(facts, CART_ENDS | {"cart_updated"}).values():
        for cart in carts_of(events):
            for measures in measures_of(cart.first):
                measures["carts"] += 1
                measures["carts_abandoned"] += cart.is_abandoned
    for events in events_by_person(facts, words("app_opened app_closed")).values():
        for opening, duration in uses_of(events):
            for measures in measures_of(opening):
                measures["use_seconds"] += duration
    active = active_persons(facts)
    for campaign_id, days in active.items():
        for day in days:
            table.at(campaign_id, date.fromordinal(day))
    rows = table.rows()
    for row in rows:
        days, day = active.get(row["campaign_id"], {}), row["date"].toordinal()
        row["use_seconds"] = row["use_seconds"] / timedelta(seconds=1)
        row["daily_active"] = len(persons_of_days(days, day, 1))
        row["weekly_active"] = len(persons_of_days(days, day, 7))
        row["monthly_active"] = len(persons_of_days(days, day, 30))
        row["stickiness"] = ratio(row["daily_active"], row["monthly_active"])
        row["abandonment_rate"] = ratio(row["carts_abandoned"], row["carts"])
    return rows


def active_persons(facts: Facts) -> dict[str, dict[int, set[Person]]]:
    """K-14: by campaign and day (its ordinal) who used an app."""
    active: dict[str, dict[int, set[Person]]] = defaultdict(lambda: defaultdict(set))
    for event in facts.events:
        if event.event_type in ACTIVE_TYPES:
            for campaign_id in facts.campaigns(event):
                active[campaign_id][facts.date_of(event).toordinal()].add(person_of(event))
    return active


def persons_of_days(persons: dict[int, set[Person]], last: int, days: int) -> set[Person]:
    """Who was there in a number of days that end with a day."""
    return set().union(*(persons.get(last - back, set()) for back in range(days)))


# --- pages and sessions (K-15) ------------------------------------------------------------------


def page_heatmap(facts: Facts) -> list[Row]:
    """K-15: clicks by cell, scrolls by decile of the depth, by page and device class."""
    table = Table(
        (
            *("campaign_id", "asset_id", "device_type"),
            *("column", "row", "scroll_decile", "date"),
        ),
        dict.fromkeys(("clicks", "dead_clicks", "scrolls"), 0),
    )
    for event in facts.of_types("page_clicked", "page_scrolled"):
        is_click = event.event_type == "page_clicked"
        cell = cell_of(event) if is_click else None
        decile = None if is_click else scroll_decile(event)
        for campaign_id in facts.campaigns(event):
            measures = table.at(
                campaign_id,
                event.named_asset_id or event.page_of_url,
                event.device_type,
                *(cell or (None, None)),
                decile,
                facts.date_of(event),
            )
            measures["clicks"] += is_click
            measures["dead_clicks"] += is_click and is_true(event, "is_dead")
            measures["scrolls"] += not is_click
    return table.rows()


def scroll_decile(event: Event) -> int | None:
    """K-15: the tenth of the page (1..10) down to which somebody scrolled; None where the depth is
    none."""
    depth = number_property(event, "scroll_depth", 9)
    if depth is None or not 0 <= depth <= 1:
        return None
    return max(1, math.ceil(depth * 10))


def rage_clicks(events: list[Event]) -> int:
    """K-15: how many clicks complete three on one cell within a second.

    Args:
        events: those of a session, in order.
    """
    times: dict[tuple[str | None, tuple[int, int]], list[datetime]] = defaultdict(list)
    rages = 0
    for event in events:
        cell = cell_of(event) if event.event_type == "page_clicked" else None
        if cell is not None:
            on_cell = times[event.url, cell]
            on_cell.append(event.at)
            rages += len(on_cell) >= 3 and on_cell[-1] - on_cell[-3] <= RAGE
    return rages


def replay(session: Session) -> Row:
    """K-15: what happened in a session, in order."""
    events = sorted(session.events, key=lambda event: event.order)
    clicks = [event for event in events if event.event_type == "page_clicked"]
    return {
        "session_id": session.session_id,
        "length_s": (events[-1].at - session.started_at) / timedelta(seconds=1),
        "events": [
            {
                "occurred_at": event.at,
                "event_type": event.event_type,
                "asset_id": asset_of(event),
                "url": event.url if event.event_type == "page_viewed" else None,
                "x": _coordinate(event, "x"),
                "y": _coordinate(event, "y"),
            }
            for event in events
        ],
        "rage_clicks": rage_clicks(events),
        "dead_clicks": sum(is_true(click, "is_dead") for click in clicks),
        "errors": sum(event.event_type == "page_error" for event in events),
    }


def _coordinate(event: Event, name: str) -> float | None:
    number = number_property(event, name, 9) if event.event_type == "page_clicked" else None
    return None if number is None else float(number)


def session_replays(facts: Facts) -> list[Row]:
    """K-15: each session under each of its campaigns."""
    rows = []
    for number, session in enumerate(facts.sessions):
        shown = replay(session)
        for campaign_id in facts.session_campaigns(number):
            rows.append({"campaign_id": campaign_id, "date": facts.date_of(session.entry), **shown})
    return rows


# --- feedback (K-16) ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """K-16: a scale from ``lowest`` to ``highest``; passives begin at ``passive``, promoters at
    ``promoter``."""

    lowest: int
    passive: int
    promoter: int
    highest: int

    def group(self, score: Decimal) -> str | None:
        """To which group a score belongs; None where it is not on the scale."""
        if not self.lowest <= score <= self.highest:
            return None
        if score >= self.promoter:
            return "promoters"
        return "passives" if score >= self.passive else "detractors"


SCALES = {"nps": Scale(0, 7, 9, 10), "csat": Scale(1, 3, 4, 5), "ces": Scale(1, 4, 5, 7)}


def score_of(row: Row) -> float | None:
    """K-16: the score of a survey; None where its kind has none, or nobody gave one."""
    given = row["promoters"] + row["passives"] + row["detractors"]
    if row["kind"] == "nps":
        return ratio(100 * (row["promoters"] - row["detractors"]), given)
    if row["kind"] == "csat":
        return ratio(100 * row["promoters"], given)
    return ratio(row["score_sum"], given)


def feedback(facts: Facts) -> list[Row]:
    """K-16: responses by survey and kind, under the campaigns of the respondent's session."""
    table = Table(
        ("campaign_id", "survey", "kind", "date"),
        {
            **dict.fromkeys(("responses", "promoters", "passives", "detractors"), 0),
            "score_sum": Decimal("0.0000"),
        },
    )
    for response in facts.of_types("survey_responded"):
        kind = response.property_text("kind")
        score = number_property(response, "score", 4)
        group = SCALES[kind].group(score) if kind in SCALES and score is not None else None
        for campaign_id in facts.session_campaigns(response.session):
            measures = table.at(campaign_id, asset_of(response), kind, facts.date_of(response))
            measures["responses"] += 1
            if group is not None:
                measures[group] += 1
                measures["score_sum"] += score
    rows = table.rows()
    for row in rows:
        row["score"] = score_of(row)
    return rows


# --- the timeline of a contact ------------------------------------------------------------------


def contact_timeline(facts: Facts) -> list[Row]:
    """Every event of a contact, and the stage entries of the deals whose contact it is (J-7);
    erased contacts have no row (ID-6)."""
    found = {
        (event.contact, event.event_id): (event, event.deal_id)
        for event in facts.events
        if event.contact is not None
    }
    entries = stage_entries(facts.deals, facts.tables["deal_stage_history"])
    for deal in facts.deals:
        for entry in entries.get(deal.deal_id, ()):
            for contact in deal.contacts:
                found[contact, entry.event_id] = entry, deal.deal_id
    return [
        {
            "contact_id": contact,
            "event_id": event.event_id,
            "occurred_at": event.at,
            "area": AREAS.get(event.event_type),
            "event_type": event.event_type,
            "asset_id": asset_of(event),
            "campaign_ids": timeline_campaigns(facts, event),
            "deal_id": deal_id,
        }
        for (contact, _), (event, deal_id) in found.items()
        if contact not in facts.identity.erased
    ]


def timeline_campaigns(facts: Facts, event: Event) -> list[str]:
    """K-0: the campaigns for which an event counts, in order; none for ``no campaign``."""
    if event.event_type == STAGE_ENTRY and event.visitor_id is None and event.contact is None:
        return []  # an entry of the deals' history, no event of the stream
    return [campaign for campaign in facts.campaigns(event) if campaign != NO_CAMPAIGN]
