"""Association files that state the whole present of each night, instead of a history."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.scenarios import bad_rows
from tests.scenarios.contract import KEYS
from tests.scenarios.files import FileRow, any_form, write_file
from tests.scenarios.world import Row, World

TABLES = ("campaign_assets", "campaign_keywords", "deal_contacts")

# What a night's files of a table may be: two files that together state the present; content that
# came before, under another name or at its path; a file that can't be read.
_WAYS = ("whole", "whole", "whole", "halves", "none", "empty", "renamed", "restored", "unreadable")


class Snapshots:
    """What was associated in each night, collected from the scenarios, and its files."""

    def __init__(self, nights: int) -> None:
        self._rows: list[dict[str, list[Row]]] = [
            {table: [] for table in TABLES} for _ in range(nights)
        ]

    def take(self, world: World) -> None:
        """Let a scenario's associations come and go by night; its own rows are taken away."""
        for table in TABLES:
            first, second, _ = KEYS[table]
            pairs = list(dict.fromkeys((row[first], row[second]) for row in world.rows[table]))
            world.rows[table].clear()
            for one, other in pairs:
                is_there = world.chance(0.6)
                for rows in self._rows:
                    row = {first: one, second: other, "associated_at": world.maybe(world.moment())}
                    if is_there:
                        rows[table].append(row)
                    elif world.chance(0.1):
                        # What was removed says so, and is no part of the present.
                        begin = row["associated_at"] or world.base
                        rows[table].append({**row, "removed_at": max(begin, world.moment())})
                    if world.chance(0.3):
                        is_there = not is_there

    def write(self, rng: random.Random, folders: Sequence[Path]) -> None:
        """Write the files of every night; some nights observe nothing, or what they saw before."""
        for table in TABLES:
            written: list[Path] = []
            for number, (folder, rows) in enumerate(zip(folders, self._rows, strict=True)):
                way = rng.choice(_WAYS) if number else "whole"
                if way == "whole":
                    written.append(_write(rng, folder, table, rows[table], _stem(rng, number)))
                elif way == "halves":
                    cut = rng.randint(0, len(rows[table]))
                    overlap = rng.randint(0, cut)
                    written.append(_write(rng, folder, table, rows[table][:cut], "first"))
                    written.append(_write(rng, folder, table, rows[table][overlap:], "second"))
                elif way == "empty":
                    written.append(_write(rng, folder, table, [], _stem(rng, number)))
                elif way == "unreadable":
                    path = folder / table / "present.csv"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text("no_such_column\n1\n", encoding="utf-8")
                elif way in ("renamed", "restored"):
                    # Known content, under another name or at the path where it stood before.
                    before = rng.choice(written)
                    name = f"again-{number}-{before.name}" if way == "renamed" else before.name
                    target = folder / table / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(before, target)


def _stem(rng: random.Random, number: int) -> str:
    return rng.choice(("present", "present", f"present-{number}"))


def _write(rng: random.Random, folder: Path, table: str, rows: Sequence[Row], stem: str) -> Path:
    # One form per table, so that a name is used again.
    form = any_form(rng, rng.choice(("csv", "parquet")) if stem != "present" else "csv")
    kinds: list[FileRow] = list(rows)
    if rows and rng.random() < 0.1:
        for bad in bad_rows.sample_of_bad_rows(rng, table, form.kind, 1):
            kinds.insert(rng.randint(0, len(kinds)), bad.row)
    path = folder / table / f"{stem}{form.suffix}"
    without = ("associated_at",) if rng.random() < 0.5 else ()
    write_file(path, table, kinds, form, rng, without=without)
    return path
