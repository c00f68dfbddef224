"""One customer journey by the warehouse's own models.

They stand in a warehouse of their own, in which all that they read is a view of a build's
table: the build stays as it is, for the nights upon it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import Stopwatch
from benchmarks.steps.engine import AS_THE_BUILD, bound_every_connection
from benchmarks.steps.warehouse import build_nodes, rows_of, times_by_model
from orchestration.load.loader import init_raw

# Stages of one event type each, in the order in which a lead goes through them.
_EVENT_TYPES = ("page_viewed", "cta_clicked", "form_viewed", "form_submitted", "meeting_booked")

# Conditions on what is known of an event by its asset, its visitor's device, its URL and itself.
_CONDITIONS = (
    ["content_type", "in", ["landing_page", "blog_post"]],
    ["device_type", "is not", "tablet"],
    ["utm_source", "is unknown"],
    ["content_id", "is known"],
    ["booked_through", "is", "meeting_link"],
)

JOURNEYS: Mapping[str, Mapping[str, Any]] = {
    "plain": {
        "include_anonymous": True,
        "stages": [{"name": event, "steps": [{"event": event}]} for event in _EVENT_TYPES],
    },
    "conditions": {
        "include_anonymous": True,
        "stages": [
            {
                "name": event,
                "steps": [{"event": event, "where": [condition]}],
                **({"branch_by": "device_type"} if event == "page_viewed" else {}),
            }
            for event, condition in zip(_EVENT_TYPES, _CONDITIONS, strict=True)
        ],
    },
}

# What changes with the definition of a journey.
_MODELS = (
    "int_journeys",
    "int_journey_steps",
    "int_journey_stages",
    "int_journey_filters",
    "int_journey_properties",
    "int_journey_shared_values",
    "int_journey_event_values",
    "int_journey_filtered_events",
    "int_journey_entity_events",
    "int_journey_entries",
)


def build(
    watch: Stopwatch, build: str, warehouse: str, journey: str, memory_limit: str
) -> dict[str, Any]:
    """Build the models of one journey anew; the time is theirs, without dbt's own.

    Args:
        watch: gets the time.
        build: the build file that is read, and left as it is.
        warehouse: the folder of the journey's own warehouse, which is replaced.
        journey: its name in JOURNEYS.
        memory_limit: as DuckDB writes it.

    """
    place = Path(warehouse)
    shutil.rmtree(place, ignore_errors=True)
    init_raw(place)
    (place / "raw" / "ledger.ndjson").touch()
    bound_every_connection(memory_limit, {"built": build})
    _view_tables(place)
    nodes = build_nodes(
        place,
        ("run", "--full-refresh", "--select", *_MODELS),
        memory_limit,
        {"journeys": {journey: JOURNEYS[journey]}},
    )
    models = times_by_model(nodes)
    for taken in models.values():
        watch.wall += taken["wall"]
        watch.cpu += taken["cpu"]
    return {
        "rows": rows_of(place, "journeys.int_journey_entity_events"),
        "models": models,
        "entered": _entered(place),
    }


def _view_tables(warehouse: Path) -> None:
    """Views of all tables of the build but of those that a journey builds for itself."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse / 'build.duckdb'}' as own {AS_THE_BUILD}")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'built'"
            " and schema_name != 'changes'"
        ).fetchall()
        for schema in {schema for schema, _ in tables}:
            connection.execute(f"create schema own.{schema}")
        for schema, table in tables:
            if table not in _MODELS:
                connection.execute(
                    f"create view own.{schema}.{table} as from built.{schema}.{table}"
                )


def _entered(warehouse: Path) -> list[int]:
    """How many entities entered each stage."""
    with duckdb.connect(str(warehouse / "build.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "select stage, count(*) from journeys.int_journey_entries group by stage"
        ).fetchall()
    entered = dict(found)
    return [entered.get(stage, 0) for stage, _ in enumerate(_EVENT_TYPES, 1)]
