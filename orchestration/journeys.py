"""What a definition of customer journeys may say (J-1), checked before anything is loaded.

Every run checks the definitions of vars.yml, and those of CAMPAIGN_VARS that replace them. Whoever
runs dbt by itself asks `python -m orchestration.journeys`: it prints `7 journeys, no mistakes`, or
up to 20 mistakes, one per line, and ends with 2.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from orchestration.errors import UsageError
from orchestration.failures import one_line

# The reference seeds of the catalogue, in the project.
EVENT_TYPES = "seeds/reference/event_types.csv"
EVENT_PROPERTIES = "seeds/reference/event_properties.csv"

MOST_STAGES = 15
LONGEST_NAME = 100
MOST_MISTAKES_TOLD = 20

JOURNEY_KEYS = ("entity", "include_anonymous", "from", "to", "stages")
STAGE_KEYS = ("name", "optional", "branch_by", "steps")
STEP_KEYS = ("event", "where")
ENTITIES = ("contacts", "deals")

# Operators by how many values they take: one, a list of them, none.
OF_ONE_VALUE = ("is", "is not", "contains", "starts with", "at least", "at most")
OF_SEVERAL_VALUES = ("in", "not in")
OF_NO_VALUE = ("is known", "is unknown")

# Operators by the kind of the property.
OPERATORS = {
    "text": ("is", "is not", "in", "not in", "contains", "starts with", "is known", "is unknown"),
    "number": ("is", "is not", "in", "not in", "at least", "at most", "is known", "is unknown"),
    "flag": ("is", "is not", "is known", "is unknown"),
}

# How to write a condition, for who wrote something else.
CONDITION = "write [property, operator, value]"


@dataclass(frozen=True)
class Catalogue:
    """What steps may name.

    properties are the kinds (`text`, `number`, `flag`) by property, by event type: the type's own
    properties first, then those that every type has; anonymous are the types that a visitor
    without a contact may cause.
    """

    properties: Mapping[str, Mapping[str, str]]
    anonymous: frozenset[str]


@cache
def catalogue() -> Catalogue:
    """The catalogue of the project's reference seeds."""
    own: dict[str, dict[str, str]] = {}
    for row in _rows(EVENT_PROPERTIES):
        own.setdefault(row["event_type"], {})[row["property"]] = row["kind"]
    shared = own.pop("*", {})
    types = {row["event_type"]: row["is_anonymous_allowed"] for row in _rows(EVENT_TYPES)}
    return Catalogue(
        properties={name: own.get(name, {}) | shared for name in types},
        anonymous=frozenset(name for name, is_allowed in types.items() if is_allowed == "true"),
    )


def check_journeys(definitions: object, source: str) -> None:
    """Raise UsageError where a definition is wrong, with the first mistake and how many there are.

    source is what a user calls the place of the definitions.
    """
    found = list(mistakes(definitions))
    if found:
        more = f" (and {len(found) - 1} more: python -m orchestration.journeys lists them)"
        raise UsageError(f"{source}, {found[0]}{more if found[1:] else ''}")


