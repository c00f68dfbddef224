"""A reader of the published warehouse, in a process of its own, as analysts' tools read it.

python -m tests.readers.reading KIND PUBLISHED STOP PAUSE

Reads all marts again and again, PAUSE seconds apart, until the file STOP is there, and prints a
line of JSON per reading: which night it was and a checksum over all marts, or what went wrong.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from sqlalchemy.pool import QueuePool

NIGHT = "select run_id from {} where is_published order by started_at desc limit 1"

# The marts as one reading sees them: the newest published run, and a checksum of all tables.
Seen = tuple[str, str]


def main(kind: str, published: str, stop: str, pause: str) -> None:
    """Read until the file `stop` is there."""
    readings = KINDS[kind](Path(published))
    while not Path(stop).exists():
        try:
            night, checksum = next(readings)
            line = {"night": night, "checksum": checksum}
        except Exception as error:
            line = {"error": f"{type(error).__name__}: {error}"}
            readings = KINDS[kind](Path(published))
        print(json.dumps(line), flush=True)
        time.sleep(float(pause))


def anew(published: Path) -> Iterator[Seen]:
    """Open the linked database for every reading."""
    while True:
        with duckdb.connect(str(published / "current.duckdb"), read_only=True) as connection:
            seen = of_database(connection)
        yield seen


def pooled(published: Path) -> Iterator[Seen]:
    """Keep a pool of connections, as a BI server does; one in three readings renews its own."""
    pool = QueuePool(
        lambda: duckdb.connect(str(published / "current.duckdb"), read_only=True),
        pool_size=2,
        # DuckDB has nothing to roll back where no transaction was begun, and says so as an error.
        reset_on_return=None,
    )
    for number in itertools.count():
        connection = pool.connect()
        yield of_database(connection.driver_connection)
        if number % 3 == 0:
            connection.invalidate()
        connection.close()


def parquet(published: Path) -> Iterator[Seen]:
    """Read the Parquet files of the folder that is linked when the reading begins."""
    while True:
        with duckdb.connect() as connection:
            seen = of_parquet(connection, (published / "parquet").resolve())
        yield seen


KINDS: dict[str, Callable[[Path], Iterator[Seen]]] = {
    "anew": anew,
    "pooled": pooled,
    "parquet": parquet,
}


def of_database(connection: duckdb.DuckDBPyConnection) -> Seen:
    """What a connection to a published database sees."""
    names = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    ).fetchall()
    return _seen(connection, {name: f'marts."{name}"' for (name,) in names})


def of_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> Seen:
    """What a folder of published Parquet files holds."""
    files = connection.execute("select file from glob(?)", [f"{folder}/*.parquet"]).fetchall()
    return _seen(connection, {Path(file).stem: f"read_parquet('{file}')" for (file,) in files})


def _seen(connection: duckdb.DuckDBPyConnection, tables: dict[str, str]) -> Seen:
    (night,) = connection.execute(NIGHT.format(tables["warehouse_runs"])).fetchone() or (None,)
    sums = {
        name: connection.execute(
            f"select count(*), cast(sum(hash(mart)) as varchar) from {table} as mart"
        ).fetchone()
        for name, table in sorted(tables.items())
    }
    return str(night), hashlib.sha256(json.dumps(sums).encode()).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
