"""Writes the landing folders of history and of the night."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.generate.catalog import Catalog, make_catalog
from benchmarks.generate.crm import CrmQueries
from benchmarks.generate.events import EventQueries, day_curve
from benchmarks.generate.shape import LATE_DAYS, LATE_SHARE, REPEATED_SHARE, Shape

Say = Callable[[str], object]

# Files of events have at most about this many rows: a larger day has several.
MOST_ROWS_PER_FILE = 4_000_000

# Small days are made together, for a query has a fixed cost: at most so many rows, and days.
_ROWS_PER_QUERY = 400_000
_DAYS_PER_QUERY = 60

# Lengths of runs are counted in cells, so many runs at a time.
_CELL_RUNS = 256
_BLOCK_RUNS = 500_000

_MEMORY_LIMIT = "4GB"


def generate(
    folder: Path,
    *,
    events: int,
    days: int,
    seed: int,
    say: Say = print,
    workers: int | None = None,
    memory_limit: str = _MEMORY_LIMIT,
) -> None:
    """Write FOLDER/history and FOLDER/night, which are replaced; see the package's docstring.

    Args:
        folder: Where to write.
        events: Number of events of history, at least one per day.
        days: Number of days of history.
        seed: What all random draws follow from.
        say: Gets a line when a part is done.
        workers: How many queries run at a time (default: one per core). Changes no row.
        memory_limit: What DuckDB may use, as it spells sizes.

    """
    began = time.monotonic()
    if days < 1 or events < days:
        raise ValueError("events must be at least days, and days at least 1")
    for part in ("history", "night"):
        shutil.rmtree(folder / part, ignore_errors=True)
    shape = Shape(events, days, seed)
    with duckdb.connect() as connection:
        # Joins stay as written: the big side is read once, in order.
        connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute("set timezone = 'UTC'")
        # A query on one thread gives its rows in one order; several queries run beside each other.
        connection.execute("set threads = 1")
        _Writer(connection, shape, folder, say).write(workers or os.cpu_count() or 1)
    seconds = time.monotonic() - began
    say(f"{events:,} events of {days} days and a night: {folder}, in {seconds:.1f} s")


@dataclass(frozen=True)
class _Day:
    """The runs of a day, and by how many events the last of them is too long."""

    day: int
    first_run: int
    end_run: int
    surplus: int
    events: int


@dataclass(frozen=True)
class _Piece:
    """Days that are made by one query, or a part of one that has several files."""

    days: tuple[_Day, ...]
    first_run: int
    end_run: int
    file: int | None = None

    @property
    def events(self) -> int:
        """About how many events it has."""
        share = (self.end_run - self.first_run) / (self.days[-1].end_run - self.days[0].first_run)
        return round(sum(day.events for day in self.days) * share)


def _pieces(days: list[_Day]) -> Iterator[_Piece]:
    gathered: list[_Day] = []
    for day in days:
        full = sum(each.events for each in gathered) + day.events > _ROWS_PER_QUERY
        if gathered and (full or len(gathered) == _DAYS_PER_QUERY):
            yield _Piece(tuple(gathered), gathered[0].first_run, gathered[-1].end_run)
            gathered = []
        if day.events <= MOST_ROWS_PER_FILE:
            gathered.append(day)
            continue
        files = -(-day.events // MOST_ROWS_PER_FILE)
        runs = day.end_run - day.first_run
        for file in range(files):
            begin, end = runs * file // files, runs * (file + 1) // files
            yield _Piece((day,), day.first_run + begin, day.first_run + end, file)
    if gathered:
        yield _Piece(tuple(gathered), gathered[0].first_run, gathered[-1].end_run)


class _Writer:
    """Writes one generated data set."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, shape: Shape, folder: Path, say: Say
    ) -> None:
        self.connection = connection
        self.shape = shape
        self.folder = folder
        self.say = say
        self.catalog: Catalog = make_catalog(shape)
        self.queries = EventQueries(shape, self.catalog)
        for name, rows in {**self.catalog.tables, "day_curve": day_curve()}.items():
            arrow = pa.Table.from_pylist(rows)  # noqa: F841 (DuckDB finds it by its name)
            connection.execute(f"create table {name} as from arrow")

    def write(self, workers: int) -> None:
        """Write everything."""
        days = self._plan()
        self._write_tables(days)
        self._write_events(days, workers)
        night = days[-1]
        self._write_late(days[-1 - LATE_DAYS : -1], round(night.events * LATE_SHARE))
        self._write_repeated(round(night.events * REPEATED_SHARE))

    def _plan(self) -> list[_Day]:
        """Which runs each day of history, and then the night, has; fills the table `day`."""
        targets = list(accumulate(self.shape.events_by_day))
        ends, days = self._ends(targets), []
        for number, (begin, (end, surplus)) in enumerate(pairwise([(0, 0), *ends])):
            days.append(_Day(number, begin[0], end, surplus, self.shape.events_by_day[number]))
        rows = pa.Table.from_pylist(  # noqa: F841
            [
                {
                    "day": day.day,
                    "starts_us": self._microseconds(day.day),
                    "first_run": day.first_run,
                    "runs": day.end_run - day.first_run,
                    "surplus": day.surplus,
                }
                for day in days
            ]
        )
        self.connection.execute("create table day as from rows")
        return days

    def _ends(self, targets: list[int]) -> list[tuple[int, int]]:
        """Where each day's runs end, and how many events too many its last run has.

        Days end where they have about their events; history and the night have them exactly.
        """
        ends: list[tuple[int, int]] = []
        first_run, events = 0, 0
        cut = 0  # of the last run of history, which the night doesn't get
        while len(ends) < len(targets):
            last_run = first_run + _BLOCK_RUNS
            sums = self.connection.execute(
                f"select run // {_CELL_RUNS} as cell, cast(sum(events) as bigint)"
                f" from ({self._lengths(first_run, last_run)}) group by cell order by cell"
            ).fetchall()
            for cell, in_cell in sums:
                while len(ends) < len(targets) and targets[len(ends)] + cut <= events + in_cell:
                    missing = targets[len(ends)] + cut - events
                    if len(ends) < self.shape.days - 1:
                        ends.append((cell * _CELL_RUNS + _CELL_RUNS * missing // in_cell, 0))
                    else:
                        ends.append(self._exact_end(cell * _CELL_RUNS, missing))
                        cut = ends[-1][1]
                events += in_cell
            first_run = last_run
        return ends

    def _exact_end(self, run: int, missing: int) -> tuple[int, int]:
        """The run before which runs from `run` on have the missing events, and how many more."""
        lengths = self.connection.execute(
            f"select events from ({self._lengths(run, run + _CELL_RUNS)}) order by run"
        ).fetchall()
        for (events,) in lengths:
            if missing <= 0:
                break
            missing -= events
            run += 1
        return run, -missing

    def _lengths(self, begin: int, end: int) -> str:
        numbers = f"select unnest(range({begin}, {end})) as run, 0 as day"
        return self.queries.lengths(numbers)

    def _microseconds(self, day: int) -> int:
        since_1970 = self.shape.begins_at + timedelta(days=day) - datetime(1970, 1, 1)
        return since_1970 // timedelta(microseconds=1)

    def _write_tables(self, days: list[_Day]) -> None:
        crm = CrmQueries(self.shape, self.queries)
        for statement in crm.preparations(days[-1].end_run):
            self.connection.execute(statement)
        first, night = self._timestamp(0), self._timestamp(self.shape.days)
        end = self._timestamp(self.shape.days + 1)
        for part, since, now in (
            ("history", "timestamp '1900-01-01'", night),
            ("night", night, end),
        ):
            rows = 0
            for name, query in crm.tables(first=first, now=now).items():
                file = self.folder / part / name / f"{self._file_date(part)}.parquet"
                file.parent.mkdir(parents=True)
                ((number,),) = self.connection.execute(
                    f"copy (select * exclude (_at) from ({query}) where _at >= {since}"
                    f" and _at < {now} order by all) to '{file}' (format parquet)"
                ).fetchall()
                rows += number
                if number == 0:
                    shutil.rmtree(file.parent)
            self.say(f"{part}: {rows:,} rows of the CRM, campaigns and figures")

    def _file_date(self, part: str) -> str:
        return self._date(self.shape.days - 1 if part == "history" else self.shape.days)

    def _date(self, day: int) -> str:
        return f"{self.shape.first_date + timedelta(days=day)}"

    def _timestamp(self, day: int) -> str:
        return f"timestamp '{self._date(day)}'"

    def _write_events(self, days: list[_Day], workers: int) -> None:
        for part in ("history", "night"):
            (self.folder / part / "events").mkdir(parents=True)
        progress = _Progress(sum(day.events for day in days))
        with ThreadPoolExecutor(workers) as pool:
            futures = {
                pool.submit(self._write_piece, piece, number): piece
                for number, piece in enumerate(_pieces(days))
            }
            for future in as_completed(futures):
                future.result()
                progress.add(futures[future].events)
        progress.end()

    def _write_piece(self, piece: _Piece, number: int) -> None:
        first, last = piece.days[0].day, piece.days[-1].day
        numbers = (
            "select unnest(range("
            f"greatest(first_run, {piece.first_run}), least(first_run + runs, {piece.end_run})"
            f")) as run, day from day where day between {first} and {last}"
        )
        positions = "range(events - case when run = first_run + runs - 1 then surplus else 0 end)"
        query = self.queries.events(self.queries.runs(numbers), positions)
        if len(piece.days) == 1:
            self._copy(query, self._events_file(first, piece.file))
            return
        folder = self.folder / f"piece-{number}"
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"copy ({query}) to '{folder}'"
                " (format parquet, partition_by (day), write_partition_columns false)"
            )
        for day in piece.days:
            (written,) = (folder / f"day={day.day}").iterdir()
            written.rename(self._events_file(day.day))
        shutil.rmtree(folder)

    def _copy(self, events: str, file: Path) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"copy (select * exclude (day) from ({events})) to '{file}' (format parquet)"
            )

    def _events_file(self, day: int, number: int | None = None) -> Path:
        part = "night" if day == self.shape.days else "history"
        name = self._date(day) if number is None else f"{self._date(day)}-{number + 1}"
        return self.folder / part / "events" / f"{name}.parquet"

    def _night_file(self, what: str) -> Path:
        night = self._events_file(self.shape.days)
        return night.with_name(f"{night.stem}-{what}.parquet")

    def _write_late(self, days: list[_Day], number: int) -> None:
        """Last events of visits of the last days, which the night receives."""
        numbers = (
            "select unnest(range(first_run, first_run + runs)) as run, day"
            f" from day where day between {days[0].day} and {days[-1].day}"
        )
        draws = self.queries.draws
        chosen = (
            f"select * from ({self.queries.runs(numbers)}) where script = 0"
            f" order by {draws.bits('key', 'is late')} limit {number}"
        )
        night_us = self._microseconds(self.shape.days)
        after = draws.below("event_key", "late", 6 * 3_600_000_000)
        query = self.queries.events(chosen, "[events]", f"make_timestamp({night_us} + {after})")
        self._copy(query, self._night_file("late"))
        self.say(f"night: {number:,} late events")

    def _write_repeated(self, number: int) -> None:
        """Events of history that come again, exactly as they were."""
        files = sorted((self.folder / "history" / "events").glob("*.parquet"))
        chosen = files[:: max(1, len(files) // 20)]
        names = ", ".join(f"'{file}'" for file in chosen)
        file = self._night_file("again")
        self.connection.execute(
            f"copy (select * from read_parquet([{names}])"
            f" order by hash(event_id), event_id limit {number}) to '{file}' (format parquet)"
        )
        self.say(f"night: {number:,} events again")


class _Progress:
    """A line on stderr that says how far the events are, if that is a terminal."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._began = time.monotonic()
        self._shows = sys.stderr.isatty()

    def add(self, events: int) -> None:
        """So many events more are written."""
        self._done += events
        if self._shows:
            speed = self._done / (time.monotonic() - self._began)
            sys.stderr.write(
                f"\r{self._done:,} of {self._total:,} events, {speed:,.0f} a second   "
            )
            sys.stderr.flush()

    def end(self) -> None:
        """The line ends."""
        if self._shows:
            sys.stderr.write("\n")
