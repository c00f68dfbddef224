"""What comes in decides, not when it comes, under which name, or in which order."""

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.agreement.compare import differences, summary
from tests.agreement.warehouse import PROJECT, build_marts
from tests.reference import KEYS

SAMPLE = PROJECT / "seeds" / "sample"

# These speak of files, by their names and rows.
OF_FILES = {"load_audit", "quarantine"}

# When a load ran, which no data decides.
RUN_DEPENDENT = {"first_seen_at", "loaded_at"}


def assert_same(wanted: dict[str, Any], found: dict[str, Any], names: set[str]) -> None:
    lines = {
        name: differences(decided_by_data(wanted[name]), found[name], KEYS[name], name)
        for name in sorted(names)
    }
    assert not any(lines.values()), summary(lines)


def decided_by_data(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{c: v for c, v in row.items() if c not in RUN_DEPENDENT} for row in rows]


def shuffled(path: Path, rng: random.Random) -> bytes:
    """The file's content with its rows in another order."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        order = list(range(table.num_rows))
        rng.shuffle(order)
        out = io.BytesIO()
        pq.write_table(table.take(order), out)
        return out.getvalue()
    if path.suffix == ".gz":
        return gzip.compress(shuffled_text(gzip.decompress(data), path.stem, rng))
    return shuffled_text(data, path.name, rng)


def shuffled_text(data: bytes, name: str, rng: random.Random) -> bytes:
    if name.endswith(".ndjson"):
        lines = data.splitlines(keepends=True)
        rng.shuffle(lines)
        return b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)
    text = data.decode("utf-8-sig")
    header = text.splitlines()[0]
    delimiter = max(",;\t", key=header.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    body = [row for row in rows[1:] if row]
    rng.shuffle(body)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([rows[0], *body])
    return out.getvalue().encode("utf-8")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def marts(warehouse: Path) -> dict[str, Any]:
    return build_marts([SAMPLE], warehouse)


def test_running_twice_changes_nothing(marts: dict[str, Any], warehouse: Path) -> None:
    again = build_marts([SAMPLE], warehouse)
    assert_same(marts, again, set(KEYS))


def test_shuffled_rows_and_renamed_files_change_nothing(
    marts: dict[str, Any], tmp_path: Path
) -> None:
    rng = random.Random(7)
    landing = tmp_path / "landing"
    for folder in sorted(SAMPLE.iterdir()):
        (landing / folder.name).mkdir(parents=True)
        files = sorted(folder.iterdir())
        names = [f"renamed-{number}" for number in range(len(files))]
        rng.shuffle(names)
        for path, name in zip(files, names, strict=True):
            suffixes = "".join(path.suffixes[-2:] if path.suffix == ".gz" else path.suffixes[-1:])
            (landing / folder.name / f"{name}{suffixes}").write_bytes(shuffled(path, rng))
    assert_same(marts, build_marts([landing], tmp_path / "warehouse"), set(KEYS) - OF_FILES)
