"""The random journeys are valid definitions, and meet every edge of the rules J."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

import pytest

from tests.reference import catalogue, compute
from tests.scenarios import World, build, random_journeys, write_landing
from tests.scenarios.journeys import OF_NONE, OF_SEVERAL, OPERATORS, kind_of
from tests.scenarios.properties import ANONYMOUS, PROPERTIES

Definition = dict[str, Any]

SEEDS = range(3000, 3040)

# What one argument of a command takes, with room for others.
LONGEST = 100_000


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [build(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def packs(worlds: list[World]) -> list[dict[str, Definition]]:
    return [random_journeys(random.Random(f"pack {number}"), worlds) for number in range(4)]


@pytest.fixture(scope="module")
def journeys(packs: list[dict[str, Definition]]) -> list[Definition]:
    return [journey for pack in packs for journey in pack.values()]


@pytest.fixture(scope="module")
def marts(
    packs: list[dict[str, Definition]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    landing = tmp_path_factory.mktemp("landing")
    write_landing(SEEDS, landing)
    return compute([landing], journeys=packs[0])


def stages_of(journeys: list[Definition]) -> Iterator[Definition]:
    return (stage for journey in journeys for stage in journey["stages"])


def steps_of(journeys: list[Definition]) -> Iterator[Definition]:
    return (step for stage in stages_of(journeys) for step in stage["steps"])


def is_value(kind: str, value: object) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) and value.strip() != ""


def test_two_catalogues_tell_the_same() -> None:
    ours = {
        event_type: {
            name: {"": "json", "asset_id": "asset", "user_id": "user"}[column]
            for name, column in own.items()
        }
        for event_type, own in PROPERTIES.items()
    }
    entered = {"deal_stage_entered": {"stage_id": "json", "pipeline_id": "json"}}
    assert ours | entered == catalogue.OWN
    assert set(ANONYMOUS) == catalogue.ANONYMOUS


def test_journeys_are_valid(journeys: list[Definition]) -> None:
    for journey in journeys:
        assert set(journey) <= {"entity", "include_anonymous", "from", "to", "stages"}
        assert journey.get("entity", "contacts") in ("contacts", "deals")
        if journey.get("entity") == "deals":
            assert "include_anonymous" not in journey
        days = [date.fromisoformat(journey[end]) for end in ("from", "to") if end in journey]
        assert days == sorted(days)
        assert 1 <= len(journey["stages"]) <= 15
        assert not journey["stages"][0].get("optional")


def test_stages_are_valid(journeys: list[Definition]) -> None:
    for stage in stages_of(journeys):
        assert set(stage) <= {"name", "optional", "branch_by", "steps"}
        assert stage["name"]
        assert stage["steps"]
        if "branch_by" in stage:
            known = [catalogue.properties_of(step["event"]) for step in stage["steps"]]
            assert stage["branch_by"] != "campaign_id"
            assert any(stage["branch_by"] in properties for properties in known)


def test_steps_are_valid(journeys: list[Definition]) -> None:
    for step in steps_of(journeys):
        assert set(step) <= {"event", "where"}
        for name, operator, *rest in step.get("where", []):
            assert name in catalogue.properties_of(step["event"])
            kind = kind_of(name)
            assert operator in OPERATORS[kind]
            if operator in OF_NONE:
                assert rest == []
            elif operator in OF_SEVERAL:
                (values,) = rest
                assert values
                assert all(is_value(kind, value) for value in values)
            else:
                (value,) = rest
                assert is_value(kind, value)


def test_journeys_are_text_that_an_argument_takes(packs: list[dict[str, Definition]]) -> None:
    for pack in packs:
        text = json.dumps(pack)
        assert json.loads(text) == pack
        assert len(text.encode()) < LONGEST


def test_the_same_seed_gives_the_same_journeys(
    worlds: list[World], packs: list[dict[str, Definition]]
) -> None:
    assert random_journeys(random.Random("pack 0"), worlds) == packs[0] != packs[1]
    assert len(random_journeys(random.Random(0), [], number=20)) > 20


def test_every_operator_compares_every_kind(journeys: list[Definition]) -> None:
    found = defaultdict(set)
    for step in steps_of(journeys):
        for name, operator, *_ in step.get("where", []):
            found[kind_of(name)].add(operator)
    assert {kind: set(operators) for kind, operators in OPERATORS.items()} == found


def test_every_event_type_and_shared_property_is_asked_for(journeys: list[Definition]) -> None:
    assert {step["event"] for step in steps_of(journeys)} == set(catalogue.OWN)
    names = {condition[0] for step in steps_of(journeys) for condition in step.get("where", [])}
    assert names > catalogue.SHARED
    assert names > catalogue.NUMBERS | catalogue.FLAGS


def test_stages_are_optional_in_every_place(journeys: list[Definition]) -> None:
    runs = set()
    for journey in journeys:
        flags = [bool(stage.get("optional")) for stage in journey["stages"]]
        for is_optional, run in groupby(enumerate(flags), key=lambda item: item[1]):
            if is_optional:
                places = [place for place, _ in run]
                runs.add((min(len(places), 3), places[-1] == len(flags) - 1))
    assert runs == {(length, is_last) for length in (1, 2, 3) for is_last in (True, False)}


def test_stages_branch_in_every_place(journeys: list[Definition]) -> None:
    stages = list(stages_of(journeys))
    assert any(stage.get("optional") and "branch_by" in stage for stage in stages)
    assert any("branch_by" in journey["stages"][0] for journey in journeys)
    assert any("branch_by" in journey["stages"][-1] for journey in journeys)
    counts = {sum("branch_by" in stage for stage in j["stages"]) for j in journeys}
    assert counts >= {0, 1, 2, 3, 4}


def test_one_event_type_stands_in_several_stages_and_steps(journeys: list[Definition]) -> None:
    types = [[step["event"] for step in stage["steps"]] for stage in stages_of(journeys)]
    assert any(len(set(events)) < len(events) for events in types)
    assert any(
        {step["event"] for step in one["steps"]} & {step["event"] for step in other["steps"]}
        for journey in journeys
        for one, other in zip(journey["stages"], journey["stages"][1:], strict=False)
    )
    lengths = {len(journey["stages"]) for journey in journeys}
    assert lengths >= {1, 2, 15}
    names = [[stage["name"] for stage in journey["stages"]] for journey in journeys]
    assert any(len(set(each)) < len(each) for each in names)


def test_date_ranges_end_on_days_of_events(worlds: list[World], journeys: list[Definition]) -> None:
    days = {row["occurred_at"].date().isoformat() for w in worlds for row in w.rows["events"]}
    ends = [journey[end] for journey in journeys for end in ("from", "to") if end in journey]
    assert set(ends) <= days
    ranges = {("from" in journey, "to" in journey) for journey in journeys}
    assert len(ranges) == 4
    assert any(j["from"] == j["to"] for j in journeys if "from" in j and "to" in j)


def test_many_come_far(
    packs: list[dict[str, Definition]], marts: dict[str, list[dict[str, Any]]]
) -> None:
    totals = [row for row in marts["journey_stages"] if row["branch"] is None]
    entered = [row for row in totals if row["entered"]]
    assert len(entered) > 0.6 * len(totals)
    # The last stage that is not optional, of journeys of several.
    assert sum(row["entered"] >= 20 for row in totals if row["stage"] >= 3) >= 20
    assert any(row["entered"] for row in totals if row["stage"] == 15)
    optional = [row for row in totals if row["is_optional"]]
    assert sum(row["entered"] >= 5 for row in optional) >= 10
    assert sum(0 < (row["dropped"] or 0) < row["entered"] for row in totals) >= 20
    assert {row["journey"] for row in totals} == set(packs[0])


def test_branches_divide_and_steps_share(marts: dict[str, list[dict[str, Any]]]) -> None:
    branches = [row for row in marts["journey_stages"] if row["branch"] is not None]
    assert len({(row["journey"], row["stage"]) for row in branches}) >= 30
    assert sum(row["entered"] >= 5 for row in branches) >= 30
    assert any(row["entered"] == 0 for row in branches)
    shares = [row["share"] for row in marts["journey_steps"]]
    assert sum(share is not None and 0 < share < 1 for share in shares) >= 40
    assert None in shares
    entities = marts["journey_entities"]
    assert {row["entity_type"] for row in entities} == {"contact", "visitor", "deal"}
    assert any(row["step"] >= 3 for row in entities)
    # Ties: two stages entered at one instant.
    instants = defaultdict(set)
    for row in entities:
        instants[row["journey"], row["entity_id"], row["entered_at"]].add(row["stage"])
    assert sum(len(stages) > 1 for stages in instants.values()) >= 100
