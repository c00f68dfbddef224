"""What DuckDB itself takes for the least that a stage has to do, on the same data.

No stage can be below its limit: nothing is decided, nothing is joined wide.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import Stopwatch
from benchmarks.steps.engine import AS_THE_BUILD, connect
from orchestration.load.contracts import TABLES
from orchestration.load.storage import PARQUET_OPTIONS

# DuckDB doesn't find out the columns of the JSON by itself: rare ones are null in its sample.
_COLUMNS = ", ".join(
    f"'{column.name}': '{column.kind.sql_type}'" for column in TABLES["events"].columns
)
_READERS = {
    "parquet": "read_parquet('{files}')",
    "csv": "read_csv('{files}')",
    "ndjson": "read_json('{files}', format = 'newline_delimited', columns = {{" + _COLUMNS + "}})",
}

# What influence and attribution have to look at in every event.
SCANNED = ("event_key", "event_type", "occurred_at", "named_contact_id", "asset_id", "url_key")


def copy(
    watch: Stopwatch, landing: str, file_format: str, work: str, memory_limit: str
) -> dict[str, Any]:
    """DuckDB's own copy of the event files of a landing folder into Parquet."""
    reader = _READERS[file_format].format(files=f"{landing}/events/*.{file_format}")
    target = Path(work) / "copy.parquet"
    with connect(memory_limit, Path(work)) as connection, watch.running():
        rows = connection.execute(
            f"copy (from {reader}) to '{target}' ({PARQUET_OPTIONS})"
        ).fetchall()[0][0]
    target.unlink()
    return {"rows": rows}


def scan(watch: Stopwatch, build: str, work: str, memory_limit: str) -> dict[str, Any]:
    """Read each value of the needed columns of all events."""
    values = ", ".join(f"max({column})" for column in SCANNED)
    with _reading(build, work, memory_limit) as connection:
        with watch.running():
            connection.execute(f"select {values} from wh.identity.int_events").fetchall()
        return {"rows": _count(connection, "wh.identity.int_events")}


def touches(watch: Stopwatch, build: str, work: str, memory_limit: str) -> dict[str, Any]:
    """Read each value of what counts for campaigns, and of the interactions that earn credit."""
    tables = ("wh.touches.int_contact_touches", "wh.attribution.int_credit_interactions")
    with _reading(build, work, memory_limit) as connection:
        with watch.running():
            for table in tables:
                connection.execute(f"select max(columns(*)) from {table}").fetchall()
        return {"rows": sum(_count(connection, table) for table in tables)}


def sort(watch: Stopwatch, build: str, work: str, memory_limit: str) -> dict[str, Any]:
    """Sort all events of visitors by visitor key and time, and write these two."""
    with _reading(build, work, memory_limit) as connection:
        with watch.running():
            connection.execute(
                "create table made.main.sorted as"
                " select visitor_key, occurred_at from wh.identity.int_events"
                " where visitor_key is not null order by visitor_key, occurred_at"
            )
            connection.execute("checkpoint made")
        return {"rows": _count(connection, "made.main.sorted")}


def join(watch: Stopwatch, build: str, work: str, memory_limit: str) -> dict[str, Any]:
    """Join all events with the assets by asset id, by hash, and write what the touches need."""
    with _reading(build, work, memory_limit) as connection:
        with watch.running():
            connection.execute(
                "create table made.main.joined as select events.event_key, events.event_type,"
                " events.occurred_at, events.occurred_on, events.asset_id, assets.asset_type"
                " from wh.identity.int_events as events"
                " inner join wh.staging.stg_assets as assets using (asset_id)"
            )
            connection.execute("checkpoint made")
        return {"rows": _count(connection, "made.main.joined")}


@contextmanager
def _reading(build: str, work: str, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    made = Path(work) / "limit.duckdb"
    with connect(memory_limit, Path(work) / "spill") as connection:
        connection.execute(f"attach '{build}' as wh (read_only)")
        connection.execute(f"attach '{made}' as made {AS_THE_BUILD}")
        yield connection
    made.unlink()


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
