"""A row is loaded if it is the one that counts for its key so far, else a duplicate."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.load import loader
from tests.load.folder import counts, csv_text, entries, load, raw, write, write_table

_EVENT = ["event_id", "event_type", "occurred_at", "visitor_id", "received_at"]


def event(event_id: str, received_at: str = "") -> list[str]:
    return [event_id, "page_viewed", "2024-01-01", "v", received_at]


def loaded_and_duplicate(landing: Path, warehouse: Path) -> dict[str, tuple[int, int]]:
    """Rows loaded and duplicate by file of the next load."""
    lines = entries(load(landing, warehouse)).values()
    return {line.file: (line.rows_loaded, line.rows_duplicate) for line in lines}


def test_of_events_in_one_file_one_counts(landing: Path, warehouse: Path) -> None:
    rows = [event("a"), event("a", "2024-01-02"), event("b"), event("b"), event("c")]
    write_table(landing / "events" / "a.csv", _EVENT, rows)
    assert loaded_and_duplicate(landing, warehouse) == {"events/a.csv": (3, 2)}
    assert len(raw(warehouse, "events")) == 5


@pytest.mark.parametrize(
    ("first", "second", "second_counts"),
    [
        ("2024-01-02", "2024-01-01", True),
        ("2024-01-01", "2024-01-02", False),
        ("2024-01-01", "2024-01-01", False),
        ("", "2024-01-01", True),
        ("2024-01-01", "", False),
        ("", "", False),
    ],
)
@pytest.mark.parametrize("loads", [1, 2])
def test_the_event_received_first_counts(
    landing: Path, warehouse: Path, first: str, second: str, second_counts: bool, loads: int
) -> None:
    found = {}
    write_table(landing / "events" / "a.csv", _EVENT, [event("e", first)])
    if loads == 2:
        found |= loaded_and_duplicate(landing, warehouse)
    # A row more makes the contents differ.
    write_table(landing / "events" / "b.csv", _EVENT, [event("e", second), event("other")])
    found |= loaded_and_duplicate(landing, warehouse)
    # What was said of the first file when it was loaded is never revised.
    assert found == {"events/a.csv": (1, 0), "events/b.csv": (2, 0) if second_counts else (1, 1)}


def test_of_events_received_at_once_the_earlier_path_counts_even_if_it_came_later(
    landing: Path, warehouse: Path
) -> None:
    write_table(landing / "events" / "b.csv", _EVENT, [event("e", "2024-01-01")])
    load(landing, warehouse)
    write_table(landing / "events" / "a.csv", _EVENT, [event("e", "2024-01-01"), event("e")])
    write_table(landing / "events" / "c.csv", _EVENT, [event("e", "2024-01-01"), event("f")])
    assert loaded_and_duplicate(landing, warehouse) == {
        "events/a.csv": (1, 1),
        "events/c.csv": (1, 1),
    }


def test_paths_are_ordered_by_their_bytes(landing: Path, warehouse: Path) -> None:
    for blank_lines, name in enumerate(("Z", "a", "é", "é1", "😀")):
        # The blank lines make the contents differ.
        text = csv_text(_EVENT, [event("e")]) + "\n" * blank_lines
        write(landing / "events" / f"{name}.csv", text)
    assert loaded_and_duplicate(landing, warehouse) == {
        "events/Z.csv": (1, 0),
        **{f"events/{name}.csv": (0, 1) for name in ("a", "é", "é1", "😀")},
    }


@pytest.mark.parametrize(
    ("first", "second", "second_counts"),
    [
        ("2024-01-01", "2024-01-02", True),
        ("2024-01-02", "2024-01-01", False),
        ("2024-01-01", "2024-01-01", True),
        ("", "2024-01-01", True),
        ("2024-01-01", "", False),
        ("", "", True),
    ],
)
@pytest.mark.parametrize("loads", [1, 2])
def test_the_newest_update_counts_elsewhere(
    landing: Path, warehouse: Path, first: str, second: str, second_counts: bool, loads: int
) -> None:
    columns = ["contact_id", "created_at", "updated_at"]
    found = {}
    write_table(landing / "contacts" / "a.csv", columns, [["c", "2024-01-01", first]])
    if loads == 2:
        found |= loaded_and_duplicate(landing, warehouse)
    # A column more makes the contents differ.
    row = ["c", "2024-01-01", second, "x"]
    write_table(landing / "contacts" / "b.csv", [*columns, "email"], [row])
    found |= loaded_and_duplicate(landing, warehouse)
    assert found == {
        "contacts/a.csv": (1, 0),
        "contacts/b.csv": (1, 0) if second_counts else (0, 1),
    }


def test_tables_without_updates_take_the_later_row(landing: Path, warehouse: Path) -> None:
    columns = ["deal_id", "contact_id", "associated_at", "removed_at"]
    is_open, is_closed = ["d", "c", "2024-01-01", ""], ["d", "c", "2024-01-01", "2024-02-01"]
    write_table(landing / "deal_contacts" / "b.csv", columns, [is_open, is_open])
    assert loaded_and_duplicate(landing, warehouse) == {"deal_contacts/b.csv": (1, 1)}
    write_table(landing / "deal_contacts" / "a.csv", columns, [is_closed])
    assert loaded_and_duplicate(landing, warehouse) == {"deal_contacts/a.csv": (1, 0)}


def test_a_missing_part_of_a_key_equals_a_missing_part(landing: Path, warehouse: Path) -> None:
    columns = ["asset_id", "network", "stat_date", "placement"]
    row = ["a", "n", "2024-01-01", ""]
    write_table(landing / "ad_stats" / "a.csv", columns, [row, row, [*row[:3], "search"]])
    assert loaded_and_duplicate(landing, warehouse) == {"ad_stats/a.csv": (2, 1)}
    write_table(landing / "ad_stats" / "b.csv", [*columns, "clicks"], [[*row, "5"]])
    assert loaded_and_duplicate(landing, warehouse) == {"ad_stats/b.csv": (1, 0)}


def test_bad_rows_are_no_duplicates(landing: Path, warehouse: Path) -> None:
    rows = [event("e"), ["e", "page_viewed", "never", "v", "2023-01-01"]]
    write_table(landing / "events" / "a.csv", _EVENT, rows)
    assert counts(load(landing, warehouse).entries[0]) == (2, 1, 0, 1)


def test_a_changed_file_counts_beside_what_it_was_before(landing: Path, warehouse: Path) -> None:
    write_table(landing / "events" / "a.csv", _EVENT, [event("a"), event("b")])
    load(landing, warehouse)
    write_table(landing / "events" / "a.csv", _EVENT, [event("z"), event("b"), event("c")])
    assert loaded_and_duplicate(landing, warehouse) == {"events/a.csv": (2, 1)}
    # At the same place of the same file, the earlier load counts.
    write_table(landing / "events" / "a.csv", _EVENT, [event("a"), event("q")])
    assert loaded_and_duplicate(landing, warehouse) == {"events/a.csv": (1, 1)}


def rank(table: str, received: str, load_id: int, file: str, row: int) -> tuple[Any, ...]:
    """Place of a row among those with its key: the smallest counts. Instants are single digits."""
    if table == "events":
        return (received or "~", file, row, load_id)
    return tuple(-part for part in (int(received or -1), load_id, ord(file), row))


_rows = st.lists(
    st.tuples(st.sampled_from("kl"), st.sampled_from(["", "1", "2"])), min_size=1, max_size=4
)
_nights = st.lists(
    st.dictionaries(st.sampled_from("abc"), _rows, min_size=1, max_size=3), min_size=1, max_size=3
)


@pytest.mark.parametrize("table", ["events", "contacts"])
@pytest.mark.parametrize("group_files", [1, 256])
@settings(max_examples=15, deadline=None)
@given(nights=_nights)
def test_counts_agree_with_a_plain_replay(
    table: str, group_files: int, nights: list[dict[str, list[tuple[str, str]]]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    columns = {
        "events": ["event_id", "event_type", "occurred_at", "visitor_id", "received_at"],
        "contacts": ["contact_id", "created_at", "updated_at"],
    }[table]
    best: dict[str, tuple[Any, ...]] = {}
    before = loader.GROUP_FILES
    loader.GROUP_FILES = group_files
    try:
        for load_id, night in enumerate(nights, start=1):
            shutil.rmtree(folder / "landing", ignore_errors=True)
            expected = {}
            for name, rows in sorted(night.items()):
                path = folder / "landing" / table / f"{name}.csv"
                fixed = ["t", "2024-01-01", "v"] if table == "events" else ["2024-01-01"]
                # Blank lines make each content new.
                text = csv_text(columns, [[key, *fixed, received] for key, received in rows])
                write(path, text + "\n" * (10 * load_id + ord(name)))
                winners: dict[str, tuple[Any, ...]] = {}
                for number, (key, received) in enumerate(rows, start=1):
                    place = rank(table, received, load_id, name, number)
                    winners[key] = min(place, winners.get(key, place))
                loaded = sum(1 for key, p in winners.items() if p <= best.get(key, p))
                expected[f"{table}/{name}.csv"] = (loaded, len(rows) - loaded)
                for key, place in winners.items():
                    best[key] = min(place, best.get(key, place))
            assert loaded_and_duplicate(folder / "landing", folder / "warehouse") == expected
    finally:
        loader.GROUP_FILES = before
        shutil.rmtree(folder)
