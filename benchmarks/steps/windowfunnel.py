"""ClickHouse's windowFunnel on a journey that the warehouse's models walk, and whether both agree.

It begins with the events of entities that fit a stage, as the last of these models does, and finds
how far each entity came. What the models find is read from what `benchmarks.steps.journeys` has
left.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import CORES, Stopwatch
from benchmarks.steps import postgres
from benchmarks.steps.engine import connect

# Of the journey.
STAGES = 5

# ClickHouse's own function. Its instants are whole numbers, here microseconds; its columns are told
# to be without nulls, as they are.
_WINDOW_FUNNEL = """
insert into function file('{target}', 'Parquet')
select
    entity_key,
    windowFunnel({window}, 'strict_increase')(occurred_us, {stages}) as reached
from file('{source}', 'Parquet', 'entity_key UInt64, stage UInt8, occurred_us UInt64')
group by entity_key
settings max_threads = {threads}, max_memory_usage = {memory},
    max_bytes_before_external_group_by = {spill}
"""


class DisagreesError(RuntimeError):
    """Both found other numbers of entities in a stage."""


def events(watch: Stopwatch, warehouse: str, target: str, memory_limit: str) -> dict[str, Any]:
    """Write the journey's events (entity_key, stage, occurred_us), in no order, for the peer.

    Whose event it is and which stage it fits is known. Entities with two events at one instant are
    left out: ids put these in order here, and nothing does there.
    """
    with watch.running(), connect(memory_limit, Path(target).parent) as connection:
        connection.execute(f"attach '{Path(warehouse) / 'build.duckdb'}' as own (read_only)")
        written = connection.execute(
            "copy (select entity_key, stage, epoch_us(occurred_at) as occurred_us"
            " from own.journeys.int_journey_entity_events"
            " where entity_key not in ("
            "  select entity_key from own.journeys.int_journey_entity_events"
            "  group by entity_key, occurred_at having count(*) > 1))"
            f" to '{target}' (format parquet)"
        ).fetchall()[0][0]
        rows = connection.execute(
            "select count(*) from own.journeys.int_journey_entity_events"
        ).fetchall()[0][0]
    return {"rows": written, "left_out": rows - written}


def walk(
    watch: Stopwatch, source: str, warehouse: str, work: str, memory_limit: str
) -> dict[str, Any]:
    """How far each entity came, by windowFunnel in chDB, from a Parquet file to a Parquet file.

    DisagreesError where the models, which stand in the warehouse, found other numbers of a stage.
    """
    chdb = importlib.import_module("chdb")
    target = Path(work) / "reached.parquet"
    with connect(memory_limit, Path(work) / "spill") as connection:
        longest = connection.execute(
            f"select max(occurred_us) - min(occurred_us) + 1 from read_parquet('{source}')"
        ).fetchall()[0][0]
        memory = postgres.size_in_bytes(memory_limit)
        statement = _WINDOW_FUNNEL.format(
            source=source,
            target=target,
            window=longest,
            stages=", ".join(f"stage = {stage}" for stage in range(1, STAGES + 1)),
            threads=CORES,
            memory=2 * memory,
            spill=memory // 2,
        )
        with watch.running():
            chdb.query(statement)
        connection.execute(f"attach '{Path(warehouse) / 'build.duckdb'}' as own (read_only)")
        ours = connection.execute(
            "select stage, count(*) from own.journeys.int_journey_entries"
            f" where entity_key in (select entity_key from read_parquet('{source}'))"
            " group by stage"
        ).fetchall()
        theirs = connection.execute(
            f"select stage, count(*) from range(1, {STAGES + 1}) as stages (stage)"
            f" inner join read_parquet('{target}') as entities on stages.stage <= entities.reached"
            " group by stage"
        ).fetchall()
        entities = connection.execute(f"select count(*) from read_parquet('{target}')").fetchall()
    target.unlink()
    entered = compare(dict(ours), dict(theirs))
    return {"rows": entities[0][0], "entered": entered}


def compare(ours: Mapping[int, int], theirs: Mapping[int, int]) -> list[int]:
    """The entities of each stage, which both found; DisagreesError where they differ."""
    entered = []
    for stage in range(1, STAGES + 1):
        own, other = ours.get(stage, 0), theirs.get(stage, 0)
        if own != other:
            raise DisagreesError(
                f"stage {stage} of a journey: {own:,} entities here, {other:,} by windowFunnel"
            )
        entered.append(own)
    return entered
