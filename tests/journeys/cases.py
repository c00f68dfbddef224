"""For each property of each event type: events that have it in every way, and conditions on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.journeys.catalogue import (
    FLAGS,
    NUMBERS,
    OPERATORS,
    SHARED,
    STAGE_ENTERED,
    VISITS,
    EventType,
    kind,
)


@dataclass(frozen=True)
class Texts:
    """A text that conditions ask for, with a part of it and its beginning."""

    value: str
    part: str
    start: str

    @property
    def others(self) -> dict[str, str]:
        """Texts that differ from it, by what they are; as a pattern it would fit the near one."""
        return {
            "other case": self.value.swapcase(),
            "near": self.value.replace("%", "").replace("_", "-"),
            "within": f"see {self.value}",
            "longer": f"{self.value} too",
        }


# What SQL, YAML or Jinja might take for something else than text.
PLAIN = Texts('Nord 50%_b\'s {{ "x" }} \\d', "50%_b's", "Nord 50%_")
URL = Texts("https://Shop.example/Nord-50%_b's?b=%20c", "50%_b's", "https://Shop.example/Nord-50%_")
ASSET_TYPE = Texts("landing_page", "g_p", "landing_")

# The page asset's own address, and another way to write it.
PAGE_URL = "https://pages.example/nord"
PAGE_URL_IN_OTHER_WORDS = "http://www.pages.example/nord/?b=c#d"

NUMBER = 50
SMALL = 4.5

# Assets by what their campaigns make of an event on them; a campaign's id is one of the texts.
PAGE, FORM, NO_ROW, TRACKED = PLAIN.value, "a form", "no such asset", "a tracked asset"
OF_CAMPAIGN = {label: f"asset of {label}" for label in ("same", *PLAIN.others)}
OF_BOTH, OF_DELETED, OF_ENDED, OF_LATER = "asset of both", "of deleted", "of ended", "of later"
CAMPAIGNS = {"same": PLAIN.value, **PLAIN.others}
DELETED_CAMPAIGN = f"{PLAIN.value} deleted"


@dataclass(frozen=True)
class Case:
    """An event that has a property in some way.

    values are what conditions see: none where it is missing, several where it counts for several
    campaigns; counts is whether it is an event for journeys at all. columns are the event's own,
    or those of the deal's stage entry (with `deal_pipeline_id`, the deal's own) if is_stage_entry.
    """

    label: str
    columns: Mapping[str, Any]
    values: tuple[str, ...] = field(default=())
    counts: bool = True
    is_stage_entry: bool = False


def cases(event_type: EventType, name: str) -> list[Case]:
    """Events of the type that have the property in every way, and some that don't."""
    if event_type.name == STAGE_ENTERED:
        return list(_stage_entries(name))
    source = event_type.properties[name]
    ways = {
        "json": _in_json,
        "country": _country,
        "asset's type": _content_type,
        "campaigns": _campaigns,
        "utm": _utm,
    }
    return list(ways.get(source, _in_column)(event_type, name))


def conditions(name: str) -> dict[str, Any]:
    """What each operator that fits the property compares with; None for those without a value."""
    if name in FLAGS:
        return {"is": True, "is not": False, "is known": None, "is unknown": None}
    if name in NUMBERS:
        operands: dict[str, Any] = dict.fromkeys(OPERATORS["number"], NUMBER)
        return operands | {"in": [-1, NUMBER], "not in": [NUMBER, 7.5]} | _OF_NO_VALUE
    texts = {"url": URL, "content_type": ASSET_TYPE}.get(name, PLAIN)
    operands = dict.fromkeys(OPERATORS["text"], texts.value)
    operands |= {"in": [texts.value, "none such"], "not in": ["none such", texts.value]}
    operands |= {"contains": texts.part, "starts with": texts.start} | _OF_NO_VALUE
    if name.startswith("utm_"):
        return {operator: _badly_written(operand) for operator, operand in operands.items()}
    return operands


_OF_NO_VALUE: dict[str, Any] = {"is known": None, "is unknown": None}


