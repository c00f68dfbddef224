"""Deals: stages, closes, contacts at close, amounts and revenue (D)."""

import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .dates import Calendar
from .events import Event
from .identity import Identity
from .touches import Touches
from .values import multiply, round_half_away

Row = dict[str, Any]

NO_CAMPAIGN = "no campaign"


class Stages:
    """D-1: the listed pipeline stages."""

    def __init__(self, rows: list[Row]) -> None:
        self._by_both = {(row["pipeline_id"], row["stage_id"]): row for row in rows}
        self._pipelines = {row["pipeline_id"] for row in rows}
        self._by_stage: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_stage[row["stage_id"]].append(row)

    def find(self, pipeline_id: str | None, stage_id: str | None) -> Row | None:
        """The listed stage; by its id alone where the pipeline is empty or unlisted and only one
        pipeline has it."""
        if stage_id is None:
            return None
        if pipeline_id in self._pipelines:
            return self._by_both.get((pipeline_id, stage_id))
        candidates = self._by_stage.get(stage_id, [])
        return candidates[0] if len(candidates) == 1 else None


class Rates:
    """D-8: conversion to the company's currency."""

    def __init__(self, rows: list[Row], company_currency: str) -> None:
        self.company_currency = company_currency
        self._rates: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in rows:
            self._rates[row["currency"]].append((row["valid_from"], row["rate"]))
        for rates in self._rates.values():
            rates.sort()

    def convert(
        self, amount: Decimal | None, currency: str | None, on: date | None
    ) -> Decimal | None:
        """An amount in the company's currency at the rate of a date (None: the latest rate);
        None where it is missing or no rate is known."""
        if amount is None:
            return None
        if currency is None or currency == self.company_currency:
            return amount
        rates = self._rates.get(currency, [])
        known = rates if on is None else [rate for rate in rates if rate[0] <= on]
        if not known:
            return None
        converted = round_half_away(multiply(amount, known[-1][1]), 2)
        # as large as the load takes no amount: rather null than sums that fit nowhere
        return converted if abs(converted) < Decimal(10) ** 13 else None


@dataclass(eq=False)
class Deal:
    """One deal that is not deleted, after D-1 and D-8."""

    row: Row
    stage_id: str | None
    is_won: bool
    closed_at: datetime | None
    amount: Decimal | None
    contacts: set[str] = field(default_factory=set)

    @property
    def deal_id(self) -> str:
        """Its id."""
        return str(self.row["deal_id"])

    @property
    def won_at(self) -> datetime | None:
        """D-1: when it was won; None: it was not, or has no close and counts nowhere."""
        return self.closed_at if self.is_won else None


def state_of_deal(row: Row, history: list[Row], stages: Stages) -> tuple[str | None, bool, Any]:
    """D-1, J-7: (stage id, is closed-won, closed_at) of a deal.

    Args:
        row: the deal.
        history: its stage entries in order of (entered_at, stage id).
        stages: the listed stages.
    """

    def listed(entry: Row) -> Row | None:
        return stages.find(entry["pipeline_id"] or row["pipeline_id"], entry["stage_id"])

    latest = history[-1] if history else None
    if row["stage_id"] is not None or latest is None:
        stage_id = row["stage_id"]
        stage = stages.find(row["pipeline_id"], stage_id)
    else:
        stage_id = latest["stage_id"]
        stage = listed(latest)

    def is_in(flag: str) -> bool:
        """Whether its stage, and the latest entry of its history if it has one, has a flag."""
        if stage is None or not stage[flag]:
            return False
        entered = listed(latest) if latest is not None else stage
        return entered is not None and entered[flag]

    def latest_entry_with(flag: str) -> datetime | None:
        times = [e["entered_at"] for e in history if (s := listed(e)) is not None and s[flag]]
        return times[-1] if times else None

    if is_in("is_won"):
        return stage_id, True, row["closed_at"] or latest_entry_with("is_won")
    if is_in("is_closed"):
        return stage_id, False, row["closed_at"] or latest_entry_with("is_closed")
    return stage_id, False, None


def contacts_at(rows: list[Row], at: datetime | None, identity: Identity) -> set[str]:
    """D-3: the contacts associated with a deal at an instant (None: now)."""
    found = set()
    for row in rows:
        removed_at = row["removed_at"]
        if at is None:
            holds = removed_at is None
        else:
            holds = row["associated_at"] <= at and (removed_at is None or at < removed_at)
        contact = identity.contact(row["contact_id"])
        if holds and contact is not None:
            found.add(contact)
    return found


