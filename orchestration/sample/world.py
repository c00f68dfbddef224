"""What the parts of the sample are gathered in while it is made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from orchestration.sample.company import YEAR_END, YEAR_START

Row = dict[str, Any]
T = TypeVar("T")


@dataclass
class Person:
    """Somebody in front of a device; a contact if `contact_id` is given.

    `created_at` is when the CRM made the contact, `identified_at` when the tracker learned who
    the visitor is (None: never).
    """

    visitor_id: str
    country: str
    region: str
    city: str
    currency: str
    device_type: str
    browser: str
    user_agent: str
    contact_id: str | None = None
    created_at: datetime | None = None
    identified_at: datetime | None = None
    is_customer: bool = False


@dataclass
class Sample:
    """Rows by table. Every part draws from a random stream of its own name."""

    seed: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def stream(self, name: str) -> random.Random:
        """A random stream that other parts of the generator don't disturb."""
        return random.Random(f"{self.seed} {name}")

    def add(self, table: str, **values: Any) -> Row:
        """Appends a row to a table and returns it."""
        self.rows.setdefault(table, []).append(values)
        return values

    def event(self, event_type: str, at: datetime, who: Person | None = None, **values: Any) -> Row:
        """Appends an event, unless it would lie outside the year.

        Of `who` come the visitor (unless `visitor_id=None` is given), the contact once the
        tracker knows it, country, device and browser. Event ids are given at the end, by time.
        """
        row: Row = {"event_type": event_type, "occurred_at": at}
        if who is not None:
            row["visitor_id"] = who.visitor_id
            row["ip_country"] = who.country
            row["device_type"] = who.device_type
            row["browser"] = who.browser
        row.update(values)
        if not YEAR_START <= at < YEAR_END:
            return row
        return self.add("events", **row)

    def crm_event(self, event_type: str, at: datetime, who: Person, **values: Any) -> Row:
        """Appends an event that a CRM reports: it names the contact and no visitor."""
        return self.event(event_type, at, contact_id=who.contact_id, **values)


def weighted(rng: random.Random, choices: dict[T, int]) -> T:
    """One of the keys, with the values as weights."""
    return rng.choices(list(choices), list(choices.values()))[0]


def some(rng: random.Random, choices: Sequence[T], at_most: int) -> list[T]:
    """Between one and `at_most` distinct choices; fewer where there are fewer."""
    return rng.sample(list(choices), min(len(choices), rng.randint(1, at_most)))


def seconds(rng: random.Random, least: int, most: int) -> timedelta:
    """A random length in whole seconds."""
    return timedelta(seconds=rng.randint(least, most))


def office_hours(rng: random.Random, day: date) -> datetime:
    """An instant on a day between 7:00 and 18:59:59 UTC."""
    at = time(rng.randint(7, 18), rng.randint(0, 59), rng.randint(0, 59), tzinfo=UTC)
    return datetime.combine(day, at)


def any_hour(rng: random.Random, day: date) -> datetime:
    """An instant on a day, mostly between 6:00 and 22:59:59 UTC, now and then about midnight."""
    hour = rng.choice((0, 23)) if rng.random() < 0.04 else rng.randint(6, 22)
    at = time(hour, rng.randint(0, 59), rng.randint(0, 59), tzinfo=UTC)
    return datetime.combine(day, at)
