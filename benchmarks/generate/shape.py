"""How large everything is, and which instants the data covers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LAST_DATE = date(2024, 12, 31)

# Every so-manieth run is the visit in which a contact is created: about one in 310 events.
RUNS_PER_NEW_CONTACT = 64

# Events of the night that are late or came before, as shares of its new events.
LATE_SHARE = 0.01
LATE_DAYS = 14
REPEATED_SHARE = 0.001

# Monday to Sunday.
_WEEKDAY_WEIGHTS = (1.06, 1.12, 1.12, 1.1, 1.0, 0.76, 0.84)

_EVENTS_PER_RUN = 4.7

# What a company of this many events a day has; campaigns and assets follow the root of its size.
_REFERENCE_EVENTS_PER_DAY = 10_000_000 / 365
_REFERENCE_CAMPAIGNS_PER_YEAR = 172
_REFERENCE_OLD_CONTACTS = 8_000


@dataclass(frozen=True)
class Shape:
    """Sizes that follow from the number of events and days.

    Whatever happens (new contacts, deals, campaigns, associations) happens at a rate per day
    that depends on ``events / days`` alone, so that a night after a month of history brings as
    much as a night after a year.
    """

    events: int
    days: int
    seed: int

    @property
    def first_date(self) -> date:
        """The first date of history."""
        return LAST_DATE - timedelta(days=self.days - 1)

    @property
    def begins_at(self) -> datetime:
        """The first instant of history, UTC without a zone, as all instants here."""
        return datetime.combine(self.first_date, datetime.min.time())

    @property
    def events_per_day(self) -> float:
        """The mean of history, and what the night brings."""
        return self.events / self.days

    @property
    def runs_per_day(self) -> int:
        """About how many runs begin on a day."""
        return max(1, round(self.events_per_day / _EVENTS_PER_RUN))

    @property
    def events_by_day(self) -> list[int]:
        """The wanted number of events of each day of history, then of the night."""
        weights = [
            _WEEKDAY_WEIGHTS[(self.first_date + timedelta(days=day)).weekday()]
            for day in range(self.days)
        ]
        total, running, before, numbers = sum(weights), 0.0, 0, []
        for weight in weights:
            running += weight
            upto = round(self.events * running / total)
            numbers.append(upto - before)
            before = upto
        return [*numbers, round(self.events_per_day)]

    @property
    def size(self) -> float:
        """The size of the company's catalogue against one with 10 million events a year."""
        return math.sqrt(self.events_per_day / _REFERENCE_EVENTS_PER_DAY)

    @property
    def campaigns(self) -> int:
        """Number of campaigns; those of the 60 days before history are among them."""
        return max(6, round(_REFERENCE_CAMPAIGNS_PER_YEAR * self.size * (self.days + 60) / 365))

    @property
    def old_contacts(self) -> int:
        """Number of contacts that were created before history began."""
        ratio = self.events_per_day / _REFERENCE_EVENTS_PER_DAY
        return max(40, round(_REFERENCE_OLD_CONTACTS * ratio))
