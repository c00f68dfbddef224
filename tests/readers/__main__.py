"""Nights run, are published and rolled back while processes read: no error, no mixed night.

python -m tests.readers --nights 20 --readers 8

The first night brings the bundled sample, every other one about as many rows as the one before.
Prints a line per night with what each part of the warehouse takes on disk. Ends with 1 where a
reading failed or saw parts of two nights, or where the warehouse grows by more than its raw layer.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from orchestration.publish.files import PublishedFolder
from tests.conftest import PROJECT, run_command
from tests.readers.readers import Readers, problems
from tests.readers.reading import of_database, of_parquet

SAMPLE = PROJECT / "seeds" / "sample"
KEPT_PUBLISHED = 7

# What a night brings: new page views, and contacts that the sample has once more.
VISITORS, VIEWS_OF_EACH, CONTACTS = 60, 5, 50
FIRST_DAY = datetime(2026, 1, 1, 9)

# The parts of a warehouse folder that are told apart; the rest is `other`.
PARTS = ("raw", "build.duckdb", "published", "dagster")

# From the half of the nights to their end, all but the raw layer and Dagster's kept runs may grow
# by so much of itself: marts have a row more for each new session.
MOST_GROWTH = 0.15


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the nights; gives the exit status."""
    options = _options(arguments)
    folder = Path(tempfile.mkdtemp(prefix="readers-", dir=options.folder))
    landing, warehouse = folder / "landing", folder / "warehouse"
    shutil.copytree(SAMPLE, landing)
    _night(landing, warehouse)
    kept, sizes = folder / "kept", [_sizes(warehouse)]
    _keep(warehouse, kept)
    with Readers(
        warehouse / "published", folder / "readers", options.readers, options.pause
    ) as readers:
        for number in range(2, options.nights + 1):
            _write_night(landing, number)
            began = time.monotonic()
            _night(landing, warehouse)
            _keep(warehouse, kept)
            sizes.append(_sizes(warehouse))
            _print_night(number, time.monotonic() - began, sizes[-1])
            if number == options.nights // 2:
                _roll_back(warehouse, readers)
        _roll_back(warehouse, readers)
    readings = readers.readings()
    found = [*problems(readings, _truth(kept)), *_growth(sizes)]
    _print_readings(readings)
    for problem in found[:20]:
        print(problem)
    if not found:
        shutil.rmtree(folder)
    print(f"{len(found)} problems." if found else "No error, no mixed night, bounded disk use.")
    return 1 if found else 0


def _night(landing: Path, warehouse: Path) -> None:
    done = run_command(
        "orchestration.run",
        CAMPAIGN_LANDING=str(landing),
        CAMPAIGN_WAREHOUSE=str(warehouse),
        CAMPAIGN_KEEP_PUBLISHED=str(KEPT_PUBLISHED),
    )
    if done.returncode != 0:
        raise RuntimeError(f"The night ended with {done.returncode}: {done.stderr}")


def _write_night(landing: Path, number: int) -> None:
    """Put the files of a night into the landing folder."""
    day = FIRST_DAY + timedelta(days=number)
    views = (
        {
            "event_id": f"night-{number}-{visitor}-{view}",
            "event_type": "page_viewed",
            "occurred_at": (day + timedelta(minutes=visitor, seconds=view)).isoformat(),
            "visitor_id": f"night-{number}-{visitor}",
            "url": f"https://shop.example/{view}?utm_campaign=spring",
        }
        for visitor in range(VISITORS)
        for view in range(VIEWS_OF_EACH)
    )
    _write(landing / "events" / f"night-{number}.csv", views)
    with (SAMPLE / "contacts" / "crm-1.csv").open(encoding="utf-8", newline="") as file:
        contacts = [row for row, _ in zip(csv.DictReader(file), range(CONTACTS), strict=False)]
    changed = ({**contact, "updated_at": day.isoformat()} for contact in contacts)
    _write(landing / "contacts" / f"night-{number}.csv", changed)


def _write(path: Path, rows: Iterator[Mapping[str, str]]) -> None:
    first = next(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _keep(warehouse: Path, kept: Path) -> None:
    """Give the published files second names, under which they stay."""
    folder = PublishedFolder(warehouse / "published")
    stamp = folder.stamps()[-1]
    parquet = kept / folder.parquet(stamp).name
    parquet.mkdir(parents=True)
    for file in (folder.database(stamp), *folder.parquet(stamp).iterdir()):
        place = parquet if file.suffix == ".parquet" else kept
        os.link(file, place / file.name)


def _roll_back(warehouse: Path, readers: Readers) -> None:
    """Go back to the night before, and wait until every reader has seen it."""
    done = run_command("orchestration.publish", "--back", CAMPAIGN_WAREHOUSE=str(warehouse))
    if done.returncode != 0:
        raise RuntimeError(f"Going back ended with {done.returncode}: {done.stderr}")
    with duckdb.connect(str(warehouse / "published" / "current.duckdb"), read_only=True) as linked:
        night, _ = of_database(linked)
    readers.wait_until_each_has_seen(night)
    print(f"  back at the night before: all readers have seen it ({night})", flush=True)


def _truth(kept: Path) -> dict[str, str]:
    """The checksum of each night; its Parquet files have the same."""
    folder = PublishedFolder(kept)
    checksums = {}
    for stamp in folder.stamps():
        with duckdb.connect(str(folder.database(stamp)), read_only=True) as connection:
            night, checksum = of_database(connection)
            if of_parquet(connection, folder.parquet(stamp)) != (night, checksum):
                raise RuntimeError(f"The Parquet files of {stamp} aren't its database.")
        checksums[night] = checksum
    return checksums


def _sizes(warehouse: Path) -> dict[str, int]:
    """Bytes on disk of each part of the warehouse."""
    sizes = dict.fromkeys((*PARTS, "other"), 0)
    for path in warehouse.rglob("*"):
        if path.is_file() and not path.is_symlink():
            part = path.relative_to(warehouse).parts[0]
            sizes[part if part in PARTS else "other"] += path.stat().st_blocks * 512
    return sizes


def _growth(sizes: Sequence[Mapping[str, int]]) -> Iterator[str]:
    """The parts that grew by more than they may in the second half of the nights."""
    half, last = sizes[len(sizes) // 2 - 1], sizes[-1]
    for part in ("build.duckdb", "published", "other"):
        if last[part] > half[part] * (1 + MOST_GROWTH):
            yield f"{part} grew from {_mb(half[part])} to {_mb(last[part])}"


def _print_night(number: int, seconds: float, sizes: Mapping[str, int]) -> None:
    told = ", ".join(f"{part} {_mb(size)}" for part, size in sizes.items())
    print(f"night {number} ({seconds:.0f} s): {told}", flush=True)


def _print_readings(readings: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    for reader, lines in readings.items():
        nights = {line.get("night") for line in lines}
        print(f"  {reader}: {len(lines)} readings of {len(nights)} nights")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=20)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--pause", type=float, default=3, help="seconds between two readings")
    parser.add_argument("--folder", type=Path, help="where the warehouse is made")
    options = parser.parse_args(arguments)
    if options.folder is not None:
        options.folder = options.folder.resolve()
        options.folder.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
