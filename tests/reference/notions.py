"""What all figures of channels and KPIs share: an event's campaigns, persons, clicks that bring
sessions, and how properties are read (K)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .attribution import Attribution
from .dates import Calendar
from .deals import NO_CAMPAIGN, Deal, Rates
from .events import CONVERSIONS, Event
from .identity import Identity
from .sessions import Session
from .touches import Touches
from .values import parse_plain_number, round_half_away

Row = dict[str, Any]
Person = tuple[str, str]  # (contact, visitor or unknown; its id)

ZERO = Decimal("0.00")

_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


# --- numbers ----------------------------------------------------------------------------------


def half_away(number: Fraction, places: int) -> Decimal:
    """An exact number rounded half away from zero to a number of decimal places."""
    whole = int(abs(number) * 10**places + Fraction(1, 2))
    return Decimal(whole if number >= 0 else -whole).scaleb(-places)


def ratio(part: Decimal | float, whole: Decimal | float) -> float | None:
    """A ratio, None where it divides by 0."""
    return float(Fraction(part) / Fraction(whole)) if whole else None


def per_unit(money: Decimal, units: int) -> Decimal | None:
    """Money per unit to four decimal places, None where there are no units."""
    return half_away(Fraction(money) / units, 4) if units else None


def as_decimal(text: str | None, places: int) -> Decimal | None:
    """The number that a text is as DECIMAL(18, places); None where it is none that fits."""
    number = None if text is None else parse_plain_number(text)
    if number is None:
        return None
    if number and number.adjusted() > 18:
        return None
    if number and number.adjusted() < -40:
        number = Decimal(0)
    rounded = round_half_away(number, places)
    return rounded if abs(rounded) < Decimal(10) ** (18 - places) else None


def double_as_decimal(number: float | None, places: int) -> Decimal | None:
    """A double as DECIMAL(18, places), by its shortest text."""
    return None if number is None else as_decimal(repr(number), places)


# --- properties -------------------------------------------------------------------------------


def number_property(event: Event, name: str, places: int) -> Decimal | None:
    """A number among an event's properties; None where it is missing or no number."""
    return as_decimal(event.property_text(name), places)


def is_true(event: Event, name: str) -> bool:
    """Whether a flag among an event's properties is there and true."""
    return _FLAGS.get((event.property_text(name) or "").lower(), False)


def country_of(event: Event) -> str | None:
    """An event's country: the property, else that of its IP address."""
    return event.property_text("country") or event.country


def asset_of(event: Event) -> str | None:
    """The asset of an event as its rows show it: the one that it names, known or not; of a page
    view that names none the page at its URL (S-11)."""
    return event.named_asset_id or (event.asset if event.event_type == "page_viewed" else None)


def person_of(event: Event) -> Person:
    """K-9, K-14: who did it: the contact, else the visitor, else whom the contact id names."""
    if event.contact is not None:
        return "contact", event.contact
    if event.visitor_id is not None:
        return "visitor", event.visitor_id
    return "unknown", event.named_contact or ""


def cell_of(event: Event) -> tuple[int, int] | None:
    """K-15: the column (1..20) and row (1..50) of the grid that a click fell on; None where it
    has no place on the page."""
    x, y = number_property(event, "x", 9), number_property(event, "y", 9)
    if x is None or y is None or not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return min(int(x * 20), 19) + 1, min(int(y * 50), 49) + 1


# --- facts ------------------------------------------------------------------------------------