def with_dates_as_text(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Correct definitions as JSON can say them: the dates in ISO text."""
    return {
        name: {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in definition.items()
        }
        for name, definition in definitions.items()
    }


def mistakes(definitions: object) -> Iterator[str]:
    """What is wrong in the definitions, one line per mistake; no definitions are no mistake."""
    if not isinstance(definitions, Mapping):
        given = _shown(definitions)
        yield f"journeys: {given} is no mapping of names to definitions: write {{}} for none."
        return
    for name, definition in definitions.items():
        place = f"journey {_shown(name)}"
        yield from _name_mistakes(f"{place}: its name", name)
        yield from _journey_mistakes(place, definition)


def _journey_mistakes(place: str, journey: object) -> Iterator[str]:
    if not isinstance(journey, Mapping):
        yield f"{place}: {_shown(journey)} is no mapping: write its stages below `stages:`."
        return
    yield from _key_mistakes(place, journey, JOURNEY_KEYS)
    entity = journey.get("entity", "contacts")
    if entity not in ENTITIES:
        yield f"{place}: entity is {_shown(entity)}: it takes {' or '.join(ENTITIES)}."
    yield from _flag_mistakes(place, journey, "include_anonymous")
    if entity == "deals" and journey.get("include_anonymous") is True:
        yield f"{place}: include_anonymous is only for contacts: leave it out for deals."
    yield from _date_mistakes(place, journey)
    stages = journey.get("stages")
    yield from _list_mistakes(place, journey, "stages", "- name: Visited")
    if not isinstance(stages, list):
        return
    if len(stages) > MOST_STAGES:
        yield f"{place}: it has {len(stages)} stages: at most {MOST_STAGES} are allowed."
    for number, stage in enumerate(stages, start=1):
        yield from _stage_mistakes(f"{place}, stage {number}", stage, is_first=number == 1)
    if entity == "contacts" and journey.get("include_anonymous") is True:
        yield from _anonymous_mistakes(place, stages)


def _stage_mistakes(place: str, stage: object, *, is_first: bool) -> Iterator[str]:
    if not isinstance(stage, Mapping):
        yield f"{place}: {_shown(stage)} is no mapping: write its name and its steps."
        return
    if "name" in stage:
        yield from _name_mistakes(f"{place}: its name", stage["name"])
    else:
        yield f"{place}: it has no name: write `name:`."
    if isinstance(stage.get("name"), str):
        place = f"{place} {_shown(stage['name'])}"
    yield from _key_mistakes(place, stage, STAGE_KEYS)
    yield from _flag_mistakes(place, stage, "optional")
    if is_first and stage.get("optional") is True:
        yield f"{place}: the first stage can't be optional."
    yield from _list_mistakes(place, stage, "steps", "- event: page_viewed")
    steps = stage.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else (), start=1):
        yield from _step_mistakes(f"{place}, step {number}", step)
    if "branch_by" in stage:
        yield from _branch_mistakes(place, stage["branch_by"], _event_types([stage]))


def _branch_mistakes(place: str, name: object, types: Sequence[object]) -> Iterator[str]:
    """What is wrong with a property to branch by, at a stage whose steps have these types."""
    known = catalogue().properties
    if name == "campaign_id":
        yield f"{place}: branch_by can't be campaign_id, of which an event may have several."
    elif not isinstance(name, str) or not name:
        yield f"{place}: branch_by is {_shown(name)}: it takes the name of a property."
    elif types and all(event in known for event in types):
        allowed = {own for event in types for own in known[_text(event)]} - {"campaign_id"}
        if name not in allowed:
            near, listed = _near(name, sorted(allowed)), ", ".join(sorted(allowed))
            yield f"{place}: branch_by {_shown(name)} is no property of its steps{near}: {listed}."


def _step_mistakes(place: str, step: object) -> Iterator[str]:
    if not isinstance(step, Mapping):
        yield f"{place}: {_shown(step)} is no mapping: write `- event: page_viewed`."
        return
    yield from _key_mistakes(place, step, STEP_KEYS)
    known = catalogue().properties
    event = step.get("event")
    if "event" not in step:
        yield f"{place}: it has no event type: write `event:`."
    elif not isinstance(event, str) or not event:
        yield f"{place}: event is {_shown(event)}: it takes the name of an event type."
    elif event not in known:
        near = _near(event, known)
        yield f"{place}: unknown event type {_shown(event)}{near}: {EVENT_TYPES} has the list."
    if "where" not in step:
        return
    where = step["where"]
    if not isinstance(where, list):
        yield f"{place}: where is {_shown(where)}: write a list of conditions, `- {CONDITION[6:]}`."
    elif len(where) > 1 and not any(isinstance(part, list | Mapping) for part in where):
        yield f"{place}: where is {_shown(where)}: put a dash before the condition, `- [...]`."
    else:
        for condition in where:
            yield from _condition_mistakes(place, condition, _text(event))


def _condition_mistakes(place: str, condition: object, event: str) -> Iterator[str]:
    """What is wrong in a condition of a step of the event type."""
    place = f"{place}, condition {_shown(condition)}"
    if not isinstance(condition, list) or not condition:
        yield f"{place}: it is no list: {CONDITION}."
        return
    name, operator, values = condition[0], condition[1] if condition[1:] else None, condition[2:]
    kind = None
    properties = catalogue().properties.get(event)
    if not isinstance(name, str):
        yield f"{place}: the property is {_shown(name)}, no name: {CONDITION}."
    elif properties is not None:
        kind = properties.get(name)
        if kind is None:
            near, listed = _near(name, properties), ", ".join(properties)
            yield f"{place}: {event} has no property {_shown(name)}{near}: it has {listed}."
    fitting = OPERATORS[kind] if kind else (*OF_ONE_VALUE, *OF_SEVERAL_VALUES, *OF_NO_VALUE)
    listed = ", ".join(fitting)
    if operator is None:
        yield f"{place}: it has no operator: it takes {listed}."
    elif operator not in (*OF_ONE_VALUE, *OF_SEVERAL_VALUES, *OF_NO_VALUE):
        near = _near(_text(operator), fitting)
        yield f"{place}: unknown operator {_shown(operator)}{near}: it takes {listed}."
    elif operator not in fitting:
        yield f"{place}: {operator} doesn't fit {name}, a {kind}: it takes {listed}."
    else:
        yield from _value_mistakes(place, str(name), str(operator), values, kind)


def _value_mistakes(
    place: str, name: str, operator: str, values: list[Any], kind: str | None
) -> Iterator[str]:
    """What is wrong with what follows the operator; where kind is None, only with how many."""
    if operator in OF_NO_VALUE:
        if values:
            yield f"{place}: {operator} takes no value: write [{name}, {operator}]."
        return
    if not values:
        yield f"{place}: {operator} has no value: {CONDITION}."
        return
    if operator in OF_SEVERAL_VALUES:
        if len(values) > 1 or not isinstance(values[0], list):
            listed = ", ".join(map(_shown, values))
            yield f"{place}: {operator} takes a list: write [{name}, {operator}, [{listed}]]."
            return
        values = values[0]
        if not values:
            yield f"{place}: the list of {operator} is empty: write at least one value."
    elif len(values) > 1 or isinstance(values[0], list):
        several = "; for several there are in and not in" if kind != "flag" else ""
        yield f"{place}: {operator} takes one value{several}: {CONDITION}."
        return
    for value in values:
        if kind and (problem := _problem(value, name, kind)):
            yield f"{place}: {_shown(value)} {problem}."


def _problem(value: object, name: str, kind: str) -> str | None:
    """What is wrong with a value that a property of the kind is compared with."""
    if value is None:
        return "is no value; for missing ones there is: is unknown"
    if kind == "text":
        return _text_problem(value, name)
    if kind == "flag":
        return None if isinstance(value, bool) else f"is no flag: {name} takes true or false"
    if isinstance(value, str):
        return f"is a text, and {name} a number: write digits without quotes, as 60 or 0.5"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"is no number, as {name} is"
    return None if _is_finite(value) else "is no finite number"


def _text_problem(value: object, name: str) -> str | None:
    if isinstance(value, bool):
        return f'is what YAML reads yes, no, on, off as, and {name} a text: quote it, as "no"'
    if isinstance(value, int | float):
        return f'is a number (as YAML reads it), and {name} a text: quote it, as "007"'
    if isinstance(value, date):
        return f'is a date (as YAML reads it), and {name} a text: quote it, as "2025-01-31"'
    if not isinstance(value, str):
        return f"is no text, as {name} is"
    if not value or (name.startswith("utm_") and not value.strip()):
        return "is an empty text, which no event has: for missing values there is: is unknown"
    return None if _can_be_stored(value) else "has a character that no text can have"


def _date_mistakes(place: str, journey: Mapping[Any, Any]) -> Iterator[str]:
    """What is wrong with the date range of a journey."""
    first, last = _as_date(journey.get("from")), _as_date(journey.get("to"))
    for key, end in (("from", first), ("to", last)):
        if key in journey and end is None:
            yield f"{place}: {key} is {_shown(journey[key])}: it takes a date, as 2025-01-31."
    if first and last and first > last:
        yield f"{place}: from is {first}, after to, {last}: no event would be in the range."


def _as_date(value: object) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _anonymous_mistakes(place: str, stages: list[Any]) -> Iterator[str]:
    """Whether a journey lets visitors in, and no step of it does."""
    types = {_text(event) for event in _event_types(stages)}
    known = catalogue()
    # An unknown type is a mistake by itself, and might be meant for one of these.
    if types and types <= known.properties.keys() and not types & known.anonymous:
        yield (
            f"{place}: include_anonymous, but every step's event type needs a contact: "
            f"leave it out, or see is_anonymous_allowed in {EVENT_TYPES}."
        )


def _event_types(stages: Collection[Any]) -> list[object]:
    """The event types that the steps of the stages name, as far as they are written well."""
    steps = [
        step
        for stage in stages
        if isinstance(stage, Mapping) and isinstance(stage.get("steps"), list)
        for step in stage["steps"]
    ]
    return [step.get("event") if isinstance(step, Mapping) else None for step in steps]


def _key_mistakes(place: str, mapping: Mapping[Any, Any], allowed: Sequence[str]) -> Iterator[str]:
    for key in mapping:
        if key not in allowed:
            near = _near(_text(key), allowed)
            yield f"{place}: unknown key {_shown(key)}{near}: it takes {', '.join(allowed)}."


def _list_mistakes(place: str, mapping: Mapping[Any, Any], key: str, example: str) -> Iterator[str]:
    """What is wrong with a list that has to be there, and not empty."""
    if key not in mapping:
        yield f"{place}: it has no {key}: write `{key}:` with at least one, `{example}`."
    elif not isinstance(mapping[key], list):
        yield f"{place}: {key} is {_shown(mapping[key])}: write a list, `{example}`."
    elif not mapping[key]:
        yield f"{place}: {key} is empty: write at least one, `{example}`."


def _flag_mistakes(place: str, mapping: Mapping[Any, Any], key: str) -> Iterator[str]:
    if key in mapping and not isinstance(mapping[key], bool):
        yield f"{place}: {key} is {_shown(mapping[key])}: it takes true or false."


def _name_mistakes(what: str, name: object) -> Iterator[str]:
    if name is None or (isinstance(name, str) and not name.strip()):
        yield f"{what} is empty: give it one."
    elif not isinstance(name, str):
        yield f"{what} is {_shown(name)}, as YAML reads it, and no text: quote it."
    elif len(name) > LONGEST_NAME:
        yield f"{what} has {len(name)} characters: at most {LONGEST_NAME} are allowed."
    elif not _can_be_stored(name):
        yield f"{what} has a character that no text can have."


def _text(value: object) -> str:
    """The value where it is a text, else one that nothing is called."""
    return value if isinstance(value, str) else ""


def _near(name: str, names: Collection[str]) -> str:
    """Which of the names may have been meant, in brackets."""
    near = get_close_matches(name, list(names), n=3)
    return f" (did you mean {' or '.join(near)}?)" if near else ""


def _can_be_stored(text: str) -> bool:
    """Whether a database takes the text: it is Unicode, without the character 0."""
    try:
        return b"\0" not in text.encode("utf-8")
    except UnicodeEncodeError:
        return False


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _shown(value: object) -> str:
    """A value as it may stand in YAML, on one line, shortened where it is long."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= 80 else f"{text[:77]}..."


def _rows(seed: str) -> list[dict[str, str]]:
    path = Path(__file__).resolve().parent.parent / seed
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Check the definitions that a run would take; returns the exit status."""
    # The settings check with this module.
    from orchestration.settings import defined_journeys

    try:
        defined = defined_journeys()
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    found = [f"{source}, {line}" for source, given in defined.items() for line in mistakes(given)]
    for line in found[:MOST_MISTAKES_TOLD]:
        print(one_line(line), file=sys.stderr)
    if found[MOST_MISTAKES_TOLD:]:
        print(f"and {len(found) - MOST_MISTAKES_TOLD} more.", file=sys.stderr)
    if found:
        return UsageError.exit_code
    print(f"{len(list(defined.values())[-1])} journeys, no mistakes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
