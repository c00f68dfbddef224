"""One fuzzed file, made from a seed and a number alone."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from orchestration.load.contracts import TABLES
from tests.fuzz import noise, parquets, structure
from tests.fuzz.entries import ENTRIES
from tests.fuzz.tables import Grid, csv_lines, hostile_grid, ndjson_lines
from tests.fuzz.values import STEMS

FORMATS = ("csv", "ndjson", "parquet")
ENTRY = "entry"

# Files of so many numbers in a row belong to a few tables, so that they meet rows of each other.
_NEIGHBOURS = 100
_TABLES_OF_NEIGHBOURS = 4

# What the gzip limit is tried with.
_BOMB_GIGABYTES = 4


@dataclass(frozen=True)
class Case:
    """A file or another entry of a landing folder.

    ``kind``: its format, or ENTRY. ``name``: relative to the landing folder, as Path has it.
    ``grid``: its rows where the file is wholly as documented, however odd its values are.
    """

    seed: int
    number: int
    kind: str
    table_name: str
    name: str
    content: bytes = b""
    entry: str = ""
    grid: Grid | None = None

    def put(self, landing: Path, outside: Path) -> None:
        """Make it in a landing folder."""
        path = landing / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.entry:
            ENTRIES[self.entry][0](path, outside)
        else:
            path.write_bytes(self.content)

    @property
    def is_hidden(self) -> bool:
        """Whether loads leave it out for its name."""
        return any(part.startswith(".") for part in self.name.split("/"))


def kind_of(seed: int, number: int) -> str:
    """The kind of the case of that number."""
    rng = random.Random(f"{seed} kind {number}")
    return ENTRY if rng.random() < 0.04 else rng.choice(FORMATS)


def make(seed: int, number: int) -> Case:
    """The case of that number."""
    rng = random.Random(f"{seed} {number}")
    neighbours = random.Random(f"{seed} tables {number // _NEIGHBOURS}")
    table_name = rng.choice(neighbours.sample(sorted(TABLES), _TABLES_OF_NEIGHBOURS))
    kind = kind_of(seed, number)
    if kind == ENTRY:
        entry = rng.choice(list(ENTRIES))
        name = _name(rng, number, table_name, rng.choice(FORMATS))
        return Case(seed, number, kind, table_name, name, entry=entry)
    grid = hostile_grid(rng, table_name)
    is_documented = rng.random() < 0.35
    content = _written(rng, kind, grid) if is_documented else _spoiled(rng, kind, grid)
    is_packed = rng.random() < 0.15
    name = _name(rng, number, table_name, kind)
    if is_packed:
        name += rng.choice((".gz", ".gz", ".GZ"))
        content = gzip.compress(content, mtime=0) if is_documented else noise.pack(rng, content)
        if not is_documented and rng.random() < 0.02:
            content = noise.bomb(rng, _BOMB_GIGABYTES)
    return Case(seed, number, kind, table_name, name, content, grid=grid if is_documented else None)


def _written(rng: random.Random, kind: str, grid: Grid) -> bytes:
    if kind == "csv":
        records, end = csv_lines(rng, grid)
        mark = rng.choice(("", "", "\ufeff"))
        return (mark + end.join(records) + rng.choice((end, ""))).encode("utf-8")
    if kind == "ndjson":
        return "\n".join([*ndjson_lines(rng, grid), ""]).encode("utf-8")
    return parquets.parquet_bytes(rng, parquets.texts(grid))


def _spoiled(rng: random.Random, kind: str, grid: Grid) -> bytes:
    is_odd = rng.random() < 0.6
    if not is_odd:
        content = _written(rng, kind, grid)
    elif kind == "csv":
        content = structure.spoiled_csv(rng, grid)
    elif kind == "ndjson":
        content = structure.spoiled_ndjson(rng, grid)
    else:
        try:
            content = parquets.parquet_bytes(rng, parquets.of_odd_types(rng, grid))
        except (pa.ArrowException, OSError):  # not every type can be written in every way
            content = _written(rng, kind, grid)
    for _ in range(rng.choice((0, 0, 1, 2)) if is_odd else rng.choice((1, 1, 2, 4))):
        other = _written(rng, rng.choice((kind, kind, *FORMATS)), grid)
        content = noise.mutate(rng, content, other)
    return content


def _name(rng: random.Random, number: int, table_name: str, kind: str) -> str:
    """A name that no other number gives; most are plain."""
    if rng.random() < 0.75:
        return f"{table_name}/{number:05d}.{kind}"
    ending = rng.choice((f".{kind}", f".{kind}", f".{kind.upper()}", ".txt", "", f".{kind}.bak"))
    name = f"{rng.choice(STEMS)}{number:05d}{ending}"
    folder = table_name
    if rng.random() < 0.1:
        folder = rng.choice((folder.upper(), "no table", "'; drop", "\udcff", ".hidden", "{{ x }}"))
    return f"{folder}/{rng.choice((name, name, name, '.' + name))}"
