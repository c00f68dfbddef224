"""What has to hold after a fault: readers read a good night, and in the end nothing is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.load.contracts import TABLES
from tests.faults.place import Ended, Place
from tests.nights.compare import differences

# What tells of runs: instants, and what the last `make test` left (it may end in between).
OF_RUNS = {
    "load_audit": "loaded_at",
    "data_quality_issues": "first_seen_at",
    "metric_rules": "unit_test_status",
}

# Which load a row came with depends on where an earlier one was cut short.
OF_LOADS = "_load_id"

SHOWN = 6

Sums = dict[str, tuple[int, int]]


def sums_of(database: Path) -> Sums:
    """Rows and a checksum of each mart. Raises duckdb.Error where it can't be read."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {name: _sum(connection, f"marts.{name}") for (name,) in names}


def sums_of_parquet(folder: Path) -> Sums:
    """The same of a folder with a Parquet file per mart."""
    with duckdb.connect() as connection:
        return {path.stem: _sum(connection, f"'{path}'") for path in folder.glob("*.parquet")}


def _sum(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    row = connection.execute(
        f"select count(*), coalesce(sum(hash(t)::hugeint), 0) from {table} as t"
    ).fetchone()
    assert row is not None
    return row


class Verdicts:
    """Judges a place against its last good night and what an undisturbed night gives."""

    def __init__(self, place: Place, undisturbed: Path, last_good: Path | None) -> None:
        """undisturbed and last_good are warehouse folders; last_good: None before the first."""
        self._place = place
        self._undisturbed = undisturbed
        self._good = None if last_good is None else _digest(_current(last_good))
        self._checked_parquet: set[str] = set()

    def for_readers(self) -> list[str]:
        """What a reader finds wrong now: no, half or another than the last good night."""
        current, parquet = self._place.current, self._place.warehouse / "published" / "parquet"
        if not current.exists():
            return [] if self._good is None else ["nothing is published any more"]
        problems = []
        try:
            digest = _digest(current)
            if digest != self._good:
                problems += differences(
                    current, _current(self._undisturbed), except_for=_marts_of_runs()
                )
                self._good = digest
            if _rows(current, "select count(*) from marts.campaigns") == [(0,)]:
                problems.append("the published campaigns are gone")
            # The link to the Parquet files moves a moment before the other.
            stamp = parquet.readlink().name.removeprefix("parquet-")
            if stamp not in self._checked_parquet:
                if sums_of_parquet(parquet) != sums_of(self._place.published.database(stamp)):
                    problems.append(f"the Parquet files of {stamp} are not those of its database")
                self._checked_parquet.add(stamp)
        except (duckdb.Error, OSError) as error:
            return [f"the published warehouse can't be read: {error}"]
        return problems[:SHOWN]

    def in_the_end(self, ended: Ended) -> list[str]:
        """What differs from an undisturbed night after one that made good, or was to."""
        if ended.status != 0:
            return [f"the night ended with {ended.status}: {ended.told}"]
        problems = self.for_readers()
        problems += differences(
            self._place.current, _current(self._undisturbed), except_for=_marts_of_runs()
        )
        for name, column in OF_RUNS.items():
            here, there = (
                _rows(current, f"select * exclude ({column}) from marts.{name}")
                for current in (self._place.current, _current(self._undisturbed))
            )
            if here != there:
                problems.append(f"marts.{name}: {len(here)} rows, {len(there)} undisturbed")
        problems += raw_differences(self._place.warehouse, self._undisturbed)
        problems += leftovers(self._place.warehouse)
        return problems[:SHOWN]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _current(warehouse: Path) -> Path:
    return warehouse / "published" / "current.duckdb"


def _marts_of_runs() -> list[str]:
    return ["marts.warehouse_runs", *(f"marts.{name}" for name in OF_RUNS)]


def _rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"{query} order by all").fetchall()


def raw_differences(warehouse: Path, other: Path) -> list[str]:
    """Tables of the raw layer that don't have the same rows in two warehouses, and quarantine."""
    problems = []
    with duckdb.connect() as connection:
        for folder in ("quarantine", *(f"raw/{name}" for name in TABLES)):
            one, two = (
                f"select columns(name -> name <> '{OF_LOADS}') from read_parquet("
                f"'{each / folder}/*.parquet', union_by_name = true)"
                for each in (warehouse, other)
            )
            row = connection.execute(
                "select (select count(*) from ((" + one + ") except all (" + two + "))),"
                " (select count(*) from ((" + two + ") except all (" + one + ")))"
            ).fetchone()
            if row != (0, 0):
                assert row is not None
                problems.append(f"{folder}: {row[0]} rows too many, {row[1]} missing")
    return problems


def leftovers(warehouse: Path) -> list[str]:
    """Files that no night should leave: not linked, not named in the ledger, half written."""
    return [f"{path} is left over" for path in sorted(_leftovers(warehouse))]


def _leftovers(warehouse: Path) -> Iterator[str]:
    published = warehouse / "published"
    stamp = (published / "parquet").readlink().name.removeprefix("parquet-")
    known = {"current.duckdb", "parquet", f"parquet-{stamp}", f"warehouse-{stamp}.duckdb"}
    present = {path.name for path in published.iterdir()}
    yield from (f"published/{name}" for name in present - known)
    lines = (warehouse / "raw" / "ledger.ndjson").read_text("utf-8").splitlines()
    named = {
        name
        for line in map(json.loads, lines)
        for name in (line["raw_file"], line["quarantine_file"])
    }
    for path in (*warehouse.glob("raw/*/*"), *warehouse.glob("quarantine/*")):
        name = str(path.relative_to(warehouse))
        if name not in named and path.name != "000000-empty.parquet":
            yield name
    for pattern in ("raw/.work", "raw/*.new", "raw/.*.new", "state/.*.new"):
        yield from (str(path.relative_to(warehouse)) for path in warehouse.glob(pattern))
