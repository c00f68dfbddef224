"""Sequences of nights written by hand: each night changes what it says, and equals a rebuild."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.nights.compare import differences
from tests.nights.named import JOURNEYS, SEQUENCES, SOCIAL_POST_LIMIT, NamedSequence, write_night
from tests.nights.warehouse import Warehouse

NIGHTS = max(len(sequence.nights) for sequence in SEQUENCES)
FIRST_NIGHT = datetime(2025, 6, 1, tzinfo=UTC)
ALL_ROWS = 10_000

# The table that every load is told in.
OF_LOADS = ("marts.load_audit",)


def test_every_night_changes_what_it_says_and_equals_a_rebuild(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    variables = {"social_post_limit": SOCIAL_POST_LIMIT, "journeys": JOURNEYS}
    warehouse = Warehouse(tmp_path / "nights", variables)
    rebuild = Warehouse(tmp_path / "rebuild", variables, raw_layer_of=warehouse)
    landing = tmp_path / "landing"
    wrong: dict[str, list[str]] = {sequence.name: [] for sequence in SEQUENCES}
    of_no_sequence = []
    for number in range(NIGHTS):
        write_night(number, landing)
        warehouse.load(landing, FIRST_NIGHT + timedelta(days=number))
        warehouse.build()
        rebuild.build_anew()
        lines = differences(warehouse.database, rebuild.database, shown=ALL_ROWS)
        for sequence in SEQUENCES:
            own = [line for line in lines if sequence.prefix in line]
            wrong[sequence.name] += [f"night {number + 1}: {line.strip()}" for line in own]
            wrong[sequence.name] += unexpected(sequence, number, warehouse.database)
        of_no_sequence += [f"night {number + 1}: {line}" for line in lines]
    for sequence in SEQUENCES:
        with subtests.test(sequence.name):
            assert not wrong[sequence.name], "\n".join(wrong[sequence.name])
    with subtests.test("rows of no one sequence"):
        assert not of_no_sequence, "\n".join(of_no_sequence[:40])

    with subtests.test("a night with nothing changes nothing"):
        before = copy_of(warehouse.database)
        (tmp_path / "nothing").mkdir()
        warehouse.load(tmp_path / "nothing", FIRST_NIGHT + timedelta(days=10))
        warehouse.build()
        assert differences(warehouse.database, before) == []
    with subtests.test("a night that repeats the whole landing changes nothing"):
        warehouse.load(renamed(landing, tmp_path / "again"), FIRST_NIGHT + timedelta(days=11))
        warehouse.build()
        assert differences(warehouse.database, before, except_for=OF_LOADS) == []
        assert differences(warehouse.database, before) != []


def unexpected(sequence: NamedSequence, number: int, database: Path) -> list[str]:
    """What the marts say otherwise than was worked out by hand for a night, from 0.

    What a sequence's last night says holds to the end.
    """
    night = sequence.nights[min(number, len(sequence.nights) - 1)]
    lines = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for query, wanted in night.expected:
            found = connection.execute(sequence.own(query)).fetchall()
            value: Any = found[0][0] if len(found) == 1 else found
            if value != (sequence.own(wanted) if isinstance(wanted, str) else wanted):
                lines.append(f"night {number + 1}: {query}: {wanted!r} wanted, {value!r} found")
    return lines


def renamed(landing: Path, folder: Path) -> Path:
    """The landing folder's files once more under other names."""
    for path in landing.glob("*/*"):
        target = folder / path.parent.name / f"again-{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def copy_of(database: Path) -> Path:
    target = database.with_name("before.duckdb")
    shutil.copyfile(database, target)
    return target
