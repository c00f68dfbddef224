"""Attribution: the credit of each interaction for a close or a creation (A)."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from .data_driven import KeyedPath, data_driven_rows
from .dates import Calendar
from .deals import NO_CAMPAIGN, Deal, largest_remainder
from .events import Event
from .identity import Identity
from .sessions import Session
from .touches import Touches
from .urls import entry_channel
from .values import words

Row = dict[str, Any]

UNATTRIBUTED = "unattributed"
ZERO = Decimal("0.00")

# the credit-earning event types of the event catalogue, by area
CREDIT_TYPES = {
    "ads": words("ad_interaction"),
    "calls": words("call_ended"),
    "cta": words("cta_viewed cta_clicked"),
    "documents": words("document_viewed"),
    "forms": words("form_submitted"),
    "email": words("email_clicked"),
    "marketing events": words("marketing_event_registered marketing_event_attended"),
    "meetings": words("meeting_booked"),
    "sales email": words("sales_email_opened sales_email_clicked sales_email_replied"),
    "sms": words("sms_clicked"),
    "web": words("page_viewed"),
    "social": words("social_post_interacted"),
    "qr": words("qr_code_scanned"),
    "affiliates": words("affiliate_link_clicked"),
}
AREA_OF = {event_type: area for area, types in CREDIT_TYPES.items() for event_type in types}

# A-3, in the order in which a row lists them; the last interaction is no milestone of a journey
# but a place in the path, and only models speak of it
MILESTONES = ("first_interaction", "lead_creation", "deal_creation", "closed_won")
LAST = "last_interaction"


def _model_row(model: str, **weights: str) -> Row:
    """A row of the models' table from its columns that are not empty."""
    columns = (*MILESTONES, LAST, "others", "half_life_days", "lookback_days")
    return {"model": model} | {column: weights.get(column) for column in columns}


#
ATTRIBUTION_MODELS: list[Row] = [
    _model_row("first_interaction", first_interaction="1"),
    _model_row("last_interaction", last_interaction="1"),
    _model_row("linear", others="1"),
    _model_row("u_shaped", first_interaction="0.40", lead_creation="0.40", others="0.20"),
    _model_row(
        "w_shaped",
        first_interaction="0.30",
        lead_creation="0.30",
        deal_creation="0.30",
        others="0.10",
    ),
    _model_row(
        "full_path",
        first_interaction="0.225",
        lead_creation="0.225",
        deal_creation="0.225",
        closed_won="0.225",
        others="0.10",
    ),
    _model_row("j_shaped", first_interaction="0.20", closed_won="0.60", others="0.20"),
    _model_row("inverse_j_shaped", first_interaction="0.60", closed_won="0.20", others="0.20"),
    _model_row("time_decay", others="1", half_life_days="7"),
]


@dataclass(frozen=True)
class Model:
    """A-4, A-10: one model. ``weights`` has only the milestones that the model knows."""

    name: str
    weights: dict[str, Fraction]
    others: Fraction | None
    half_life_days: Fraction | None
    lookback_days: Fraction | None

    @classmethod
    def of(cls, row: Row) -> "Model":
        """The model of a row of the models' table."""

        def number(column: str) -> Fraction | None:
            value = row.get(column)
            return None if value is None or value == "" else Fraction(str(value))

        weights = {name: number(name) for name in (*MILESTONES, LAST)}
        return cls(
            name=row["model"],
            weights={name: weight for name, weight in weights.items() if weight is not None},
            others=number("others"),
            half_life_days=number("half_life_days"),
            lookback_days=number("lookback_days"),
        )


