"""Scenarios into landing folders: all in one drop, or spread over several loads."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.scenarios import attribution, campaigns, channels, crm, events, properties
from tests.scenarios import bad_rows as bad
from tests.scenarios.contract import COLUMNS, KEYS
from tests.scenarios.files import FileRow, any_form, write_file
from tests.scenarios.world import Row, World

# Files per table and drop. The first three are a CSV, an NDJSON and a Parquet.
_FILES = {"events": 6, "campaign_assets": 4, "contacts": 4}
_FILES_ELSE = 3
_BAD_PER_FILE = 25
_BAD_PER_FILE_OF_LOADS = 8


def build(seed: int) -> World:
    """One scenario, wholly decided by its seed."""
    world = World(seed)
    campaigns.add_vocabulary(world)
    campaigns.add_campaigns(world)
    campaigns.add_assets(world)
    campaigns.add_associations(world)
    campaigns.add_keywords(world)
    campaigns.add_figures(world)
    crm.add_contacts(world)
    crm.add_visitors(world)
    crm.add_merges(world)
    crm.add_erasures(world)
    crm.add_pipelines(world)
    crm.add_deals(world)
    events.add_events(world)
    attribution.add_attribution(world)
    properties.add_ways(world)
    channels.add_channels(world)
    properties.add_properties(world)
    return world


def write_landing(seeds: Iterable[int], folder: Path, *, bad_rows: bool = True) -> None:
    """Packs the scenarios of the seeds into one landing folder, which is made if missing.

    With `bad_rows` the files also hold rows of every quarantine code, and there are files that
    can't be read and a folder of no known table; none of them changes a metric. The same seeds
    give the same bytes. A scenario's marts don't depend on the others of the pack.
    """
    worlds = [build(seed) for seed in seeds]
    rng = random.Random(f"landing {[world.seed for world in worlds]} {bad_rows}")
    parts: dict[str, list[list[FileRow]]] = {table: _empty_parts(table) for table in COLUMNS}
    for world in worlds:
        own = random.Random(f"parts {world.seed}")
        for table, rows in world.rows.items():
            for row in rows:
                own.choice(parts[table]).append(row)
    for row in crm.shared_rates():
        parts["exchange_rates"][0].append(row)
    _write_parts(folder, parts, rng, bad_per_file=_BAD_PER_FILE if bad_rows else 0)
    if bad_rows:
        bad.write_bad_files(folder)


def write_loads(seeds: Iterable[int], folders: Sequence[Path], *, bad_rows: bool = True) -> None:
    """Spreads the same scenarios over the folders: one folder is what one load finds.

    Rows come in any order: late ones, repeated ones (in the same load and in later ones), outdated
    versions that a later load corrects, files of known content under another name, files that
    come again unchanged, unreadable ones that come again repaired, names used again for other
    content. Where rows of one key tie, another one may count than with `write_landing`.

    Raises:
        ValueError: without a folder.
    """
    if not folders:
        raise ValueError("at least one folder is needed")
    worlds = [build(seed) for seed in seeds]
    rng = random.Random(f"loads {[world.seed for world in worlds]} {len(folders)} {bad_rows}")
    loads = [{table: _empty_parts(table) for table in COLUMNS} for _ in folders]
    for world in worlds:
        own = random.Random(f"loads {world.seed} {len(folders)}")
        for table, rows in world.rows.items():
            for row in rows:
                for load, version in _deliveries(own, table, row, len(folders)):
                    own.choice(loads[load][table]).append(version)
    for row in crm.shared_rates():
        loads[rng.randrange(len(folders))]["exchange_rates"][0].append(row)
    for number, (folder, parts) in enumerate(zip(folders, loads, strict=True)):
        name = rng.choice(("part", f"load-{number}"))
        bad_per_file = _BAD_PER_FILE_OF_LOADS if bad_rows and number % 2 == 0 else 0
        _write_parts(folder, parts, rng, bad_per_file=bad_per_file, name=name)
        if number:
            _bring_again(folders[number - 1], folder, rng)
    if bad_rows:
        bad.write_bad_files(folders[0])
        if len(folders) > 1:
            bad.write_repaired_files(folders[-1])


def _deliveries(rng: random.Random, table: str, row: Row, loads: int) -> list[tuple[int, Row]]:
    """(load, row) for each time that a row comes: once, repeated, or outdated first."""
    load = rng.randrange(loads)
    deliveries = [(load, row)]
    if rng.random() < 0.12:
        deliveries.append((rng.randrange(loads), dict(row)))
    if rng.random() < 0.12 and load > 0:
        outdated = _outdated(rng, table, row)
        if outdated is not None:
            deliveries.insert(0, (rng.randrange(load), outdated))
    return deliveries


def _outdated(rng: random.Random, table: str, row: Row) -> Row | None:
    """An earlier state of a row under its key, or None where the table has nothing to correct."""
    columns = [column for column in COLUMNS[table] if column not in KEYS[table]]
    version: dict[str, Any] = dict(row)
    if table == "events":
        if row.get("received_at") is None:
            return None
        # What was received first counts: the version that came early says that it came late.
        version["received_at"] = row["received_at"] + timedelta(seconds=1)
        version["url"] = None
    elif "removed_at" in columns:
        version["removed_at"] = None
    elif "updated_at" in columns:
        if row.get("updated_at") is not None:
            version["updated_at"] = row["updated_at"] - rng.choice(
                (timedelta(microseconds=1), timedelta(days=2))
            )
        for column in ("amount", "utm_campaign", "stage_id", "is_deleted", "country", "url"):
            if column in row:
                version[column] = None
    elif table == "deal_stage_history":
        version["pipeline_id"] = None
    elif table == "contact_merges":
        version["contact_id"] = row["merged_contact_id"]
    else:
        return None
    return version


def _empty_parts(table: str) -> list[list[FileRow]]:
    return [[] for _ in range(_FILES.get(table, _FILES_ELSE))]


def _write_parts(
    folder: Path,
    parts: dict[str, list[list[FileRow]]],
    rng: random.Random,
    *,
    bad_per_file: int,
    name: str = "part",
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # How files are written does not depend on what stands in them.
    forms = random.Random(rng.random())
    for table, files in parts.items():
        for number, rows in enumerate(files):
            kind = bad.FORMATS[number] if number < 3 else rng.choice(bad.FORMATS)
            form = any_form(forms, kind)
            if bad_per_file:
                for wrong in bad.sample_of_bad_rows(rng, table, kind, bad_per_file):
                    rows.insert(rng.randint(0, len(rows)), wrong.row)
            if rows:
                path = folder / table / f"{name}-{number:03d}{form.suffix}"
                write_file(path, table, rows, form, rng)


def _bring_again(before: Path, folder: Path, rng: random.Random) -> None:
    """Some of an earlier load's files once more: unchanged, or under another name."""
    paths = sorted(path for path in before.glob("*/*") if path.parent.name in COLUMNS)
    for path in rng.sample(paths, min(len(paths), 6)):
        same = folder / path.parent.name / path.name
        suffix = "".join(path.suffixes)
        other = folder / path.parent.name / f"{path.name.removesuffix(suffix)}-again{suffix}"
        target = same if rng.random() < 0.5 and not same.exists() else other
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
