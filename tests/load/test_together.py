"""Small Parquet files that are converted by one query come out as if each were alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.load import loader
from tests.load.folder import (
    counts,
    entries,
    ledger_lines,
    load,
    quarantine,
    query,
    raw,
    write,
    write_parquet,
)

_EVENT = (
    "select 'e' || {ids} as event_id, 'page_viewed' as event_type,"
    " timestamp '2024-01-01 10:00:00' as occurred_at, 'v' as visitor_id"
)


def write_events(landing: Path, name: str, ids: str, more: str = "") -> Path:
    """Write events e<id> of a relation of numbers."""
    columns = _EVENT.format(ids="id") + more
    return write_parquet(landing / "events" / name, f"{columns} from {ids}")


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], bool]]:
    """Filled with the names of the files of each query, and whether it did."""
    seen: list[tuple[list[str], bool]] = []
    convert = loader.convert_together

    def note(files: Any, *arguments: Any) -> Any:
        converted = convert(files, *arguments)
        seen.append(([Path(file.name).name for file, _ in files], converted is not None))
        return converted

    monkeypatch.setattr(loader, "convert_together", note)
    return seen


def test_files_of_one_schema_come_out_as_if_each_were_alone(
    landing: Path, tmp_path: Path, together: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(landing, "a.parquet", "range(3) as t(id)")
    write_events(landing, "b.parquet", "range(2, 5) as t(id)")
    write_events(landing, "c ü'[1]*.parquet", "(values (5), (5), (6)) as t(id)")
    write_events(landing, "d.parquet", "range(7, 9) as t(id)", ", 1 as shoe_size")
    write_events(landing, "e.parquet", "range(8, 10) as t(id)", ", 2 as shoe_size")
    write_events(landing, "f.parquet", "(values (null), (20), (null)) as t(id)")
    write_events(landing, "g.parquet", "range(0) as t(id)")
    both = {}
    for name, files in (("together", 100), ("alone", 1)):
        monkeypatch.setattr(loader, "TOGETHER_FILES", files)
        warehouse = tmp_path / name
        load(landing, warehouse)
        lines = [line | {"loaded_at": ""} for line in ledger_lines(warehouse)]
        folders = [query(f"from read_parquet('{warehouse / line['raw_file']}')") for line in lines]
        texts = query(f"from read_parquet('{warehouse}/quarantine/*.parquet') order by all")
        both[name] = lines, folders, texts
    assert together == [
        (["a.parquet", "b.parquet", "c ü'[1]*.parquet", "f.parquet"], True),
        (["d.parquet", "e.parquet"], True),
    ]
    assert both["together"] == both["alone"]
    assert [Path(line["file"]).name[0] for line in both["together"][0]] == list("abcdefg")


def test_files_that_break_rules_or_repeat_are_told_each_by_itself(
    landing: Path, warehouse: Path, together: list[Any]
) -> None:
    write_events(landing, "a.parquet", "(values (1), (1), (null)) as t(id)")
    write_events(landing, "b.parquet", "(values (null), (2), (1)) as t(id)")
    write_events(landing, "c.parquet", "(values (3)) as t(id)", ", 'x' as shoe_size")
    write_events(landing, "d.parquet", "(values (4)) as t(id)", ", 'x' as shoe_size")
    report = load(landing, warehouse)
    assert [counts(line) for line in report.entries] == [
        (3, 1, 1, 1),
        (3, 1, 1, 1),
        (1, 1, 0, 0),
        (1, 1, 0, 0),
    ]
    assert [line.extra_columns for line in report.entries] == [[], [], ["shoe_size"], ["shoe_size"]]
    assert raw(warehouse, "events", "_file, _row_number, event_id, _extra") == [
        ("events/a.parquet", 1, "e1", None),
        ("events/a.parquet", 2, "e1", None),
        ("events/b.parquet", 2, "e2", None),
        ("events/b.parquet", 3, "e1", None),
        ("events/c.parquet", 1, "e3", '{"shoe_size":"x"}'),
        ("events/d.parquet", 1, "e4", '{"shoe_size":"x"}'),
    ]
    assert quarantine(warehouse) == [
        ("events/a.parquet", 3, "event_id", "required_value_missing"),
        ("events/b.parquet", 1, "event_id", "required_value_missing"),
    ]
    assert [did for _, did in together] == [True, True]


def test_a_file_that_is_damaged_behind_its_schema_fails_alone(
    landing: Path, warehouse: Path, together: list[Any]
) -> None:
    for name in "abc":
        write_events(landing, f"{name}.parquet", f"range({ord(name)}, {ord(name)} + 50) as t(id)")
    damaged = landing / "events" / "b.parquet"
    content = bytearray(damaged.read_bytes())
    content[4:200] = b"\xff" * 196
    write(damaged, bytes(content))
    found = entries(load(landing, warehouse))
    assert together == [(["a.parquet", "b.parquet", "c.parquet"], False)]
    assert {Path(name).stem: line.status for name, line in found.items()} == {
        "a": "loaded",
        "b": "failed",
        "c": "loaded",
    }
    assert "b.parquet" not in found["events/b.parquet"].message
    assert len(raw(warehouse, "events")) == found["events/a.parquet"].rows_in * 2 == 100


def test_a_file_that_changes_meanwhile_is_left_for_the_next_load(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate("abc"):
        write_events(landing, f"{name}.parquet", f"range({number}, {number + 1}) as t(id)")
    convert = loader.convert_together

    def convert_and_change(*arguments: Any) -> Any:
        converted = convert(*arguments)
        write_events(landing, "b.parquet", "range(10, 12) as t(id)")
        return converted

    monkeypatch.setattr(loader, "convert_together", convert_and_change)
    found = entries(load(landing, warehouse))
    assert "changed while it was read" in found["events/b.parquet"].message
    assert raw(warehouse, "events", "event_id") == [("e0",), ("e2",)]
    monkeypatch.undo()
    assert list(entries(load(landing, warehouse))) == ["events/b.parquet"]
    assert len(raw(warehouse, "events")) == 4


def test_one_content_under_two_names_is_loaded_once(
    landing: Path, warehouse: Path, together: list[Any]
) -> None:
    first = write_events(landing, "a.parquet", "range(3) as t(id)")
    write_events(landing, "b.parquet", "range(3, 6) as t(id)")
    write(landing / "events" / "c.parquet", first.read_bytes())
    report = load(landing, warehouse)
    assert [line.status for line in report.entries] == ["loaded", "loaded", "skipped"]
    assert report.entries[2].message == "the same content was loaded from events/a.parquet"
    assert together == [(["a.parquet", "b.parquet"], True)]


@pytest.mark.parametrize("column", ["file_index", "File_Row_Number"])
def test_a_column_named_as_one_of_the_readers_own_is_kept(
    landing: Path, warehouse: Path, together: list[Any], column: str
) -> None:
    for name in "ab":
        write_events(
            landing, f"{name}.parquet", f"range({ord(name)}, 100) as t(id)", f", 7 as {column}"
        )
    load(landing, warehouse)
    assert {extra for (extra,) in raw(warehouse, "events", "_extra")} == {f'{{"{column}":7}}'}
    assert together == []


def test_large_files_and_many_rows_are_not_held_at_once(
    landing: Path, warehouse: Path, together: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "TOGETHER_ROWS", 40)
    for number, rows in enumerate((10, 10, 11, 10, 10, 10, 1)):
        begin = number * 20
        write_events(landing, f"{number}.parquet", f"range({begin}, {begin + rows}) as t(id)")
    load(landing, warehouse)
    assert together == [
        (["0.parquet", "1.parquet", "3.parquet", "4.parquet"], True),
        (["5.parquet", "6.parquet"], True),
    ]
    assert len(raw(warehouse, "events")) == 62
