"""Associations of sources that tell only the present, worked out by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reference import compute
from tests.reference.load import load_all

# (campaign, asset, associated from, until), days of January
Interval = tuple[str, str, int, int | None]


def _day(day: int) -> datetime:
    return datetime(2025, 1, day)


def _intervals(
    tmp_path: Path, *nights: dict[str, str], instants: list[datetime | None] | None = None
) -> list[Interval]:
    """The intervals of campaign_assets after one load per night, on January 1, 2, 3, …"""
    loads = []
    for number, files in enumerate(nights, start=1):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
        loads.append(folder)
    loaded = load_all(
        loads,
        association_history="snapshot",
        load_instants=instants or [_day(number) for number in range(1, len(nights) + 1)],
    )
    return sorted(
        (
            row["campaign_id"],
            row["asset_id"],
            row["associated_at"].day,
            row["removed_at"] and row["removed_at"].day,
        )
        for row in loaded.tables["campaign_assets"]
    )


def _present(*pairs: str) -> str:
    return "campaign_id,asset_id\n" + "".join(f"{pair[0]},{pair[1]}\n" for pair in pairs)


A = "campaign_assets/a.csv"
B = "campaign_assets/b.csv"


def test_a_pair_lasts_from_the_first_load_with_it_to_the_first_without(tmp_path: Path) -> None:
    nights = [{A: _present("Cx", "Cy")}, {A: _present("Cx")}, {A: _present("Cx", "Cy", "Dx")}]
    assert _intervals(tmp_path, *nights) == [
        ("C", "x", 1, None),
        ("C", "y", 1, 2),
        ("C", "y", 3, None),
        ("D", "x", 3, None),
    ]


def test_a_load_sees_what_any_of_its_files_states(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {A: _present("Cy"), B: _present("Cx")}, {B: _present("Cy")}]
    assert _intervals(tmp_path, *nights) == [("C", "x", 1, 3), ("C", "y", 2, None)]


def test_a_load_without_a_file_of_the_table_observes_nothing(tmp_path: Path) -> None:
    other = {"campaign_keywords/a.csv": "campaign_id,keyword\nC,x\n"}
    nights = [{A: _present("Cx")}, other, {A: _present("Cy")}]
    assert _intervals(tmp_path, *nights) == [("C", "x", 1, 3), ("C", "y", 3, None)]


def test_a_file_that_lies_there_unchanged_is_no_observation(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {B: _present("Cy")}, {A: _present("Cx")}]
    assert _intervals(tmp_path, *nights) == [("C", "x", 1, 2), ("C", "y", 2, None)]


def test_known_content_under_another_name_is_an_observation(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {A: _present("Cy")}, {B: _present("Cx")}]
    assert _intervals(tmp_path, *nights) == [
        ("C", "x", 1, 2),
        ("C", "x", 3, None),
        ("C", "y", 2, 3),
    ]


def test_known_content_that_comes_back_to_its_path_is_an_observation(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {A: _present("Cy")}, {A: _present("Cx")}]
    assert _intervals(tmp_path, *nights) == [
        ("C", "x", 1, 2),
        ("C", "x", 3, None),
        ("C", "y", 2, 3),
    ]


def test_known_content_stands_twice_in_load_audit_only_under_two_names(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {A: _present("Cy")}, {A: _present("Cx"), B: _present("Cx")}]
    _intervals(tmp_path, *nights)
    audit = load_all([tmp_path / f"{number}" for number in (1, 2, 3)]).load_audit
    assert [row["file"] for row in audit] == [A, A, B]


def test_an_empty_file_ends_everything_and_a_failed_one_nothing(tmp_path: Path) -> None:
    nights = [{A: _present("Cx")}, {A: "asset_id\nx\n"}, {A: _present()}]
    assert _intervals(tmp_path, *nights) == [("C", "x", 1, 3)]


def test_rows_that_were_removed_or_are_bad_are_no_part_of_the_present(tmp_path: Path) -> None:
    stated = (
        "campaign_id,asset_id,associated_at,removed_at\n"
        "C,x,2024-05-05,\n"  # the time is ignored
        "C,y,,2025-01-01\n"
        "C,z,never,\n"
        ",x,,\n"
    )
    assert _intervals(tmp_path, {A: stated}) == [("C", "x", 1, None)]


def test_loads_that_took_up_nothing_need_no_instant(tmp_path: Path) -> None:
    nights: list[dict[str, str]] = [{A: _present("Cx")}, {}, {A: _present()}]
    instants = [_day(1), None, _day(9)]
    assert _intervals(tmp_path, *nights, instants=instants) == [("C", "x", 1, 9)]
    with pytest.raises(ValueError, match="instant"):
        load_all([tmp_path / "1"], association_history="snapshot")


def test_the_marts_count_from_the_load_that_first_saw_the_association(tmp_path: Path) -> None:
    tables = {
        "campaigns": "campaign_id,name,created_at\nC,c,2025-01-01\nD,d,2025-01-01\n",
        "assets": "asset_id,asset_type\nform,form\n",
        "contacts": "contact_id,created_at\nann,2025-01-01\nbob,2025-01-01\n",
        "campaign_assets": "campaign_id,asset_id\nC,form\n",
        "campaign_keywords": "campaign_id,keyword\nC,crm\n",
        "deals": "deal_id,created_at,amount,stage_id,closed_at\nd,2025-01-01,9,won,2025-01-04\n",
        "deal_contacts": "deal_id,contact_id\nd,ann\n",
        "pipeline_stages": "pipeline_id,stage_id,is_won,is_closed\np,won,1,1\n",
        "events": "event_id,event_type,occurred_at,contact_id,asset_id\n"
        "1,form_submitted,2025-01-01T23:59:59.999999Z,ann,form\n"
        "2,form_submitted,2025-01-02,ann,form\n"
        "3,form_submitted,2025-01-05,bob,form\n",
    }
    later = {
        "campaign_assets": "campaign_id,asset_id\nD,form\n",
        "deal_contacts": "deal_id,contact_id\nd,bob\n",
    }
    loads = []
    for number, night in enumerate((tables, later)):
        for table, content in night.items():
            path = tmp_path / f"{number}" / table / f"{number}.csv"
            path.parent.mkdir(parents=True)
            path.write_text(content)
        loads.append(tmp_path / f"{number}")
    instants = [_day(2), _day(5)]
    marts = compute(loads, association_history="snapshot", load_instants=instants)

    def rows(mart: str, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row[column] for column in columns) for row in marts[mart]]

    assert rows("campaign_influences", "campaign_id", "contact_id", "first_influenced_at") == [
        ("C", "ann", _day(2)),
        ("D", "bob", _day(5)),
    ]
    assert rows("asset_visibility", "campaign_id", "associated_at", "ended_at") == [
        ("C", _day(2), _day(5)),
        ("D", _day(5), None),
    ]
    # The deal closed on the 4th, when ann was its contact.
    assert rows("campaign_deals", "campaign_id", "deal_id", "contact_id") == [("C", "d", "ann")]