def build_deals(
    tables: dict[str, list[Row]], identity: Identity, rates: Rates, calendar: Calendar
) -> tuple[list[Deal], Stages]:
    """All deals that are not deleted (T-9), with their close, amount and contacts at close."""
    stages = Stages(tables["pipeline_stages"])
    history: dict[str, list[Row]] = defaultdict(list)
    for row in tables["deal_stage_history"]:
        history[row["deal_id"]].append(row)
    associations: dict[str, list[Row]] = defaultdict(list)
    for row in tables["deal_contacts"]:
        associations[row["deal_id"]].append(row)
    deals = []
    for row in tables["deals"]:
        if row["is_deleted"]:
            continue
        entries = sorted(
            history[row["deal_id"]], key=lambda entry: (entry["entered_at"], entry["stage_id"])
        )
        stage_id, is_won, closed_at = state_of_deal(row, entries, stages)
        on = None if closed_at is None else calendar.date_of(closed_at)
        deals.append(
            Deal(
                row=row,
                stage_id=stage_id,
                is_won=is_won,
                closed_at=closed_at,
                amount=rates.convert(row["amount"], row["currency"], on),
                contacts=contacts_at(associations[row["deal_id"]], closed_at, identity),
            )
        )
    return deals, stages


def largest_remainder(cents: int, shares: list[Fraction]) -> list[int]:
    """A-6: whole cents of each share; the shares sum to 1 and stand in the order of ties."""
    return round_to_cents(cents, [cents * share for share in shares])


def round_to_cents(cents: int, exact: list[Fraction]) -> list[int]:
    """A-6: exact parts of whole cents, in the order of ties, each rounded to whole cents.

    Floors are towards minus infinity; the cents left over go to the largest remainders, compared
    after rounding to six decimals of a cent.
    """
    floors = [math.floor(value) for value in exact]
    millionths = [
        math.floor((value - floor) * 10**6 + Fraction(1, 2))
        for value, floor in zip(exact, floors, strict=True)
    ]
    left = cents - sum(floors)
    order = sorted(range(len(exact)), key=lambda index: (-millionths[index], index))
    for index in order[:left]:
        floors[index] += 1
    return floors


class RevenueInteractions:
    """D-6: the revenue interactions of each contact in order of time and event id."""

    def __init__(self, events: list[Event], touches: Touches) -> None:
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.contact is not None and event.is_revenue_interaction:
                self._events[event.contact].append(event)
        self._times = {
            contact: [event.at for event in found] for contact, found in self._events.items()
        }
        self._touches = touches
        self._campaigns: dict[str, set[str]] = {}

    def up_to(self, contact: str, at: datetime) -> list[Event]:
        """A contact's revenue interactions at or before an instant."""
        if contact not in self._events:
            return []
        return self._events[contact][: bisect_right(self._times[contact], at)]

    def campaigns(self, event: Event) -> set[str]:
        """A-7: the campaigns for which an interaction counts."""
        if event.event_id not in self._campaigns:
            self._campaigns[event.event_id] = self._touches.counts_for(event)
        return self._campaigns[event.event_id]


def contacts_with_revenue(
    deals: list[Deal], interactions: RevenueInteractions
) -> dict[tuple[str, str], datetime]:
    """D-6: the first close of each (campaign, contact) with revenue."""
    first: dict[tuple[str, str], datetime] = {}
    for deal in deals:
        if deal.won_at is None:
            continue
        for contact in deal.contacts:
            for event in interactions.up_to(contact, deal.won_at):
                for campaign_id in interactions.campaigns(event):
                    key = (campaign_id, contact)
                    first[key] = min(first.get(key, deal.won_at), deal.won_at)
    return first


def revenue_of_deal(deal: Deal, interactions: RevenueInteractions) -> dict[str, Decimal]:
    """D-7: a closed-won deal's amount by campaign (or ``no campaign``); empty without an amount
    or without revenue interactions."""
    if deal.won_at is None or deal.amount is None:
        return {}
    pooled = [
        event for contact in deal.contacts for event in interactions.up_to(contact, deal.won_at)
    ]
    rows: list[tuple[datetime, str, str, Fraction]] = []
    for event in pooled:
        campaigns = interactions.campaigns(event) or {NO_CAMPAIGN}
        share = Fraction(1, len(pooled) * len(campaigns))
        rows.extend((event.at, event.event_id, campaign, share) for campaign in campaigns)
    rows.sort()
    cents = largest_remainder(int(deal.amount * 100), [row[3] for row in rows]) if rows else []
    revenue: dict[str, int] = defaultdict(int)
    for (_, _, campaign_id, _), part in zip(rows, cents, strict=True):
        revenue[campaign_id] += part
    return {campaign_id: Decimal(part).scaleb(-2) for campaign_id, part in revenue.items()}
