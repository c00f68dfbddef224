"""Random journeys over the events of scenarios: valid definitions, dense in what tells rules apart.

A definition is what the project's variable `journeys` holds, JSON-serialisable.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from tests.scenarios.properties import (
    FLAGS,
    NUMBERS,
    PROPERTIES,
    SHARED_COLUMNS,
    UTM,
    properties_of,
)
from tests.scenarios.world import World

Definition = dict[str, Any]
Condition = list[Any]

STAGE_ENTRY = "deal_stage_entered"
# How many stages the journeys have, in turn.
LENGTHS = (3, 4, 1, 6, 3, 2, 5, 11, 4, 8, 15)

OF_NONE = ("is known", "is unknown")
OF_SEVERAL = ("in", "not in")
OPERATORS = {
    "text": ("is", "is not", "contains", "starts with", *OF_SEVERAL, *OF_NONE),
    "number": ("is", "is not", "at least", "at most", *OF_SEVERAL, *OF_NONE),
    "flag": ("is", "is not", *OF_NONE),
}
SHARED = ("campaign_id", "content_type", *SHARED_COLUMNS, *UTM)

_NAMES = ("Seen", "Talked", "Won", "it's", 'a "name"', "Größe", "back\\slash", "two  blanks", "007")

# Texts that occur nowhere, or everywhere once somebody takes them for patterns.
_MADE_UP = ("nowhere", "%", "_", "s%", "\\", "e", "1", "s", "007", "no", "de", "NULL", "true", "'")
_NUMBERS = (0, 1, 5, 9, 10, 30, 60, 60.0, 59.5, 61.25, 100, 0.25, 0.5, -3, -3.5, 1e-07, 1e20, 12345)


def kind_of(name: str) -> str:
    """Whether a property holds texts, numbers or flags."""
    if name in NUMBERS:
        return "number"
    return "flag" if name in FLAGS else "text"


def own_properties(event_type: str) -> tuple[str, ...]:
    """The properties of an event type besides the shared ones."""
    return (
        ("stage_id", "pipeline_id") if event_type == STAGE_ENTRY else tuple(PROPERTIES[event_type])
    )


def _typed(event_type: str) -> tuple[str, ...]:
    """The properties of an event type that are no texts."""
    return tuple(name for name in own_properties(event_type) if kind_of(name) != "text")


class _Found:
    """What occurs in the scenarios: event types, values of their properties, days."""

    def __init__(self, worlds: Sequence[World]) -> None:
        self.types: Counter[str] = Counter(dict.fromkeys((*PROPERTIES, STAGE_ENTRY), 1))
        # Lists, so that what is frequent is picked often.
        self.days: list[str] = []
        self._values: dict[tuple[str, str], list[str]] = defaultdict(list)
        for world in worlds:
            self._add(world)

    def _add(self, world: World) -> None:
        for row in world.rows["events"]:
            event_type = row["event_type"]
            self.days.append(row["occurred_at"].date().isoformat())
            if event_type not in PROPERTIES:
                continue
            self.types[event_type] += 1
            for name, column in SHARED_COLUMNS.items():
                self._note("", name, row.get(column))
            properties = properties_of(row)
            for name in ("country", "content_type"):
                self._note("", name, properties.get(name))
            for name, column in PROPERTIES[event_type].items():
                self._note(event_type, name, row.get(column) if column else properties.get(name))
        for row in world.rows["deal_stage_history"]:
            self.types[STAGE_ENTRY] += 1
            self._note(STAGE_ENTRY, "stage_id", row["stage_id"])
            self._note(STAGE_ENTRY, "pipeline_id", row.get("pipeline_id"))
        for campaign in world.campaigns:
            self._note("", "campaign_id", campaign)
        for value in world.utm_values:
            self._note("", "utm_campaign", value)
        for value in world.keywords:
            self._note("", "utm_term", value)
        for asset in world.assets:
            self._note("", "content_type", asset["asset_type"])
        for name, values in (
            ("utm_source", ("linkedin", "news", "Facebook", "email", "hs_automation")),
            ("utm_medium", ("social", "Email", "cpc", "qr", "paid")),
            ("utm_content", ("x", "hero")),
        ):
            for value in values:
                self._note("", name, value)

    def _note(self, event_type: str, name: str, value: Any) -> None:
        if isinstance(value, bool):
            value = "true" if value else "false"
        if value is not None and value != "" and not isinstance(value, (dict, list)):
            self._values[event_type, name].append(str(value))

    def values(self, event_type: str, name: str) -> list[str]:
        """The texts of a property of an event type, or of all types where they share it."""
        return self._values.get((event_type, name)) or self._values.get(("", name)) or []


def random_journeys(
    rng: random.Random, worlds: Sequence[World], number: int = 30
) -> dict[str, Definition]:
    """Valid journeys by their names, over the event types and values of the scenarios.

    Beside the given number, there are journeys of one stage that branch by a property of any
    type, and one that asks for every event type.
    """
    found = _Found(worlds)
    journeys = {f"{_name(rng)} {place}": _journey(rng, found, place) for place in range(number)}
    by_property = {f"by {name}": _by_property(rng, name) for name in _some_properties(rng)}
    return {**journeys, **by_property, "everything": _everything(rng, found)}


def _name(rng: random.Random) -> str:
    return rng.choice(("way", "Way", "Reise über alles", "it's one"))


def _journey(rng: random.Random, found: _Found, place: int) -> Definition:
    journey: Definition = {}
    entity = rng.choice(("contacts", "contacts", "contacts", "deals", "deals"))
    if entity == "deals" or rng.random() < 0.5:
        journey["entity"] = entity
    if entity == "contacts" and rng.random() < 0.6:
        journey["include_anonymous"] = rng.random() < 0.85
    _limit(rng, journey, sorted(found.days))
    length = LENGTHS[place % len(LENGTHS)]
    # Every other journey is wide: its stages admit so much that many come far.
    is_wide = place % 2 == 0
    types = _some_types(rng, found, rng.randint(3, 7), entity == "deals")
    if is_wide:
        types += ["page_viewed", "form_submitted"]
    runs = rng.random()
    stages: list[Definition] = []
    for number in range(length):
        steps = [
            _step(rng, found, rng.choice(types) if rng.random() < 0.9 else _any_type(rng, found))
            for _ in range(rng.randint(2, 5) if is_wide else rng.choice((1, 1, 2, 3)))
        ]
        if is_wide and rng.random() < 0.7:
            steps.append({"event": "page_viewed"})
        stage: Definition = {"name": rng.choice(_NAMES), "steps": steps}
        was_optional = bool(stages and stages[-1].get("optional"))
        if number and rng.random() < (0.55 if was_optional else 0.15 + 0.4 * runs):
            stage["optional"] = True
        elif rng.random() < 0.1:
            stage["optional"] = False
        if rng.random() < 0.3:
            stage["branch_by"] = _branch(rng, steps)
        stages.append(stage)
    journey["stages"] = stages
    return journey


def _some_properties(rng: random.Random) -> list[str]:
    """Properties to branch by: a few of each kind."""
    own = sorted({name for properties in PROPERTIES.values() for name in properties})
    columns = ("owner", "user_id", "enrolled_by", "pipeline_id", "region", "country")
    return [
        *FLAGS,
        *rng.sample(NUMBERS, 3),
        *rng.sample(columns, 3),
        *rng.sample([name for name in own if name not in (*NUMBERS, *FLAGS, *columns)], 5),
    ]


def _by_property(rng: random.Random, name: str) -> Definition:
    """A journey of one stage that branches by a property: of every type that has it."""
    types = [each for each in (*PROPERTIES, STAGE_ENTRY) if name in own_properties(each)]
    types = types or list(rng.sample(sorted(PROPERTIES), 8))
    steps: list[Definition] = [{"event": event_type} for event_type in types]
    if rng.random() < 0.7:
        operator = rng.choice(("is known", "is known", "is unknown"))
        steps = [{**step, "where": [[name, operator]]} for step in steps]
    elif kind_of(name) == "flag":
        steps = [{**step, "where": [[name, rng.choice(("is", "is not")), True]]} for step in steps]
    if rng.random() < 0.5:
        # Types without the property: it has no value there, whatever the event tells.
        others = [each for each in PROPERTIES if name not in own_properties(each)]
        steps += [{"event": each} for each in ("page_viewed", *rng.sample(others, 3))]
    stage = {"name": f"By {name}", "branch_by": name, "steps": steps}
    return {"entity": rng.choice(("contacts", "deals")), "stages": [stage]}


def _everything(rng: random.Random, found: _Found) -> Definition:
    """A journey each stage of which admits every event type, in any order."""
    stages: list[Definition] = []
    for number in range(3):
        types = rng.sample(sorted(found.types), len(found.types))
        steps = [_step(rng, found, event_type) for event_type in types]
        stages.append({"name": f"Everything {number}", "steps": steps})
    return {"include_anonymous": True, "stages": stages}


def _limit(rng: random.Random, journey: Definition, days: list[str]) -> None:
    """Sometimes the days of events from or to which alone they count."""
    if rng.random() < 0.6 or not days:
        return
    # What is scarce in few days is scarcer in one.
    first, last = sorted(rng.choices(days, k=4))[:: rng.choice((2, 3))][:2]
    way = rng.choice(("from", "from", "to", "to", "both", "both", "both", "one day"))
    if way != "to":
        journey["from"] = first
    if way != "from":
        journey["to"] = first if way == "one day" else last


def _any_type(rng: random.Random, found: _Found) -> str:
    return rng.choice(sorted(found.types))


def _some_types(rng: random.Random, found: _Found, number: int, is_of_deals: bool) -> list[str]:
    """Event types, most of them frequent ones."""
    names = sorted(found.types)
    weights = [found.types[name] ** 0.7 * (2 if _typed(name) else 1) for name in names]
    types = rng.choices(names, weights, k=number)
    if is_of_deals or rng.random() < 0.3:
        types.append(STAGE_ENTRY)
    return types


def _step(rng: random.Random, found: _Found, event_type: str) -> Definition:
    step: Definition = {"event": event_type}
    number = rng.choices((0, 1, 2, 3), (12, 6, 2, 1))[0]
    if number or rng.random() < 0.1:
        step["where"] = [_condition(rng, found, event_type) for _ in range(number)]
    return step


def _condition(rng: random.Random, found: _Found, event_type: str) -> Condition:
    own = own_properties(event_type)
    typed = _typed(event_type)
    names = (*SHARED, "country", "content_type", "campaign_id", *own, *own, *own, *(typed * 5))
    name = rng.choice(names)
    kind = kind_of(name)
    operator = rng.choice(OPERATORS[kind])
    if operator in OF_NONE:
        return [name, operator]
    if operator in OF_SEVERAL:
        values = [_value(rng, found, event_type, name, operator) for _ in range(rng.randint(1, 6))]
        return [name, operator, values]
    return [name, operator, _value(rng, found, event_type, name, operator)]


def _value(rng: random.Random, found: _Found, event_type: str, name: str, operator: str) -> Any:
    if kind_of(name) == "flag":
        return rng.random() < 0.5
    if kind_of(name) == "number":
        return rng.choice(_NUMBERS)
    values = found.values(event_type, name)
    text = rng.choice(values) if values and rng.random() < 0.85 else rng.choice(_MADE_UP)
    if operator == "starts with" and rng.random() < 0.8:
        text = text[: rng.randint(1, 4)]
    elif operator == "contains" and rng.random() < 0.8:
        start = rng.randrange(len(text))
        text = text[start : start + rng.randint(1, 4)]
    if rng.random() < 0.1:
        text = text.swapcase()
    if name in UTM:
        # As in S-9: trimmed, and in any letter case.
        text = rng.choice((text, text.upper(), f" {text}\t"))
    return text if text.strip() else "x"


def _branch(rng: random.Random, steps: Sequence[Definition]) -> str:
    """A property of one of the steps, most often one with few values."""
    own = own_properties(rng.choice(steps)["event"])
    few = ("country", "device_type", "browser", "region", "content_type", "utm_source")
    choices = (*few, *few, *(name for name in own for _ in range(3)))
    return rng.choice(choices if rng.random() < 0.95 else ("url", *UTM))
