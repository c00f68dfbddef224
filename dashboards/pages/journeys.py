"""The customer journeys as funnels."""

from __future__ import annotations

from dashboards.charts import bars, funnel, stacked
from dashboards.model import Figure, Page, Query, Section

_STAGE = "stage || ' ' || stage_name || case when is_optional then ' (optional)' else '' end"

_TIMES = ("conversion_from_previous", "conversion_from_first", "median_seconds", "p90_seconds")


def page() -> Page:
    """The page of the journeys."""
    return Page(
        "journeys.html",
        "Journeys",
        "How far people and deals came in each journey, and where they left it.",
        {
            "totals": Query(
                f"""
                select journey, stage, {_STAGE} as stage_name, entered, dropped, {", ".join(_TIMES)}
                from marts.journey_stages
                where branch is null
                """
            ),
            "branches": Query(
                f"""
                select journey, stage, {_STAGE} as stage_name,
                    branch_by || ': ' || branch as branch, entered, dropped
                from marts.journey_stages
                where branch is not null
                """
            ),
            "steps": Query(
                """
                select steps.journey, steps.stage, steps.stage || '.' || steps.step || ' '
                    || steps.event_type as event_type, steps.entered, steps.share
                from marts.journey_steps as steps
                """
            ),
        },
        (
            Section(
                "Funnels",
                (
                    Figure(
                        "funnel",
                        "Who reached which stage",
                        "totals",
                        by=("stage", "stage_name", *_TIMES),
                        sums=("entered", "dropped"),
                        choose=("journey",),
                        chart=funnel(),
                        measures=("entered",),
                        order=("stage",),
                    ),
                    Figure(
                        "branches",
                        "By branch",
                        "branches",
                        by=("stage", "stage_name", "branch"),
                        sums=("entered", "dropped"),
                        choose=("journey",),
                        chart=stacked("stage_name", "branch"),
                        measures=("entered",),
                        order=("stage", "-entered", "branch"),
                    ),
                    Figure(
                        "steps",
                        "By which event they entered",
                        "steps",
                        by=("stage", "event_type", "share"),
                        sums=("entered",),
                        choose=("journey",),
                        chart=bars("event_type"),
                        measures=("entered",),
                        order=("stage", "-entered", "event_type"),
                    ),
                ),
            ),
        ),
    )
