"""The world of one scenario: its random stream, its small grid of instants, its rows.

A scenario uses few distinct instants on purpose. Ties, and intervals whose ends fall exactly on
an event, are then common rather than one in a million.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from tests.scenarios.contract import COLUMNS

Row = dict[str, Any]
T = TypeVar("T")

MICROSECOND = timedelta(microseconds=1)
GRACE = timedelta(seconds=60)
ENGAGED = timedelta(seconds=10)
INACTIVITY = timedelta(minutes=30)
DAY = timedelta(days=1)

# A leap day, a year's end, both changes of European summer time, an ordinary day.
_BASE_DAYS = (
    datetime(2024, 2, 28, tzinfo=UTC),
    datetime(2024, 12, 30, tzinfo=UTC),
    datetime(2025, 3, 29, tzinfo=UTC),
    datetime(2025, 6, 15, tzinfo=UTC),
    datetime(2025, 10, 25, tzinfo=UTC),
)

# Hours after the base day. The fourth lies 30 minutes before a midnight, the fifth on it.
_ANCHOR_HOURS = (0.0, 9.0, 12.0, 23.5, 24.0, 36.0, 47.5, 60.0, 96.0, 240.0)

_BOUNDARY_STEPS = (
    MICROSECOND,
    ENGAGED - MICROSECOND,
    ENGAGED,
    GRACE - MICROSECOND,
    GRACE,
    GRACE + MICROSECOND,
    timedelta(minutes=5),
    INACTIVITY - MICROSECOND,
    INACTIVITY,
    INACTIVITY + MICROSECOND,
)

ANCHORS = len(_ANCHOR_HOURS)

# Texts that careless readers take for something else: for missing, for numbers, for dates.
TRICKY_TEXTS = (
    "NULL",
    "null",
    "NA",
    "NaN",
    "None",
    "007",
    "1e5",
    "true",
    "2025-01-01",
    "  padded  ",
    "back\\slash\\",
    "it's",
    '"',
    "#hash",
    "a;b,c\td",
)


@dataclass(eq=False)
class World:
    """One scenario. Rows hold Python values: text, aware instants, dates, Decimals, flags, dicts.

    `seed` decides everything in it; nothing depends on the other scenarios of a pack.
    """

    seed: int
    rng: random.Random = field(init=False)
    prefix: str = field(init=False)
    base: datetime = field(init=False)
    rows: dict[str, list[Row]] = field(init=False)
    contacts: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    visitors: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    assets: list[Row] = field(default_factory=list)
    # Where an asset lies: `host/path`, by asset id; empty for a page without a URL.
    pages: dict[str, str] = field(default_factory=dict)
    deals: list[Row] = field(default_factory=list)
    utm_values: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    created: dict[str, datetime] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _id_styles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"scenario {self.seed}")
        self.prefix = f"s{self.seed}"
        self.base = self.rng.choice(_BASE_DAYS)
        self.rows = {table: [] for table in COLUMNS}

    @property
    def host(self) -> str:
        """The scenario's own web host."""
        return f"{self.prefix}.example"

    def add(self, table: str, **values: Any) -> Row:
        """Appends a row to a table and returns it."""
        row = dict(values)
        self.rows[table].append(row)
        return row

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, evenly."""
        return self.rng.choice(choices)

    def some(self, choices: Sequence[T], at_most: int) -> list[T]:
        """Between one and `at_most` distinct choices."""
        wanted = min(self.rng.randint(1, at_most), len(choices))
        return self.rng.sample(list(choices), wanted)

    def new_id(self, kind: str) -> str:
        """A new id for a kind of entity, disjoint from those of every other seed.

        Per kind the ids are words, whole numbers beyond 2^53 (as CRMs give them; some sources
        write them as JSON numbers), or digits with leading zeros.
        """
        number = self._numbers.get(kind, 0) + 1
        self._numbers[kind] = number
        if kind not in self._id_styles:
            self._id_styles[kind] = self.rng.choices(("word", "number", "zeros"), (6, 2, 2))[0]
        style = self._id_styles[kind]
        # One digit per kind keeps numbers of different kinds apart, too.
        digit = list(self._numbers).index(kind) % 10
        if style == "number":
            return f"9007199{digit}{self.seed:06d}{number:03d}"
        if style == "zeros":
            return f"00{digit}{self.seed:06d}{number:03d}"
        return f"{self.prefix}_{kind}{number}"

    def anchor(self, number: int) -> datetime:
        """The instant of an anchor of the grid, from 0 to ANCHORS - 1."""
        return self.base + timedelta(hours=_ANCHOR_HOURS[number])

    def near(self, instant: datetime, exactly: float = 0.5) -> datetime:
        """The instant itself with probability `exactly`, else one boundary step beside it."""
        if self.chance(exactly):
            return instant
        step = self.pick(_BOUNDARY_STEPS)
        return instant + step if self.chance(0.5) else instant - step

    def moment(self, first: int = 0, last: int = ANCHORS - 1, exactly: float = 0.5) -> datetime:
        """An instant at or near an anchor between two anchors (both included)."""
        return self.near(self.anchor(self.rng.randint(first, last)), exactly)

    def name(self, plain: str) -> str:
        """A name: the plain one, or a text that is easily misread."""
        return self.pick(
            (plain, plain, self.pick(TRICKY_TEXTS), f'{plain}\nwith "two" lines; ä, ß')
        )

    def maybe(self, value: T, probability: float = 0.5) -> T | None:
        """The value with the given probability, else None."""
        return value if self.chance(probability) else None

    def assets_of(self, *asset_types: str) -> list[Row]:
        """The scenario's assets of these types."""
        return [asset for asset in self.assets if asset["asset_type"] in asset_types]

    def everyone(self) -> list[str]:
        """Contact ids with and without a row in `contacts`."""
        return self.contacts + self.orphans

    def versions(self, table: str, row: Row, changes: Row, probability: float = 0.25) -> None:
        """Sometimes adds a second version of a row under the same key.

        Its `updated_at` is older, newer, equal or missing; where the table has none, the order
        of the rows decides which one counts.
        """
        if not self.chance(probability):
            return
        version = {**row, **changes}
        if "updated_at" in COLUMNS[table]:
            version["updated_at"] = self.maybe(self.moment(), 0.75)
            if self.chance(0.2):
                version["updated_at"] = row.get("updated_at")
        self.rows[table].append(version)