@dataclass(frozen=True, eq=False)
class Path:
    """A-1, A-8: the interactions that led to a close or a creation, in order of time and id.

    ``ends_at`` is its end, ``age_from`` the instant from which age is counted. The other instants
    are those that find the milestones after the first; None where a milestone is absent for this
    kind of path. ``lead`` is the oldest contact.
    """

    interactions: list[Event]
    ends_at: datetime
    age_from: datetime
    lead: str | None = None
    lead_until: datetime | None = None
    deal_until: datetime | None = None
    is_close: bool = False

    def within(self, lookback_days: Fraction | None) -> "Path":
        """A-12: the path without what lies further before its end; exactly that many days: in."""
        if lookback_days is None:
            return self
        kept = [e for e in self.interactions if days(self.ends_at - e.at) <= lookback_days]
        return replace(self, interactions=kept)


def days(duration: timedelta) -> Fraction:
    """A duration in exact days."""
    return Fraction(duration // timedelta(microseconds=1), 86_400_000_000)


def last_until(interactions: Iterable[Event], until: datetime | None) -> Event | None:
    """The last interaction at or before an instant; None without one or without an instant."""
    if until is None:
        return None
    return max(
        (event for event in interactions if event.at <= until),
        key=lambda event: event.order,
        default=None,
    )


def milestones(path: Path) -> dict[str, Event]:
    """A-3: the milestones of a path that are not absent, with their interactions."""
    if not path.interactions:
        return {}
    of_lead = [event for event in path.interactions if event.contact == path.lead]
    found = {
        "first_interaction": path.interactions[0],
        "lead_creation": last_until(of_lead, path.lead_until),
        "deal_creation": last_until(path.interactions, path.deal_until),
        "closed_won": path.interactions[-1] if path.is_close else None,
    }
    return {name: event for name, event in found.items() if event is not None}


def decay(age: Fraction, half_life: Fraction) -> Fraction:
    """A-4: 2^(-age / half life), to 60 digits."""
    exponent = age / half_life
    with localcontext() as context:
        context.prec = 60
        power = Decimal(2) ** (-Decimal(exponent.numerator) / Decimal(exponent.denominator))
    return Fraction(power)


def shares(path: Path, model: Model) -> list[Fraction]:
    """A-2..A-5: the credit of each interaction of a path under a model; none where nothing of
    the model remains for the path."""
    interactions = path.interactions
    if not interactions:
        return []
    holders = milestones(path) | {LAST: interactions[-1]}
    weights = dict.fromkeys(range(len(interactions)), Fraction(0))
    held = set()
    for name, weight in model.weights.items():
        if name in holders:
            position = interactions.index(holders[name])
            weights[position] += weight
            held.add(position)
    others = [position for position in weights if position not in held]
    if model.others is not None and others:
        parts = dict.fromkeys(others, Fraction(1))
        if model.half_life_days is not None:
            ages = {
                position: max(days(path.age_from - interactions[position].at), Fraction(0))
                for position in others
            }
            youngest = min(ages.values())
            for position, age in ages.items():
                parts[position] = decay(age - youngest, model.half_life_days)
        whole = sum(parts.values())
        for position in others:
            weights[position] += model.others * parts[position] / whole
    total = sum(weights.values())
    return [weight / total for weight in weights.values()] if total else []


class Interactions:
    """A-1: the credit-earning interactions of each contact in order of time and event id, and
    what each counts for."""

    def __init__(self, events: list[Event], sessions: list[Session], touches: Touches) -> None:
        self._events: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.contact is not None and event.event_type in AREA_OF:
                self._events[event.contact].append(event)
        self._sessions = sessions
        self._touches = touches
        self._campaigns: dict[str, list[str]] = {}

    def contacts(self) -> list[str]:
        """The contacts that have any."""
        return list(self._events)

    def up_to(self, contacts: Iterable[str], at: datetime) -> list[Event]:
        """The interactions of some contacts, pooled, at or before an instant."""
        pooled = []
        for contact in contacts:
            found = self._events.get(contact, [])
            pooled += found[: bisect_right(found, at, key=lambda event: event.at)]
        return sorted(pooled, key=lambda event: event.order)

    def of(self, contact: str) -> list[Event]:
        """All interactions of a contact."""
        return self._events.get(contact, [])

    def campaigns(self, event: Event) -> list[str]:
        """A-7: the campaigns for which one counts in order of their ids, else ``no campaign``."""
        if event.event_id not in self._campaigns:
            found = sorted(self._touches.counts_for(event))
            self._campaigns[event.event_id] = found or [NO_CAMPAIGN]
        return self._campaigns[event.event_id]

    def channel(self, event: Event) -> str:
        """A-11: the entry channel of its session, else of its own URL, else its area."""
        if event.session is not None:
            return self._sessions[event.session].channel
        url = self._touches.url_of(event)
        if url is not None:
            return entry_channel(url, event.referrer)
        return AREA_OF[event.event_type].replace(" ", "_")


@dataclass(frozen=True, eq=False)
class Credit:
    """What one interaction got for one campaign (or ``no campaign``) under one model."""

    model: str
    event: Event
    campaign_id: str
    share: Fraction
    milestones: tuple[str, ...]


def credits_of(path: Path, model: Model, interactions: Interactions) -> list[Credit]:
    """A-5..A-7: the credits of a path under a model, in order of time, event id and campaign id;
    they sum to 1, or there are none."""
    found = []
    holders = milestones(path)
    for event, share in zip(path.interactions, shares(path, model), strict=False):
        campaigns = interactions.campaigns(event)
        held = tuple(name for name in MILESTONES if holders.get(name) is event)
        # What no float can tell from nothing is no credit.
        if float(share) > 0:
            found += [
                Credit(model.name, event, campaign_id, share / len(campaigns), held)
                for campaign_id in campaigns
            ]
    return found


@dataclass(frozen=True, eq=False)
class DealCredit:
    """A credit of a closed-won deal, and its part of the amount (None: there is no amount)."""

    deal: Deal
    credit: Credit
    revenue: Decimal | None


class Attribution:
    """Everything that the rules A derive, computed once; the marts are methods."""

    def __init__(
        self,
        events: list[Event],
        sessions: list[Session],
        touches: Touches,
        identity: Identity,
        deals: list[Deal],
        calendar: Calendar,
        *,
        grace: timedelta,
        models: Sequence[Row],
        default_model: str,
        lookback_days: float | None,
    ) -> None:
        self._interactions = Interactions(events, sessions, touches)
        self._identity = identity
        self._deals = deals
        self._calendar = calendar
        self._grace = grace
        self._models = [Model.of(row) for row in models]
        self._default_model = default_model
        self._lookback_days = None if lookback_days is None else Fraction(str(lookback_days))
        self.deal_credits: list[DealCredit] = []
        self._unattributed: list[tuple[str, Deal]] = []  # model, deal
        for deal in deals:
            if deal.won_at is not None:
                for model in self._models:
                    self._credit_deal(deal, model)

    def _cut(self, path: Path, model: Model) -> Path:
        """A-12: a path within the model's own lookback, else that of all models."""
        own = model.lookback_days
        return path.within(self._lookback_days if own is None else own)

    def _lead(self, contacts: Iterable[str]) -> tuple[str | None, datetime | None]:
        """A-3: the oldest contact, and its creation plus the grace."""
        created_at = self._identity.created_at
        lead = min(contacts, key=lambda contact: (created_at[contact], contact), default=None)
        return lead, None if lead is None else created_at[lead] + self._grace

    def path_to_close(self, deal: Deal) -> Path:
        """A-1: what led to the close of a won deal."""
        assert deal.won_at is not None
        lead, lead_until = self._lead(deal.contacts)
        return Path(
            interactions=self._interactions.up_to(deal.contacts, deal.won_at),
            ends_at=deal.won_at,
            age_from=deal.won_at,
            lead=lead,
            lead_until=lead_until,
            deal_until=deal.row["created_at"],
            is_close=True,
        )

    def path_to_deal(self, deal: Deal) -> Path:
        """A-8: what led to the creation of a deal, by its contacts of J-7."""
        created_at = deal.row["created_at"]
        lead, lead_until = self._lead(deal.contacts)
        return Path(
            interactions=self._interactions.up_to(deal.contacts, created_at + self._grace),
            ends_at=created_at + self._grace,
            age_from=created_at,
            lead=lead,
            lead_until=lead_until,
            deal_until=created_at,
        )

    def path_to_contact(self, contact: str) -> Path:
        """A-8: what led to the creation of a contact."""
        created_at = self._identity.created_at[contact]
        return Path(
            interactions=self._interactions.up_to([contact], created_at + self._grace),
            ends_at=created_at + self._grace,
            age_from=created_at,
            lead=contact,
            lead_until=created_at + self._grace,
        )

    def _credit_deal(self, deal: Deal, model: Model) -> None:
        """A-6: the credits of a closed-won deal under a model, with its amount to the cent."""
        path = self._cut(self.path_to_close(deal), model)
        credits_ = credits_of(path, model, self._interactions)
        if not credits_:
            self._unattributed.append((model.name, deal))
            return
        revenue: list[Decimal | None] = [None] * len(credits_)
        if deal.amount is not None:
            cents = largest_remainder(int(deal.amount * 100), [c.share for c in credits_])
            revenue = [Decimal(part).scaleb(-2) for part in cents]
        self.deal_credits += [
            DealCredit(deal, credit, part) for credit, part in zip(credits_, revenue, strict=True)
        ]

    def _closed_on(self, deal: Deal) -> date:
        assert deal.won_at is not None
        return self._calendar.date_of(deal.won_at)

    # --- what the campaigns' marts take -------------------------------------------------

    def default_revenue(self) -> dict[tuple[str, str], tuple[date, Decimal]]:
        """By (campaign, deal) the close date and the attributed revenue of the default model."""
        found: dict[tuple[str, str], tuple[date, Decimal]] = {}
        for each in self.deal_credits:
            if each.credit.model == self._default_model and each.credit.campaign_id != NO_CAMPAIGN:
                key = (each.credit.campaign_id, each.deal.deal_id)
                _, before = found.get(key, (None, ZERO))
                found[key] = (self._closed_on(each.deal), before + (each.revenue or ZERO))
        return found

    def default_credits(self) -> list[DealCredit]:
        """The credits of the default model, those of ``no campaign`` among them."""
        return [each for each in self.deal_credits if each.credit.model == self._default_model]

    def contacts_with_attributed_revenue(self) -> dict[tuple[str, str], datetime]:
        """D-9: by (campaign, contact) with credit under the default model the first such close."""
        first: dict[tuple[str, str], datetime] = {}
        for each in self.deal_credits:
            credit, won_at = each.credit, each.deal.won_at
            assert won_at is not None and credit.event.contact is not None
            if credit.model == self._default_model and credit.campaign_id != NO_CAMPAIGN:
                key = (credit.campaign_id, credit.event.contact)
                first[key] = min(first.get(key, won_at), won_at)
        return first

    # --- marts --------------------------------------------------------------------------

    def deal_attribution(self) -> list[Row]:
        """One row per closed-won deal, interaction, model and campaign with credit."""
        return [
            {
                "deal_id": each.deal.deal_id,
                "event_id": each.credit.event.event_id,
                "model": each.credit.model,
                "campaign_id": each.credit.campaign_id,
                "contact_id": self._identity.published(each.credit.event.contact),
                "asset_id": each.credit.event.asset,
                "channel": self._interactions.channel(each.credit.event),
                "occurred_at": each.credit.event.at,
                "milestones": list(each.credit.milestones),
                "credit": float(each.credit.share),
                "revenue": each.revenue,
            }
            for each in self.deal_credits
        ]

    def contact_attribution(self) -> list[Row]:
        """A-8: one row per contact, interaction, model and campaign; deleted contacts are no new
        contacts (T-9), and erased ones have no row (ID-6)."""
        return [
            row
            for contact in self._identity.created_at
            if not self._identity.rows[contact]["is_deleted"]
            and contact not in self._identity.erased
            for row in self._creation_rows({"contact_id": contact}, self.path_to_contact(contact))
        ]

    def deal_create_attribution(self) -> list[Row]:
        """A-8: one row per deal, interaction, model and campaign."""
        return [
            row
            for deal in self._deals
            for row in self._creation_rows({"deal_id": deal.deal_id}, self.path_to_deal(deal))
        ]

    def _creation_rows(self, entity: Row, path: Path) -> list[Row]:
        return [
            {
                **entity,
                "event_id": credit.event.event_id,
                "model": credit.model,
                "campaign_id": credit.campaign_id,
                "occurred_at": credit.event.at,
                "credit": float(credit.share),
            }
            for model in self._models
            for credit in credits_of(self._cut(path, model), model, self._interactions)
        ]

    def campaign_attribution(self) -> list[Row]:
        """One row per campaign (``no campaign``, ``unattributed``), model and date of close."""
        return self._totals("campaign_id", [each.credit.campaign_id for each in self.deal_credits])

    def channel_attribution(self) -> list[Row]:
        """One row per channel (or ``unattributed``), model and date of close."""
        channels = [self._interactions.channel(each.credit.event) for each in self.deal_credits]
        return self._totals("channel", channels)

    def _totals(self, column: str, keys: list[str]) -> list[Row]:
        """The credits by a key, model and date.

        Args:
            column: the key's name.
            keys: the key of each of ``deal_credits``.
        """
        grouped: dict[tuple[str, str, date], list[DealCredit]] = defaultdict(list)
        for key, each in zip(keys, self.deal_credits, strict=True):
            grouped[key, each.credit.model, self._closed_on(each.deal)].append(each)
        rows = [
            {
                column: key,
                "model": model,
                "date": day,
                "credit": math.fsum(float(each.credit.share) for each in found),
                "revenue": sum((each.revenue or ZERO for each in found), ZERO),
                "deals": len({each.deal.deal_id for each in found}),
                "contacts": len({each.credit.event.contact for each in found}),
            }
            for (key, model, day), found in grouped.items()
        ]
        without: dict[tuple[str, date], list[Deal]] = defaultdict(list)
        for model, deal in self._unattributed:
            without[model, self._closed_on(deal)].append(deal)
        rows += [
            {
                column: UNATTRIBUTED,
                "model": model,
                "date": day,
                "credit": float(len(deals)),
                "revenue": sum((deal.amount or ZERO for deal in deals), ZERO),
                "deals": len(deals),
                "contacts": 0,
            }
            for (model, day), deals in without.items()
        ]
        return rows

    def data_driven_attribution(self) -> list[Row]:
        """A-9: one row per dimension, key and data-driven model."""
        rows = []
        for dimension in ("channel", "campaign"):
            paths = [path for path in self.keyed_paths(dimension) if path.keys]
            rows += [{"dimension": dimension, **row} for row in data_driven_rows(paths)]
        return rows

    def keyed_paths(self, dimension: str) -> list[KeyedPath]:
        """A-9: the converting and the non-converting paths as keys of a dimension."""

        def keys(interactions: list[Event]) -> tuple[str, ...]:
            if dimension == "channel":
                return tuple(self._interactions.channel(event) for event in interactions)
            return tuple(
                campaign_id
                for event in interactions
                for campaign_id in self._interactions.campaigns(event)
            )

        paths = []
        buyers: set[str] = set()
        for deal in self._deals:
            if deal.won_at is not None:
                buyers |= deal.contacts
                path = self.path_to_close(deal).within(self._lookback_days)
                cents = int((deal.amount or ZERO) * 100)
                paths.append(KeyedPath(keys(path.interactions), True, cents))
        for contact in self._interactions.contacts():
            if contact not in buyers:
                paths.append(KeyedPath(keys(self._interactions.of(contact)), False))
        return paths
