"""Customer journeys: who came how far, by which events, and how fast (J)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from .catalogue import ANONYMOUS, FLAGS, NUMBERS, value_of, values_of
from .dates import Calendar
from .deals import Deal
from .events import Event
from .identity import Identity
from .touches import Touches
from .urls import UTM_NAMES, fold

Row = dict[str, Any]
Entity = tuple[str, str]  # (contact, visitor or deal; its id)

STAGE_ENTRY = "deal_stage_entered"

NEGATED = {"is not": "is", "not in": "in", "is unknown": "is known"}


@dataclass(frozen=True)
class Condition:
    """One condition of a step: a property, an operator, and what the operator compares with."""

    name: str
    operator: str
    value: Any = None

    def holds(self, event: Event, touches: Touches) -> bool:
        """Whether an event meets it; a missing value meets the negated operators alone."""
        operator = NEGATED.get(self.operator, self.operator)
        met = any(self._fits(operator, text) for text in values_of(event, self.name, touches))
        return met if operator == self.operator else not met

    def _fits(self, operator: str, text: str) -> bool:
        """Whether one value, which is not missing, meets an operator that is not negated."""
        if operator == "is known":
            return True
        if operator == "in":
            return any(self._typed(text) == self._wanted(value) for value in self.value)
        found, wanted = self._typed(text), self._wanted(self.value)
        if operator == "is":
            return bool(found == wanted)
        if operator == "contains":
            return wanted in found
        if operator == "starts with":
            return bool(found.startswith(wanted))
        if operator == "at least":
            return bool(found >= wanted)
        if operator == "at most":
            return bool(found <= wanted)
        raise ValueError(f"no such operator: {self.operator}")

    def _typed(self, text: str) -> Any:
        """A value of the property from its text."""
        if self.name in NUMBERS:
            return float(text)
        if self.name in FLAGS:
            return text == "true"
        return text

    def _wanted(self, value: Any) -> Any:
        """What the definition compares with, as values of the property are."""
        if self.name in NUMBERS:
            return float(value)
        return fold(value) if self.name in UTM_NAMES else value


@dataclass(frozen=True)
class Step:
    """J-1: an event type with conditions, all of which must hold."""

    event_type: str
    conditions: tuple[Condition, ...]

    def admits(self, event: Event, touches: Touches) -> bool:
        """Whether an event is one of this step."""
        return event.event_type == self.event_type and all(
            condition.holds(event, touches) for condition in self.conditions
        )


@dataclass(frozen=True)
class Stage:
    """J-1, J-3, J-6: one stage."""

    name: str
    is_optional: bool
    branch_by: str | None
    steps: tuple[Step, ...]

    def step_of(self, event: Event, touches: Touches) -> int | None:
        """J-5: the number, from 1, of the first step that an event fits; None: of none."""
        for number, step in enumerate(self.steps, start=1):
            if step.admits(event, touches):
                return number
        return None


@dataclass(frozen=True)
class Journey:
    """One journey's definition; a date range without an end is open there."""

    name: str
    entity: str
    include_anonymous: bool
    first_date: date | None
    last_date: date | None
    stages: tuple[Stage, ...]

    @classmethod
    def of(cls, name: str, definition: Mapping[str, Any]) -> "Journey":
        """The journey of one entry of the mapping of journeys."""
        return cls(
            name=name,
            entity=definition.get("entity", "contacts"),
            include_anonymous=definition.get("include_anonymous", False),
            first_date=_as_date(definition.get("from")),
            last_date=_as_date(definition.get("to")),
            stages=tuple(
                Stage(
                    name=stage["name"],
                    is_optional=stage.get("optional", False),
                    branch_by=stage.get("branch_by"),
                    steps=tuple(
                        Step(
                            step["event"],
                            tuple(Condition(*condition) for condition in step.get("where") or ()),
                        )
                        for step in stage["steps"]
                    ),
                )
                for stage in definition["stages"]
            ),
        )

    def is_in_range(self, day: date) -> bool:
        """J-2: whether events of a day count."""
        return (self.first_date is None or self.first_date <= day) and (
            self.last_date is None or day <= self.last_date
        )

    def next_required(self, number: int) -> int | None:
        """J-3: the stage after a stage that is the next that is not optional."""
        later = range(number + 1, len(self.stages) + 1)
        return next((n for n in later if not self.stages[n - 1].is_optional), None)

    def previous_required(self, number: int) -> int | None:
        """J-3: the last stage before a stage that is not optional."""
        earlier = range(number - 1, 0, -1)
        return next((n for n in earlier if not self.stages[n - 1].is_optional), None)

    def branching_stage(self, number: int) -> int | None:
        """J-6: the stage whose branches hold for a stage: itself, or the last before it that
        branches."""
        up_to = range(number, 0, -1)
        return next((n for n in up_to if self.stages[n - 1].branch_by is not None), None)


