"""Builds the sample and writes it as a landing folder."""

from __future__ import annotations

from pathlib import Path

from orchestration.sample.catalog import build_catalog
from orchestration.sample.figures import add_figures
from orchestration.sample.files import write_landing
from orchestration.sample.mishaps import (
    add_deal_trouble,
    add_identity_trouble,
    add_odd_events,
    add_unwanted_traffic,
)
from orchestration.sample.nurture import nurture
from orchestration.sample.people import add_anonymous_visitors, add_people
from orchestration.sample.sales import sell
from orchestration.sample.visits import Visits
from orchestration.sample.world import Sample

DEFAULT_SEED = 2025


def build_sample(seed: int = DEFAULT_SEED) -> Sample:
    """All rows of the sample, bad ones apart. The same seed gives the same rows."""
    sample = Sample(seed)
    catalog = build_catalog(sample)
    people = add_people(sample, Visits(sample, catalog, "first visits"))
    add_anonymous_visitors(sample, Visits(sample, catalog, "anonymous visits"))
    nurture(sample, catalog, Visits(sample, catalog, "later visits"), people)
    sell(sample, catalog, Visits(sample, catalog, "customers' visits"), people)
    add_figures(sample, catalog)
    strange = Visits(sample, catalog, "strange visits")
    add_unwanted_traffic(sample, strange)
    add_identity_trouble(sample, strange)
    add_deal_trouble(sample)
    _number_events(sample)
    add_odd_events(sample)
    _number_events(sample)
    return sample


def _number_events(sample: Sample) -> None:
    """Orders events by time and gives ids to those that have none."""
    events = sample.rows["events"]
    events.sort(key=lambda row: row["occurred_at"])
    taken = sum("event_id" in row for row in events)
    for row in events:
        if "event_id" not in row:
            taken += 1
            row["event_id"] = f"e{taken:06d}"


def write_sample(folder: Path, seed: int = DEFAULT_SEED) -> dict[str, int]:
    """Writes the landing folder and returns the number of good rows by table."""
    sample = build_sample(seed)
    write_landing(sample, folder)
    return {table: len(rows) for table, rows in sample.rows.items()}
