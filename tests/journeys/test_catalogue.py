"""Every event type is a step, and every property of it a filter with each operator (J-8).

One warehouse with a journey of one stage for each of them. Each property of an event type has a
day of its own, which alone is in its journeys' range, with contacts that have one event each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.journeys import catalogue, mistakes
from orchestration.load import load_landing
from tests.agreement.warehouse import run_dbt
from tests.journeys.cases import (
    ASSET_TYPE,
    CAMPAIGNS,
    DELETED_CAMPAIGN,
    FORM,
    OF_BOTH,
    OF_CAMPAIGN,
    OF_DELETED,
    OF_ENDED,
    OF_LATER,
    PAGE,
    PAGE_URL,
    TRACKED,
    Case,
    cases,
    conditions,
    passes,
    tracked_url,
    utm_campaign,
)
from tests.journeys.catalogue import EVENT_TYPES, OPERATORS, STAGE_ENTERED, EventType, kind
from tests.load.folder import ndjson_text, write
from tests.nights.project import copy_project

Tables = dict[str, list[dict[str, Any]]]
# Who entered a journey: entity type and id, stage, step, branch.
Entry = tuple[str, str, int, int, str | None]
Entered = dict[str, set[Entry]]

# Steps without filters have the first day, each property one of the next.
FIRST_DAY = date(2025, 3, 1)
LONG_AGO = "2025-01-01T00:00:00Z"


# The journeys


def journeys() -> dict[str, Any]:
    found = {}
    for event_type in EVENT_TYPES.values():
        step: dict[str, Any] = {"event": event_type.name}
        found[f"{event_type.name}/contacts"] = journey(FIRST_DAY, [step])
        found[f"{event_type.name}/deals"] = journey(FIRST_DAY, [step]) | {"entity": "deals"}
        # Visitors may be let in only where some step has them.
        nobody = {"event": "page_viewed", "where": [["title", "is", "none such"]]}
        found[f"{event_type.name}/visitors"] = journey(FIRST_DAY, [step, nobody]) | {
            "include_anonymous": True
        }
        for day, name in days(event_type):
            for operator, operand in conditions(name).items():
                where = [name, operator] if operand is None else [name, operator, operand]
                stage = journey(day, [{"event": event_type.name, "where": [where]}])
                if branches(name, operator):
                    stage["stages"][0]["branch_by"] = name
                found[f"{event_type.name}/{name}/{operator}"] = stage
    return found


def journey(day: date, steps: list[dict[str, Any]]) -> dict[str, Any]:
    text = day.isoformat()
    return {"from": text, "to": text, "stages": [{"name": "Entered", "steps": steps}]}


def days(event_type: EventType) -> Iterator[tuple[date, str]]:
    for number, name in enumerate(event_type.properties, start=1):
        yield FIRST_DAY + timedelta(days=number), name


def branches(name: str, operator: str) -> bool:
    """Whether the journey of a property and operator branches by the property too."""
    return operator in ("is known", "is unknown") and name != "campaign_id"


# What happened


def world() -> Tables:
    tables: Tables = {
        "contacts": [],
        "events": [],
        "deals": [],
        "deal_contacts": [],
        "deal_stage_history": [],
        **campaigns_and_assets(),
    }
    for event_type in EVENT_TYPES.values():
        happened_without_filter(tables, event_type)
        for day, name in days(event_type):
            for case in cases(event_type, name):
                entity = entity_id(event_type, name, case)
                tables["contacts"].append({"contact_id": entity, "created_at": LONG_AGO})
                if case.is_stage_entry:
                    enter_stage(tables, entity, day, case)
                else:
                    event = {"event_id": entity, "contact_id": entity, **case.columns}
                    tables["events"].append(event | occurred(event_type, day))
    return tables


def entity_id(event_type: EventType, name: str, case: Case) -> str:
    return f"{event_type.name}/{name}/{case.label}"


def occurred(event_type: EventType, day: date) -> dict[str, str]:
    return {"event_type": event_type.name, "occurred_at": f"{day}T12:00:00Z"}


def enter_stage(tables: Tables, entity: str, day: date, case: Case) -> None:
    """Let a deal of the name of its contact enter a stage."""
    columns = dict(case.columns)
    pipeline = columns.pop("deal_pipeline_id", None)
    add_deal(tables, entity, pipeline_id=pipeline)
    tables["deal_contacts"].append(
        {"deal_id": entity, "contact_id": entity, "associated_at": LONG_AGO}
    )
    row = {"deal_id": entity, "stage_id": "a stage", "entered_at": f"{day}T12:00:00Z"}
    tables["deal_stage_history"].append(row | columns)


def add_deal(tables: Tables, deal: str, **columns: Any) -> None:
    tables["deals"].append({"deal_id": deal, "created_at": LONG_AGO, **columns})


def happened_without_filter(tables: Tables, event_type: EventType) -> None:
    """On the first day: what a contact, visitors and somebody unknown did, and two deals."""
    name = event_type.name
    tables["contacts"].append({"contact_id": f"{name}/contact", "created_at": LONG_AGO})
    for deal in ("named", "of contact"):
        add_deal(tables, f"{name}/{deal}")
    tables["deal_contacts"].append(
        {
            "deal_id": f"{name}/of contact",
            "contact_id": f"{name}/contact",
            "associated_at": LONG_AGO,
        }
    )
    happened = occurred(event_type, FIRST_DAY)
    for who, columns in {
        "contact": {"contact_id": f"{name}/contact"},
        "visitor": {"visitor_id": f"{name}/visitor"},
        "without row": {"visitor_id": f"{name}/without row", "contact_id": f"{name}/no such"},
        "on deal": {"contact_id": f"{name}/nobody", "deal_id": f"{name}/named"},
    }.items():
        tables["events"].append({"event_id": f"{name}/{who}", **columns, **happened})
    if name == STAGE_ENTERED:
        for deal in ("named", "of contact"):
            entry = {"deal_id": f"{name}/{deal}", "stage_id": "a stage"}
            tables["deal_stage_history"].append({**entry, "entered_at": happened["occurred_at"]})


def campaigns_and_assets() -> Tables:
    campaigns = [
        {"campaign_id": campaign, "name": label, "utm_campaign": utm_campaign(label)}
        for label, campaign in CAMPAIGNS.items()
    ]
    campaigns.append(
        {"campaign_id": DELETED_CAMPAIGN, "name": "Deleted", "utm_campaign": None}
        | {"is_deleted": True}
    )
    same = CAMPAIGNS["same"]
    held = [
        *((campaign, OF_CAMPAIGN[label], {}) for label, campaign in CAMPAIGNS.items()),
        (same, OF_BOTH, {}),
        (CAMPAIGNS["within"], OF_BOTH, {}),
        (DELETED_CAMPAIGN, OF_DELETED, {}),
        (same, OF_ENDED, {"removed_at": "2025-02-01T00:00:00Z"}),
        (same, OF_LATER, {"associated_at": "2026-01-01T00:00:00Z"}),
    ]
    assets = [
        {"asset_id": PAGE, "asset_type": ASSET_TYPE.value, "url": PAGE_URL},
        {"asset_id": FORM, "asset_type": "form"},
        {"asset_id": TRACKED, "asset_type": "qr_code", "url": tracked_url()},
        *({"asset_id": asset, "asset_type": "workflow"} for asset in {a for _, a, _ in held}),
    ]
    return {
        "campaigns": [{"created_at": LONG_AGO, **campaign} for campaign in campaigns],
        "assets": assets,
        "campaign_assets": [
            {"campaign_id": campaign, "asset_id": asset, "associated_at": LONG_AGO} | interval
            for campaign, asset, interval in held
        ],
    }


# What is expected


def entry(entity_type: str, entity: str, branch: str | None = None) -> Entry:
    return entity_type, entity, 1, 1, branch


def with_filter(event_type: EventType, name: str, operator: str) -> set[Entry]:
    operand = conditions(name)[operator]
    return {
        entry("contact", entity_id(event_type, name, case), branch(case, name, operator))
        for case in cases(event_type, name)
        if case.counts and passes(case, name, operator, operand)
    }


def branch(case: Case, name: str, operator: str) -> str | None:
    return case.values[0] if case.values and branches(name, operator) else None


def without_filter(event_type: EventType) -> Entered:
    name = event_type.name
    contact = entry("contact", f"{name}/contact")
    visitors = {entry("visitor", f"{name}/{who}") for who in ("visitor", "without row")}
    deals = {entry("deal", f"{name}/{deal}") for deal in ("named", "of contact")}
    return {
        f"{name}/contacts": {contact},
        f"{name}/visitors": {contact} | (visitors if event_type.is_anonymous_allowed else set()),
        f"{name}/deals": deals,
    }


def expected(event_type: EventType) -> Entered:
    """Who enters the journeys of an event type."""
    return without_filter(event_type) | {
        f"{event_type.name}/{name}/{operator}": with_filter(event_type, name, operator)
        for name in event_type.properties
        for operator in conditions(name)
    }


# Tests


def test_the_catalogue_is_the_one_that_the_warehouse_reads() -> None:
    found = catalogue()
    assert found.properties == {
        name: {own: kind(own) for own in event_type.properties}
        for name, event_type in EVENT_TYPES.items()
    }
    assert found.anonymous == {
        name for name, event_type in EVENT_TYPES.items() if event_type.is_anonymous_allowed
    }


def test_the_definitions_have_no_mistake() -> None:
    assert list(mistakes(journeys())) == []
    assert journeys().keys() == {
        name for event_type in EVENT_TYPES.values() for name in expected(event_type)
    }


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_each_operator_is_tried_on_who_passes_and_on_who_does_not(name: str) -> None:
    event_type = EVENT_TYPES[name]
    for own in event_type.properties:
        labels = [case.label for case in cases(event_type, own)]
        assert len(set(labels)) == len(labels)
        tried = [case for case in cases(event_type, own) if case.counts]
        # A stage entry always has a stage, and nothing that only events have.
        is_always_there = own == "stage_id"
        is_never_there = name == STAGE_ENTERED and own not in event_type.own
        assert any(not case.values for case in tried) != is_always_there
        assert any(case.values for case in tried) != is_never_there
        assert tuple(conditions(own)) == OPERATORS[kind(own)]
        for operator, operand in conditions(own).items():
            answers = {passes(case, own, operator, operand) for case in tried}
            if is_never_there:
                assert answers == {operator in ("is not", "not in", "is unknown")}
            elif is_always_there and operator in ("is known", "is unknown"):
                assert answers == {operator == "is known"}
            else:
                assert answers == {True, False}


# One test, for the tests are spread over processes, each of which would build for itself.
def test_every_event_type_is_a_step_and_every_property_of_it_a_filter_with_every_operator(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    entered = build(tmp_path)
    for name, event_type in EVENT_TYPES.items():
        with subtests.test(name):
            wrong = {}
            for journey_name, wanted in expected(event_type).items():
                found = entered.pop(journey_name, set())
                if found != wanted:
                    wrong[journey_name] = {
                        "too many": sorted(found - wanted, key=str),
                        "missing": sorted(wanted - found, key=str),
                    }
            assert wrong == {}
    assert entered == {}


def build(folder: Path) -> Entered:
    """Build a warehouse with all the journeys, and say who entered which."""
    for table, rows in world().items():
        write(folder / "landing" / table / "rows.ndjson", ndjson_text(rows))
    project = copy_project(folder / "project")
    kept = (project / "vars.yml").read_text(encoding="utf-8").partition("  journeys:\n")[0]
    written = f"{kept}  journeys: {json.dumps(journeys())}\n"
    (project / "vars.yml").write_text(written, encoding="utf-8")
    warehouse = folder / "warehouse"
    load_landing(folder / "landing", warehouse, run_id="run", progress=lambda line: None)
    no_tests = ("--exclude-resource-type", "test", "unit_test")
    run_dbt(["build", "--select", "+journey_entities", *no_tests], warehouse, project=project)
    found: Entered = {}
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        for name, *values in connection.execute(
            "select journey, entity_type, entity_id, stage, step, branch "
            "from marts.journey_entities"
        ).fetchall():
            found.setdefault(name, set()).add(tuple(values))
    return found