def _as_date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Entry:
    """An entity's entry into a stage: the event, the step that it fits, and the seconds since
    the entry into the stage that the entity entered before (None: the first)."""

    event: Event
    step: int
    seconds: Fraction | None


@dataclass(eq=False)
class Way:
    """One entity's way through a journey: its entries by stage number, and its branch by the
    number of each branching stage (no branch: no key)."""

    entries: dict[int, Entry] = field(default_factory=dict)
    branches: dict[int, str] = field(default_factory=dict)


def walk(journey: Journey, fitting: Sequence[tuple[Event, Mapping[int, int]]]) -> dict[int, Entry]:
    """J-2, J-3: the stages that an entity enters, in order.

    Args:
        journey: the journey.
        fitting: the entity's events that fit a stage, in order of time and event id, each with the
            step of every stage that it fits.
    """
    behind = 0  # the place of the first event after the one that entered the last stage

    def first_of(number: int) -> int | None:
        """The place of the first event behind the last entered stage that fits a stage."""
        places = range(behind, len(fitting))
        return next((place for place in places if number in fitting[place][1]), None)

    entries: dict[int, Entry] = {}
    previous: Event | None = None
    for number, stage in enumerate(journey.stages, start=1):
        place = first_of(number)
        if stage.is_optional:
            # Of the stages after it, none up to the next that is not optional comes first.
            last = journey.next_required(number) or len(journey.stages)
            others = [first_of(other) for other in range(number + 1, last + 1)]
            if place is None or any(other is not None and other <= place for other in others):
                continue
        elif place is None:
            break
        event, steps = fitting[place]
        seconds = None if previous is None else seconds_between(previous.at, event.at)
        entries[number] = Entry(event, steps[number], seconds)
        previous, behind = event, place + 1
    return entries


def seconds_between(start: datetime, end: datetime) -> Fraction:
    """Exact seconds from one instant to another."""
    passed = end - start
    return (passed.days * 86_400 + passed.seconds) + Fraction(passed.microseconds, 1_000_000)


def quantile(values: Sequence[Fraction], part: Fraction) -> Fraction:
    """J-5: the continuous quantile, interpolated between the two values beside its place.

    Args:
        values: at least one value, in any order.
        part: from 0 to 1.
    """
    in_order = sorted(values)
    place = part * (len(in_order) - 1)
    below = int(place)
    if below == len(in_order) - 1:
        return in_order[below]
    return in_order[below] + (place - below) * (in_order[below + 1] - in_order[below])


def ratio(part: int, whole: int) -> float | None:
    """A ratio, None where it divides by 0."""
    return part / whole if whole else None


def stage_entries(deals: Sequence[Deal], history: Sequence[Row]) -> dict[str, list[Event]]:
    """J-7: by deal the entries of its stage history as events; entries of deals without a row,
    and of deleted ones, are none."""
    by_id = {deal.deal_id: deal for deal in deals}
    entries: dict[str, list[Event]] = defaultdict(list)
    for row in history:
        deal = by_id.get(row["deal_id"])
        if deal is None:
            continue
        instant = row["entered_at"].isoformat(timespec="microseconds")
        entries[deal.deal_id].append(
            Event(
                event_id=f"{deal.deal_id}:{row['stage_id']}:{instant}Z",
                event_type=STAGE_ENTRY,
                at=row["entered_at"],
                visitor_id=None,
                contact=None,
                asset=None,
                named_asset_id=None,
                url=None,
                referrer=None,
                device_type=None,
                browser=None,
                country=None,
                properties={
                    "stage_id": row["stage_id"],
                    "pipeline_id": row["pipeline_id"] or deal.row["pipeline_id"],
                },
            )
        )
    return entries