def passes(case: Case, name: str, operator: str, operand: Any) -> bool:
    """Whether an event satisfies a condition: a missing value only those that say not."""
    if operator == "is not":
        return not passes(case, name, "is", operand)
    if operator == "not in":
        return not passes(case, name, "in", operand)
    if operator == "is unknown":
        return not case.values
    return any(_fits(value, name, operator, operand) for value in case.values)


def _fits(text: str, name: str, operator: str, operand: Any) -> bool:
    if operator == "is known":
        return True
    if operator == "in":
        return any(_fits(text, name, "is", one) for one in operand)
    if kind(name) == "number":
        number = float(text)
        return {"is": number == operand, "at least": number >= operand}.get(
            operator, number <= operand
        )
    if kind(name) == "flag":
        return text == ("true" if operand else "false")
    if name.startswith("utm_"):
        operand = operand.strip().lower()
    return {"is": text == operand, "contains": operand in text}.get(
        operator, text.startswith(operand)
    )


def _badly_written(operand: Any) -> Any:
    """As a utm value may be written in a condition: how it is cased and padded doesn't matter."""
    if isinstance(operand, list):
        return [_badly_written(one) for one in operand]
    return None if operand is None else f" {operand.upper()}\t"


def _in_json(event_type: EventType, name: str) -> Iterator[Case]:
    def json(value: object) -> dict[str, Any]:
        return {"properties": {name: value}}

    if kind(name) == "flag":
        for value in (True, "Yes", 1, "1", "TRUE"):
            yield Case(f"true as {value!r}", json(value), ("true",))
        for value in (False, "NO", 0, "0", "False"):
            yield Case(f"false as {value!r}", json(value), ("false",))
        for value in ("maybe", 2, "y", " true"):
            yield Case(f"no flag, {value!r}", json(value))
    elif kind(name) == "number":
        for value in (NUMBER, f"{NUMBER}.0", "5e1", SMALL, "-3", "1E+3", 77):
            yield Case(f"number {value!r}", json(value), (repr(float(value)).removesuffix(".0"),))
        for value in ("50 s", "+50", " 50", "50.", ".5", "NaN", "inf", "0x32", "5_0", True):
            yield Case(f"no number, {value!r}", json(value))
    else:
        yield Case("same", json(PLAIN.value), (PLAIN.value,))
        for label, text in PLAIN.others.items():
            yield Case(label, json(text), (text,))
        for value, text in ((" ", " "), (5, "5"), (True, "true"), (f" {PLAIN.value}", None)):
            yield Case(f"as it is, {value!r}", json(value), (text or str(value),))
    yield Case("empty", json(""))
    yield Case("null", json(None))
    # Only the key of its name is asked.
    elsewhere = {"asset_id": PLAIN.value, "user_id": PLAIN.value, "browser": PLAIN.value}
    yield Case("missing", elsewhere | {"properties": {f"{name}_": PLAIN.value}})


def _in_column(event_type: EventType, name: str) -> Iterator[Case]:
    column = event_type.properties[name]
    texts = URL if column == "url" else PLAIN
    # No key of its name in the JSON is asked.
    yield Case("same", {column: texts.value, "properties": {name: "other"}}, (texts.value,))
    for label, text in texts.others.items():
        yield Case(label, {column: text}, (text,))
    yield Case("missing", {"properties": {name: texts.value}})
    if column == "asset_id":
        # Only a page view is of an asset that it doesn't name (S-11).
        is_page_view = event_type.name == "page_viewed"
        found = (PAGE,) if is_page_view else ()
        yield Case("by url", {"url": PAGE_URL_IN_OTHER_WORDS}, found)


def _country(event_type: EventType, name: str) -> Iterator[Case]:
    def json(value: object) -> dict[str, Any]:
        return {"properties": {name: value}}

    yield Case("same", {"ip_country": "other", **json(PLAIN.value)}, (PLAIN.value,))
    yield Case("same by ip", {"ip_country": PLAIN.value}, (PLAIN.value,))
    for label, text in PLAIN.others.items():
        yield Case(label, json(text), (text,))
        yield Case(f"{label} by ip", {"ip_country": text}, (text,))
    yield Case("empty", {"ip_country": PLAIN.value, **json("")}, (PLAIN.value,))
    yield Case("null", {"ip_country": PLAIN.value, **json(None)}, (PLAIN.value,))
    yield Case("missing", {"properties": {"ip_country": PLAIN.value}, "ip_region": PLAIN.value})


