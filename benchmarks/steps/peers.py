"""Peers: the usual session SQL, two windows over text keys, in other engines.

Each reads the same page views (visitor_id, occurred_at, url) from its own storage, and writes the
sessions: visitor, session number, start, end, page views, entry URL. A page view 30 minutes or more
after the visitor's last one begins a session.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from benchmarks.measure import CORES, Stopwatch
from benchmarks.steps import postgres
from benchmarks.steps.engine import AS_THE_BUILD, connect

_SESSIONS = """
with flagged as (
    select
        visitor_id,
        occurred_at,
        url,
        case
            when occurred_at - lag(occurred_at) over (partition by visitor_id order by occurred_at)
                < interval '30 minutes' then 0
            else 1
        end as is_first
    from page_views
),
numbered as (
    select
        *,
        sum(is_first) over (
            partition by visitor_id order by occurred_at rows unbounded preceding
        ) as session_number
    from flagged
)
select
    visitor_id,
    session_number,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    count(*) as page_views,
    max(case when is_first = 1 then url end) as entry_url
from numbered
group by visitor_id, session_number
"""

# ClickHouse has lagInFrame, which gives null or the epoch before a visitor's first page view.
_CLICKHOUSE_SESSIONS = """
insert into function file('{target}', 'Parquet')
with flagged as (
    select
        visitor_id,
        occurred_at,
        url,
        ifNull(occurred_at - interval 30 minute >= lagInFrame(occurred_at) over (
            partition by visitor_id order by occurred_at
            rows between unbounded preceding and unbounded following
        ), true) as is_first
    from file('{source}', 'Parquet')
),
numbered as (
    select
        *,
        sum(is_first) over (
            partition by visitor_id order by occurred_at
            rows between unbounded preceding and current row
        ) as session_number
    from flagged
)
select
    visitor_id,
    session_number,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    count(*) as page_views,
    maxIf(url, is_first) as entry_url
from numbered
group by visitor_id, session_number
settings max_threads = {threads}, max_memory_usage = {memory},
    max_bytes_before_external_sort = {spill}, max_bytes_before_external_group_by = {spill}
"""


def sessions_in_duckdb(
    watch: Stopwatch, source: str, work: str, memory_limit: str
) -> dict[str, Any]:
    """The query in DuckDB, from a table to a table of a database file."""
    file = Path(work) / "peer.duckdb"
    with connect(memory_limit, Path(work) / "spill") as connection:
        connection.execute(f"attach '{file}' as peer {AS_THE_BUILD}")
        connection.execute("use peer")
        connection.execute(f"create table page_views as from read_parquet('{source}')")
        connection.execute("checkpoint")
        with watch.running():
            connection.execute(f"create table sessions as {_SESSIONS}")
            connection.execute("checkpoint")
        row = connection.execute("select count(*) from sessions").fetchone()
    file.unlink()
    return {"rows": row[0] if row else 0}


def sessions_in_postgres(
    watch: Stopwatch, source: str, work: str, memory_limit: str
) -> dict[str, Any]:
    """The query in PostgreSQL, from a table to an unlogged table, without fsync."""
    pages = Path(work) / "page_views.csv"
    with connect(memory_limit, Path(work) / "spill") as connection:
        connection.execute(f"copy (from read_parquet('{source}')) to '{pages}' (header false)")
    with postgres.cluster(memory_limit) as cluster:
        with cluster.running() as server:
            server.execute(
                "create table page_views (visitor_id text, occurred_at timestamp, url text)"
            )
            with (
                pages.open("rb") as file,
                server.cursor().copy("copy page_views from stdin (format csv)") as copy,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
            server.execute("vacuum (analyze, freeze) page_views")
        # A second server, so that its processes' CPU time is the query's, and no more.
        with watch.running(), cluster.running() as server:
            server.execute(f"create unlogged table sessions as {_SESSIONS}")
        with cluster.running() as server:
            rows = server.execute("select count(*) from sessions").fetchone()[0]
    pages.unlink()
    return {"rows": rows}


def sessions_in_polars(
    watch: Stopwatch, source: str, work: str, memory_limit: str
) -> dict[str, Any]:
    """The query in polars, from a Parquet file to a Parquet file. It takes the memory it needs."""
    pl = importlib.import_module("polars")
    target = Path(work) / "polars.parquet"
    with watch.running():
        since_last = (pl.col("occurred_at") - pl.col("occurred_at").shift(1)).over("visitor_id")
        sessions = (
            pl.scan_parquet(source)
            .sort("visitor_id", "occurred_at")
            .with_columns(is_first=(since_last >= pl.duration(minutes=30)).fill_null(True))
            .with_columns(
                session_number=pl.col("is_first").cast(pl.Int32).cum_sum().over("visitor_id")
            )
            .group_by("visitor_id", "session_number")
            .agg(
                started_at=pl.col("occurred_at").min(),
                ended_at=pl.col("occurred_at").max(),
                page_views=pl.len(),
                entry_url=pl.col("url").first(),
            )
            .collect()
        )
        sessions.write_parquet(target)
    target.unlink()
    return {"rows": sessions.height}


def sessions_in_chdb(watch: Stopwatch, source: str, work: str, memory_limit: str) -> dict[str, Any]:
    """The query in chDB (ClickHouse in this process), from a Parquet file to a Parquet file."""
    chdb = importlib.import_module("chdb")
    target = Path(work) / "chdb.parquet"
    with connect(memory_limit, Path(work) / "spill") as connection:
        memory = postgres.size_in_bytes(memory_limit)
        statement = _CLICKHOUSE_SESSIONS.format(
            source=source, target=target, threads=CORES, memory=2 * memory, spill=memory // 2
        )
        with watch.running():
            chdb.query(statement)
        row = connection.execute(f"select count(*) from read_parquet('{target}')").fetchone()
    target.unlink()
    return {"rows": row[0] if row else 0}