class Journeys:
    """The ways of all entities through all journeys, and the marts of them."""

    def __init__(
        self,
        journeys: Mapping[str, Mapping[str, Any]],
        events: Sequence[Event],
        deals: Sequence[Deal],
        stage_history: Sequence[Row],
        identity: Identity,
        touches: Touches,
        calendar: Calendar,
    ) -> None:
        self.journeys = [Journey.of(name, journey) for name, journey in journeys.items()]
        self._identity = identity
        self._touches = touches
        self._calendar = calendar
        # What happened to a deal's stage is told by its history, never by the event stream.
        self._events = [event for event in events if event.event_type != STAGE_ENTRY]
        self._deals = deals
        self._stage_entries = stage_entries(deals, stage_history)
        self._contacts = self._events_of_contacts()
        self._visitors = self._events_of_visitors()
        self._deal_events = self._events_of_deals()
        self.ways = {journey.name: self._ways(journey) for journey in self.journeys}

    # --- whose events ---------------------------------------------------------------------

    def _events_of_contacts(self) -> dict[Entity, list[Event]]:
        """J-7: a contact's events, and the stage entries of the deals whose contact it is."""
        found: dict[Entity, list[Event]] = defaultdict(list)
        for event in self._events:
            if event.contact is not None:
                found["contact", event.contact].append(event)
        for deal in self._deals:
            for contact in deal.contacts:
                found["contact", contact] += self._stage_entries.get(deal.deal_id, ())
        return in_order(found)

    def _events_of_visitors(self) -> dict[Entity, list[Event]]:
        """J-4: what visitors did whose person is no contact, of the types that allow it."""
        found: dict[Entity, list[Event]] = defaultdict(list)
        for event in self._events:
            is_anonymous = event.contact is None and event.visitor_id is not None
            if is_anonymous and event.event_type in ANONYMOUS:
                found["visitor", event.visitor_id or ""].append(event)
        return in_order(found)

    def _events_of_deals(self) -> dict[Entity, list[Event]]:
        """J-7: the events that name a deal, its stage entries, and those of its contacts."""
        naming: dict[str, list[Event]] = defaultdict(list)
        of_contact: dict[str, list[Event]] = defaultdict(list)
        for event in self._events:
            if event.deal_id is not None:
                naming[event.deal_id].append(event)
            if event.contact is not None:
                of_contact[event.contact].append(event)
        found: dict[Entity, list[Event]] = {}
        for deal in self._deals:
            events = [*naming[deal.deal_id], *self._stage_entries.get(deal.deal_id, ())]
            for contact in deal.contacts:
                events += of_contact[contact]
            # An event that belongs to the deal in several ways is one event.
            found["deal", deal.deal_id] = list({event.order: event for event in events}.values())
        return in_order(found)

    # --- ways -----------------------------------------------------------------------------

    def _ways(self, journey: Journey) -> dict[Entity, Way]:
        """The ways of the entities that entered a journey's first stage."""
        entities = self._deal_events if journey.entity == "deals" else self._contacts
        if journey.include_anonymous:
            entities = entities | self._visitors
        steps_of: dict[tuple[datetime, str], dict[int, int]] = {}
        ways: dict[Entity, Way] = {}
        for entity, events in entities.items():
            fitting = []
            for event in events:
                if event.order not in steps_of:
                    steps_of[event.order] = self._steps(journey, event)
                if steps_of[event.order]:
                    fitting.append((event, steps_of[event.order]))
            entries = walk(journey, fitting)
            if entries:
                ways[entity] = Way(entries, self._branches(journey, entries))
        return ways

    def _steps(self, journey: Journey, event: Event) -> dict[int, int]:
        """The step of every stage that an event fits."""
        if not journey.is_in_range(self._calendar.date_of(event.at)):
            return {}
        found = {}
        for number, stage in enumerate(journey.stages, start=1):
            step = stage.step_of(event, self._touches)
            if step is not None:
                found[number] = step
        return found

    def _branches(self, journey: Journey, entries: Mapping[int, Entry]) -> dict[int, str]:
        """J-6: the branch that an entity took at each branching stage that it entered."""
        branches = {}
        for number, entry in entries.items():
            name = journey.stages[number - 1].branch_by
            if name is not None:
                value = value_of(entry.event, name, self._touches)
                if value is not None:
                    branches[number] = value
        return branches

    # --- marts ----------------------------------------------------------------------------

    def journey_stages(self) -> list[Row]:
        """J-5, J-6: one row per stage, and one per branch where stages have branches."""
        rows = []
        for journey in self.journeys:
            ways = list(self.ways[journey.name].values())
            for number in range(1, len(journey.stages) + 1):
                rows.append(stage_row(journey, number, ways, None))
                branching = journey.branching_stage(number)
                if branching is not None:
                    values = {way.branches[branching] for way in ways if branching in way.branches}
                    rows += [stage_row(journey, number, ways, value) for value in sorted(values)]
        return rows

    def journey_steps(self) -> list[Row]:
        """J-5: one row per step, with its share of those who entered the stage."""
        rows = []
        for journey in self.journeys:
            ways = self.ways[journey.name].values()
            for number, stage in enumerate(journey.stages, start=1):
                admitted = Counter(
                    way.entries[number].step for way in ways if number in way.entries
                )
                rows += [
                    {
                        "journey": journey.name,
                        "stage": number,
                        "step": step_number,
                        "event_type": step.event_type,
                        "entered": admitted[step_number],
                        "share": ratio(admitted[step_number], admitted.total()),
                    }
                    for step_number, step in enumerate(stage.steps, start=1)
                ]
        return rows

    def journey_entities(self) -> list[Row]:
        """One row per entity and stage that it entered; erased contacts, and visitors that were
        ever identified as one, have none (ID-6)."""
        rows = []
        for journey in self.journeys:
            for (kind, entity_id), way in self.ways[journey.name].items():
                if kind == "contact" and entity_id in self._identity.erased:
                    continue
                if kind == "visitor" and entity_id in self._identity.erased_visitors:
                    continue
                for number, entry in way.entries.items():
                    branching = journey.branching_stage(number)
                    rows.append(
                        {
                            "journey": journey.name,
                            "entity_type": kind,
                            "entity_id": entity_id,
                            "stage": number,
                            "entered_at": entry.event.at,
                            "event_id": entry.event.event_id,
                            "step": entry.step,
                            "branch": way.branches.get(branching) if branching else None,
                        }
                    )
        return rows