@dataclass(eq=False)
class Facts:
    """What the other rules found, with the questions that all figures ask of it."""

    tables: dict[str, list[Row]]
    events: list[Event]
    sessions: list[Session]
    session_rules: Sequence[dict[str, set[str]]]
    identity: Identity
    touches: Touches
    calendar: Calendar
    rates: Rates
    deals: list[Deal]
    attribution: Attribution
    inactivity: timedelta
    _campaigns: dict[str, list[str]] = field(default_factory=dict)
    _days: dict[date, tuple[datetime, datetime]] = field(default_factory=dict)

    def date_of(self, event: Event) -> date:
        """The date of an event."""
        return self.calendar.date_of(event.at)

    def session_campaigns(self, session: int | None) -> list[str]:
        """S-3..S-7: the campaigns for which a session counts, in order; ``no campaign`` without
        one, and without a session."""
        found = () if session is None else self.session_rules[session]
        return sorted(found) or [NO_CAMPAIGN]

    def campaigns(self, event: Event) -> list[str]:
        """K-0: the campaigns for which an event counts, in order, or ``no campaign``: by asset or
        utm visit (A-7), and where it has no asset those of its session."""
        if event.event_id not in self._campaigns:
            found = self.touches.counts_for(event)
            if asset_of(event) is None and event.session is not None:
                found = found | set(self.session_rules[event.session])
            self._campaigns[event.event_id] = sorted(found) or [NO_CAMPAIGN]
        return self._campaigns[event.event_id]

    def instants_of(self, day: date) -> tuple[datetime, datetime]:
        """The first instant of a date, and the first after it."""
        if day not in self._days:
            self._days[day] = (self.calendar.start_of(day), self.calendar.end_of(day))
        return self._days[day]

    def holder_on(self, asset_id: str, day: date) -> str:
        """K-6: the campaign that held an asset last on a date, or ``no campaign``."""
        return self.touches.last_holder(asset_id, *self.instants_of(day)) or NO_CAMPAIGN

    def value_of(self, event: Event) -> Decimal | None:
        """What an event is worth: its value at the rate of its date; None where it has none, or
        none that converts."""
        amount = number_property(event, "value", 2)
        return self.rates.convert(amount, event.property_text("currency"), self.date_of(event))

    def of_types(self, *event_types: str) -> list[Event]:
        """The events of some types, in order."""
        return [event for event in self.events if event.event_type in event_types]

    def session_conversions(self, session: Session) -> list[Event]:
        """S-12: the conversions in a session."""
        return [event for event in session.events if event.event_type in CONVERSIONS]

    def brought(self, is_click: Callable[[Event], bool]) -> list[tuple[Event, Event]]:
        """K-8, K-10, K-13: (click, conversion) of each conversion in a session that a click of one
        kind brought, each conversion once.

        A click brings the session whose entry is the visitor's (of a click without one the
        contact's) first page view at or after it, within the inactivity limit. Of several clicks
        the last brought it.
        """
        views = self._views_by_actor()
        times = {actor: [view.at for view in found] for actor, found in views.items()}
        click_of: dict[int, Event] = {}
        for click in filter(is_click, self.events):
            actor = ("contact", click.contact)
            if click.visitor_id is not None:
                actor = ("visitor", click.visitor_id)
            place = bisect_left(times.get(actor, []), click.at)
            if place == len(times.get(actor, [])):
                continue
            view = views[actor][place]
            assert view.session is not None
            is_entry = self.sessions[view.session].entry is view
            if is_entry and view.at - click.at < self.inactivity:
                click_of[view.session] = click  # clicks come in order: the last one stays
        return [
            (click, conversion)
            for session, click in click_of.items()
            for conversion in self.session_conversions(self.sessions[session])
        ]

    def _views_by_actor(self) -> dict[tuple[str, str | None], list[Event]]:
        """The page views of each visitor, and of each contact those with a visitor, in order."""
        views: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
        for event in self.events:
            if event.event_type == "page_viewed" and event.visitor_id is not None:
                views["visitor", event.visitor_id].append(event)
                if event.contact is not None:
                    views["contact", event.contact].append(event)
        return views


def is_email_click(event: Event) -> bool:
    """K-8: whether it is a click in a marketing email."""
    return event.event_type == "email_clicked"


def is_social_click(event: Event) -> bool:
    """K-10: whether it is a click on a social post."""
    return event.event_type == "social_post_interacted" and event.is_click


def is_affiliate_click(event: Event) -> bool:
    """K-13: whether it is a click on an affiliate's link."""
    return event.event_type == "affiliate_link_clicked"


# --- counters by key --------------------------------------------------------------------------


class Table:
    """Counts and sums by key: the rows of a mart as they grow."""

    def __init__(self, key: Iterable[str], zeros: Row) -> None:
        self._key = tuple(key)
        self._zeros = zeros
        self._rows: dict[tuple[Any, ...], Row] = {}

    def at(self, *key: Any) -> Row:
        """The measures of a key, all nothing where it is new."""
        if key not in self._rows:
            self._rows[key] = dict(self._zeros)
        return self._rows[key]

    def rows(self, ratios: Callable[[Row], Row] = lambda _: {}) -> list[Row]:
        """All rows, with the ratios of each beside its measures."""
        return [
            {**dict(zip(self._key, key, strict=True)), **measures, **ratios(measures)}
            for key, measures in self._rows.items()
        ]
