"""Associations without times, and what each load saw of their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import UsageError
from orchestration.load.blocks import ReadFailedError
from orchestration.load.loader import _Load
from tests.load.folder import (
    counts,
    entries,
    files_below,
    ledger_lines,
    load,
    quarantine,
    query,
    raw,
    write,
    write_table,
)

_PAIRS = {
    "campaign_assets": ("campaign_id", "asset_id"),
    "campaign_keywords": ("campaign_id", "keyword"),
    "deal_contacts": ("deal_id", "contact_id"),
}
_COLUMNS = ["campaign_id", "asset_id"]

each_table = pytest.mark.parametrize("table", _PAIRS)


def write_assets(landing: Path, name: str, *assets: str) -> Path:
    """The present of one campaign, without times."""
    rows = [["c", asset] for asset in assets]
    return write_table(landing / "campaign_assets" / name, _COLUMNS, rows)


def lines_of(landing: Path, warehouse: Path) -> list[tuple[str, str]]:
    """File and status of the lines of the next load in snapshot mode."""
    report = load(landing, warehouse, association_history="snapshot")
    return [(line.file.removeprefix("campaign_assets/"), line.status) for line in report.entries]


# What a row may do without


@each_table
@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "a.parquet"])
def test_in_snapshots_the_time_may_be_missing(
    landing: Path, warehouse: Path, table: str, name: str
) -> None:
    write_table(landing / table / name, list(_PAIRS[table]), [["x", "y"]])
    write_table(landing / table / f"b{name}", [*_PAIRS[table], "associated_at"], [["x", "z", ""]])
    for line in load(landing, warehouse, association_history="snapshot").entries:
        assert counts(line) == (1, 1, 0, 0), line
    columns = ", ".join([*_PAIRS[table], "associated_at"])
    assert raw(warehouse, table, columns) == [("x", "y", None), ("x", "z", None)]


@each_table
def test_given_associations_have_a_time(landing: Path, warehouse: Path, table: str) -> None:
    write_table(landing / table / "a.csv", list(_PAIRS[table]), [["x", "y"]])
    columns = [*_PAIRS[table], "associated_at"]
    write_table(landing / table / "b.csv", columns, [["x", "y", ""], ["x", "y", "2024-01-01"]])
    found = entries(load(landing, warehouse))
    refused = found[f"{table}/a.csv"]
    assert (refused.status, refused.message) == (
        "failed",
        f"the required column associated_at of {table} is missing: add it (or, where the source"
        " has no associated_at, set association_history to snapshot)",
    )
    assert counts(found[f"{table}/b.csv"]) == (2, 1, 0, 1)


def test_no_other_column_and_table_may_do_without(landing: Path, warehouse: Path) -> None:
    write_table(landing / "campaign_assets" / "a.csv", ["campaign_id"], [["c"]])
    write_table(landing / "contact_merges" / "a.csv", ["merged_contact_id", "contact_id"], [])
    report = load(landing, warehouse, association_history="snapshot")
    assert [(line.file, line.status) for line in report.entries] == [
        ("campaign_assets/a.csv", "failed"),
        ("contact_merges/a.csv", "failed"),
    ]


def test_snapshots_are_named_where_they_would_help(landing: Path, warehouse: Path) -> None:
    columns = ["campaign_id", "associated_at"]
    write_table(landing / "campaign_assets" / "a.csv", columns, [["c", "2024-01-01"]])
    assert load(landing, warehouse).entries[0].message == (
        "the required column asset_id of campaign_assets is missing: add it"
    )


def test_a_given_time_is_still_checked(landing: Path, warehouse: Path) -> None:
    write_table(
        landing / "campaign_assets" / "a.csv",
        [*_COLUMNS, "associated_at", "removed_at"],
        [
            ["c", "a", "soon", ""],
            ["c", "b", "2024-02-01", "2024-01-01"],
            ["c", "d", "", "2024-01-01"],
            ["c", "e", "2024-01-01", ""],
        ],
    )
    load(landing, warehouse, association_history="snapshot")
    assert [row[1:] for row in quarantine(warehouse)] == [
        (1, "associated_at", "unparsable_instant"),
        (2, "removed_at", "interval_ends_before_it_begins"),
    ]
    assert raw(warehouse, "campaign_assets", "asset_id") == [("d",), ("e",)]


def test_another_history_is_refused_before_anything_is_written(
    landing: Path, warehouse: Path
) -> None:
    write_assets(landing, "a.csv", "a")
    with pytest.raises(UsageError, match="'daily': set it to given or snapshot"):
        load(landing, warehouse, association_history="daily")
    assert files_below(warehouse) == set()


def test_a_missing_time_equals_a_missing_time(landing: Path, warehouse: Path) -> None:
    write_assets(landing, "a.csv", "a", "a", "b")
    write_table(
        landing / "campaign_assets" / "b.csv",
        [*_COLUMNS, "associated_at"],
        [["c", "a", "2024-01-01"], ["c", "b", ""], ["c", "b", ""]],
    )
    found = entries(load(landing, warehouse, association_history="snapshot"))
    assert counts(found["campaign_assets/a.csv"]) == (3, 2, 1, 0)
    assert counts(found["campaign_assets/b.csv"]) == (3, 2, 1, 0)
    write_assets(landing, "c.csv", "a", "b", "d", "d")
    line = load(landing, warehouse, association_history="snapshot").entries[0]
    assert counts(line) == (4, 3, 1, 0)


# What a load saw


def test_content_that_is_back_at_its_path_is_seen_again(landing: Path, warehouse: Path) -> None:
    seen = []
    for assets in ("a", "ab", "a", "a", "ab", "ab"):
        write_assets(landing, "x.csv", *assets)
        seen.append(lines_of(landing, warehouse))
    again, nothing = [("x.csv", "skipped")], []  # type: ignore[var-annotated]
    loaded = [("x.csv", "loaded")]
    assert seen == [loaded, loaded, again, nothing, again, nothing]


@pytest.mark.parametrize("table", ["users", "events"])
def test_that_holds_for_each_table(landing: Path, warehouse: Path, table: str) -> None:
    columns = {"users": ["user_id"], "events": ["event_id", "event_type", "occurred_at"]}[table]
    statuses = []
    for value in ("a", "b", "a", "a"):
        write_table(landing / table / "x.csv", columns, [[value, "t", "x"][: len(columns)]])
        statuses.append([line.status for line in load(landing, warehouse).entries])
    assert statuses == [["loaded"], ["loaded"], ["skipped"], []]


def test_a_file_that_stays_as_it_is_is_seen_once(landing: Path, warehouse: Path) -> None:
    write_assets(landing, "1.csv", "a")
    assert lines_of(landing, warehouse) == [("1.csv", "loaded")]
    write_assets(landing, "2.csv", "a", "b")
    assert lines_of(landing, warehouse) == [("2.csv", "loaded")]
    write_assets(landing, "3.csv", "a")
    assert lines_of(landing, warehouse) == [("3.csv", "skipped")]
    assert lines_of(landing, warehouse) == []


def test_a_file_that_could_not_be_read_for_a_while_is_as_it_was(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_assets(landing, "1.csv", "a")
    lines_of(landing, warehouse)
    hashed = _Load._hash

    def refuse(self: _Load, file: Any) -> str:
        if file.path == path:
            raise ReadFailedError("Input/output error")
        return hashed(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(_Load, "_hash", refuse)
        write_assets(landing, "2.csv", "b")
        assert lines_of(landing, warehouse) == [("1.csv", "failed"), ("2.csv", "loaded")]
        assert lines_of(landing, warehouse) == []
    assert lines_of(landing, warehouse) == []
    write_assets(landing, "1.csv", "a", "b")
    assert lines_of(landing, warehouse) == [("1.csv", "loaded")]
    with monkeypatch.context() as patch:
        patch.setattr(_Load, "_hash", refuse)
        assert lines_of(landing, warehouse) == [("1.csv", "failed")]


def rows_seen(warehouse: Path) -> list[tuple[Any, ...]]:
    """Load, file and asset of each row that a load saw, found as readers find them."""
    return query(
        f"""
        with ledger as (from read_json('{warehouse}/raw/ledger.ndjson')),

        loaded as (select * from ledger where status = 'loaded')

        select ledger.load_id, ledger.file, rows.asset_id
        from ledger
        join loaded using (table_name, content_sha256)
        join read_parquet('{warehouse}/raw/campaign_assets/*.parquet') as rows
            on rows._load_id = loaded.load_id and rows._file = loaded.file
        where ledger.status in ('loaded', 'skipped')
        order by all
        """
    )


def test_the_rows_of_a_skipped_file_are_those_of_the_loaded_line_with_its_content(
    landing: Path, warehouse: Path
) -> None:
    rows = [["c", "a", "2024-01-01"]]
    write_table(landing / "campaign_assets" / "a.csv", [*_COLUMNS, "associated_at"], rows)
    load(landing, warehouse)
    # A twin of what was loaded under given times, and twins in one load.
    write_table(landing / "campaign_assets" / "b.csv", [*_COLUMNS, "associated_at"], rows)
    for name in ("c.csv", "d.csv"):
        write_assets(landing, name, "x", "y")
    assert lines_of(landing, warehouse) == [
        ("b.csv", "skipped"),
        ("c.csv", "loaded"),
        ("d.csv", "skipped"),
    ]
    # One path takes on the other's content.
    write_assets(landing, "b.csv", "x", "y")
    lines_of(landing, warehouse)
    expected = [(1, "a", "a"), (2, "b", "a")]
    expected += [(2, name, asset) for name in "cd" for asset in "xy"]
    expected += [(3, "b", asset) for asset in "xy"]
    assert rows_seen(warehouse) == [
        (load_id, f"campaign_assets/{name}.csv", asset) for load_id, name, asset in expected
    ]


def test_equal_content_is_one_loaded_line_at_most(landing: Path, warehouse: Path) -> None:
    for night in ("a", "ab", "b", "a", "ab"):
        for name in ("1.csv", "2.csv"):
            write_assets(landing, name, *night)
        lines_of(landing, warehouse)
    loaded = [line for line in ledger_lines(warehouse) if line["status"] == "loaded"]
    assert len({line["content_sha256"] for line in loaded}) == len(loaded) == 3


# When the setting changes, and older warehouses


def test_a_file_that_failed_for_want_of_times_loads_under_snapshots(
    landing: Path, warehouse: Path
) -> None:
    write_assets(landing, "a.csv", "a")
    write_table(landing / "campaign_assets" / "b.csv", ["campaign_id"], [["c"]])
    write(landing / "campaign_assets" / "c.txt", "x")
    write(landing / "users" / "a.csv", "name\n")
    assert [line.status for line in load(landing, warehouse).entries] == ["failed"] * 4
    assert load(landing, warehouse).entries == []
    assert lines_of(landing, warehouse) == [("a.csv", "loaded"), ("b.csv", "failed")]
    assert lines_of(landing, warehouse) == []
    histories = [line["association_history"] for line in ledger_lines(warehouse)]
    assert histories == ["given"] * 4 + ["snapshot"] * 2
    # What was loaded stays so.
    assert [line.file for line in load(landing, warehouse).entries] == ["campaign_assets/b.csv"]


def test_lines_from_before_there_were_snapshots_are_of_given_times(
    landing: Path, warehouse: Path
) -> None:
    write_table(
        landing / "campaign_assets" / "a.csv",
        [*_COLUMNS, "associated_at"],
        [["c", "a", "2024-01-01"]],
    )
    write_assets(landing, "b.csv", "a")
    load(landing, warehouse)
    lines = ledger_lines(warehouse)
    for line in lines:
        del line["association_history"]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (warehouse / "raw" / "ledger.ndjson").write_text(text)
    (warehouse / "raw" / ".ledger.ndjson.written").unlink()
    assert load(landing, warehouse).entries == []
    assert lines_of(landing, warehouse) == [("b.csv", "loaded")]