def _content_type(event_type: EventType, name: str) -> Iterator[Case]:
    def json(value: object) -> dict[str, Any]:
        return {"properties": {name: value}}

    texts = ASSET_TYPE
    yield Case("same", {"asset_id": FORM, **json(texts.value)}, (texts.value,))
    yield Case("same by asset", {"asset_id": PAGE}, (texts.value,))
    yield Case("empty", {"asset_id": PAGE, **json("")}, (texts.value,))
    yield Case("other by asset", {"asset_id": FORM}, ("form",))
    for label, text in texts.others.items():
        yield Case(label, json(text), (text,))
    is_page_view = event_type.name == "page_viewed"
    found = (texts.value,) if is_page_view else ()
    yield Case("by url", {"url": PAGE_URL_IN_OTHER_WORDS}, found)
    yield Case("unknown asset", {"asset_id": NO_ROW})
    yield Case("missing", {"browser": texts.value})


def _campaigns(event_type: EventType, name: str) -> Iterator[Case]:
    for label, campaign in CAMPAIGNS.items():
        yield Case(label, {"asset_id": OF_CAMPAIGN[label]}, (campaign,))
    both = (PLAIN.value, CAMPAIGNS["within"])
    yield Case("both", {"asset_id": OF_BOTH}, both)
    visit = {"url": f"https://shop.example/?utm_campaign={utm_campaign('same')}"}
    is_visit = event_type.name in VISITS
    yield Case("utm", visit, (PLAIN.value,) if is_visit else ())
    found = both if is_visit else (CAMPAIGNS["within"],)
    yield Case("asset and utm", {"asset_id": OF_CAMPAIGN["within"], **visit}, found)
    for asset in (OF_DELETED, OF_ENDED, OF_LATER, NO_ROW):
        yield Case(asset, {"asset_id": asset})
    yield Case("missing", {"properties": {name: PLAIN.value}})


def utm_campaign(label: str) -> str:
    """The utm value of the campaign with this label."""
    return f"utm-of-{label.replace(' ', '-')}"


def _utm(event_type: EventType, name: str) -> Iterator[Case]:
    def url(value: str, parameter: str = name) -> dict[str, Any]:
        return {"url": f"https://shop.example/?{parameter}={quote(value)}"}

    value = PLAIN.value.lower()
    yield Case("same", url(value), (value,))
    yield Case("upper case", url(value.upper(), name.upper()), (value,))
    yield Case("padded", url(f" {value}\t"), (value,))
    for label in ("near", "within", "longer"):
        yield Case(label, url(PLAIN.others[label]), (PLAIN.others[label].lower(),))
    yield Case("empty", url(""))
    yield Case("other parameter", url(value, f"x{name}"))
    # An asset's URL makes a visit, but is not the event's own.
    yield Case("by asset", {"asset_id": TRACKED})
    yield Case("missing", {"properties": {name: value}})


def tracked_url() -> str:
    """A URL with every utm parameter."""
    names = [name for name in SHARED if name.startswith("utm_")]
    value = quote(PLAIN.value)
    return "https://shop.example/tracked?" + "&".join(f"{name}={value}" for name in names)


def _stage_entries(name: str) -> Iterator[Case]:
    texts = {"same": PLAIN.value, **PLAIN.others}
    if name == "stage_id":
        for label, text in texts.items():
            yield Case(label, {"stage_id": text}, (text,), is_stage_entry=True)
    elif name == "pipeline_id":
        for label, text in texts.items():
            own = {"pipeline_id": text, "deal_pipeline_id": "other"}
            of_deal = {"pipeline_id": None, "deal_pipeline_id": text}
            yield Case(label, own, (text,), is_stage_entry=True)
            yield Case(f"{label} of the deal", of_deal, (text,), is_stage_entry=True)
        yield Case("missing", {}, is_stage_entry=True)
    else:
        yield Case("missing", {}, is_stage_entry=True)
    # An event of that type in the stream is no stage entry.
    everywhere = {name: PLAIN.value} | ({} if name in SHARED else {"stage_id": PLAIN.value})
    yield Case("in the stream", {"properties": everywhere, "browser": PLAIN.value}, counts=False)