def in_order(events: Mapping[Entity, list[Event]]) -> dict[Entity, list[Event]]:
    """Each entity's events in order of time and event id."""
    return {
        entity: sorted(found, key=lambda event: event.order) for entity, found in events.items()
    }


def stage_row(journey: Journey, number: int, ways: Sequence[Way], branch: str | None) -> Row:
    """J-5, J-6: the figures of a stage, in total (branch None) or of one branch."""
    stage = journey.stages[number - 1]
    branching = None if branch is None else journey.branching_stage(number)
    of_branch = [way for way in ways if branching is None or way.branches.get(branching) == branch]

    def entered(other: int | None) -> int:
        """How many entered a stage: of the branch where the stage lies in its span, else of all."""
        is_in_span = branching is not None and other is not None and other >= branching
        return sum(other in way.entries for way in (of_branch if is_in_span else ways))

    here = [way for way in of_branch if number in way.entries]
    following = journey.next_required(number)
    dropped = None
    if following is not None and not stage.is_optional:
        dropped = sum(following not in way.entries for way in here)
    times = [
        entry.seconds
        for entry in (way.entries[number] for way in here)
        if entry.seconds is not None
    ]
    previous = journey.previous_required(number)
    return {
        "journey": journey.name,
        "stage": number,
        "branch": branch,
        "branch_by": None if branching is None else journey.stages[branching - 1].branch_by,
        "stage_name": stage.name,
        "is_optional": stage.is_optional,
        "entered": len(here),
        "dropped": dropped,
        "conversion_from_previous": (
            None if previous is None else ratio(len(here), entered(previous))
        ),
        "conversion_from_first": None if number == 1 else ratio(len(here), entered(1)),
        "median_seconds": float(quantile(times, Fraction(1, 2))) if times else None,
        "mean_seconds": float(sum(times) / len(times)) if times else None,
        "p90_seconds": float(quantile(times, Fraction(9, 10))) if times else None,
    }
