"""What the measured steps read: generated landing folders, and page views for the peers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from benchmarks.measure import CORES, Stopwatch
from benchmarks.steps.engine import connect

_FORMATS = {
    "csv": "format csv, header true",
    "ndjson": "format json",
}


def generate_landing(
    watch: Stopwatch, folder: str, events: int, days: int, seed: int
) -> dict[str, Any]:
    """Write FOLDER/history and FOLDER/night, and FOLDER/events with the events of history alone."""
    place = Path(folder)
    with watch.running():
        generate(place, events=events, days=days, seed=seed, say=lambda line: None, workers=CORES)
    alone = place / "events" / "events"
    alone.mkdir(parents=True)
    for file in (place / "history" / "events").iterdir():
        os.link(file, alone / file.name)
    return {"rows": events}


def as_format(
    watch: Stopwatch, source: str, landing: str, file_format: str, memory_limit: str
) -> dict[str, Any]:
    """Write Parquet files as one file of another format into LANDING/events."""
    file = Path(landing) / "events" / f"events.{file_format}"
    file.parent.mkdir(parents=True)
    with watch.running(), connect(memory_limit, Path(landing)) as connection:
        rows = connection.execute(
            f"copy (from read_parquet('{source}/*.parquet')) to '{file}' ({_FORMATS[file_format]})"
        ).fetchall()[0][0]
    return {"rows": rows}


def page_views(watch: Stopwatch, build: str, target: str, memory_limit: str) -> dict[str, Any]:
    """Write the page views that count (visitor_id, occurred_at, url), in no order, for the peers.

    These are those of int_events, so that bots are left out for everyone.
    """
    with watch.running(), connect(memory_limit, Path(target).parent) as connection:
        connection.execute(f"attach '{build}' as wh (read_only)")
        rows = connection.execute(
            "copy (select visitors.visitor_id, events.occurred_at, urls.url"
            " from wh.identity.int_events as events"
            " inner join wh.staging.stg_visitors as visitors using (visitor_key)"
            " left join wh.staging.stg_urls as urls using (url_key)"
            " where events.event_type = 'page_viewed')"
            f" to '{target}' (format parquet)"
        ).fetchall()[0][0]
    return {"rows": rows}
