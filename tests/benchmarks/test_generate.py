"""The generator of large landing folders, at a small size."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.generate import generate, write
from benchmarks.generate.__main__ import number
from benchmarks.generate.shape import Shape
from orchestration.load import load_landing
from orchestration.load.contracts import TABLES
from orchestration.load.ledger import LOADED

EVENTS, DAYS = 30_000, 15
NIGHT_EVENTS = EVENTS // DAYS
EVENT_TYPES = Path(__file__).parents[2] / "seeds" / "reference" / "event_types.csv"

Query = Callable[[str], list[tuple[Any, ...]]]


def silent(_: str) -> None:
    pass


def make(folder: Path, **changes: Any) -> Path:
    arguments = {"events": EVENTS, "days": DAYS, "seed": 1} | changes
    generate(folder, say=silent, **arguments)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def query(data: Path) -> Query:
    """Asks with each table of history as `history.<table>`, and of the night as `night.<table>`."""
    connection = duckdb.connect()
    for part in ("history", "night"):
        connection.execute(f"create schema {part}")
        for folder in (data / part).iterdir():
            connection.execute(f"create view {part}.{folder.name} as from '{folder}/*.parquet'")
    return lambda sql: connection.execute(sql).fetchall()


def test_the_same_arguments_give_the_same_files_whatever_the_number_of_workers(
    data: Path, tmp_path: Path
) -> None:
    again = make(tmp_path / "again", workers=1)
    assert contents(again) == contents(data)


def test_another_seed_gives_other_events(query: Query, tmp_path: Path) -> None:
    other = make(tmp_path / "other", seed=2)
    ((shared,),) = query(
        f"select count(*) from history.events"
        f" semi join '{other}/history/events/*.parquet' using (event_id)"
    )
    assert shared == 0


def test_the_load_takes_every_row_of_all_tables(data: Path, tmp_path: Path) -> None:
    landing, warehouse = tmp_path / "landing", tmp_path / "warehouse"
    shutil.copytree(data / "history", landing)
    history = load_landing(landing, warehouse, run_id="history", progress=silent)
    assert {line.status for line in history.entries} == {LOADED}
    assert set(history.tables) == set(TABLES)
    assert history.tables["events"].rows_in == EVENTS
    assert history.total.rows_loaded == history.total.rows_in

    shutil.copytree(data / "night", landing, dirs_exist_ok=True)
    night = load_landing(landing, warehouse, run_id="night", progress=silent)
    assert {line.status for line in night.entries} == {LOADED}
    assert night.total.rows_quarantined == 0
    assert night.total.rows_duplicate == round(NIGHT_EVENTS * 0.001)


def test_history_and_night_have_as_many_events_as_asked_for(query: Query) -> None:
    assert query("select count(*), count(distinct event_id) from history.events") == [
        (EVENTS, EVENTS)
    ]
    late, repeated = round(NIGHT_EVENTS * 0.01), round(NIGHT_EVENTS * 0.001)
    assert query("select count(*) from night.events") == [(NIGHT_EVENTS + late + repeated,)]


def test_the_night_has_late_events_and_exact_repeats(query: Query) -> None:
    late = query(
        """
        select min(occurred_at) >= timestamp '2024-12-18'
        from night.events
        where occurred_at < '2024-12-31' and received_at >= '2025-01-01'"""
    )
    assert late == [(True,)]
    repeated = query("from night.events intersect all from history.events")
    assert len(repeated) == round(NIGHT_EVENTS * 0.001)


def test_the_night_brings_changes_of_the_crm_and_the_campaigns(query: Query) -> None:
    brought = {
        table
        for (table,) in query(
            "select distinct table_name from information_schema.tables where table_schema = 'night'"
        )
    }
    assert brought >= {
        "events",
        "contacts",
        "visitor_identities",
        "contact_merges",
        "deals",
        "deal_stage_history",
        "deal_contacts",
        "campaign_assets",
        "campaign_spend",
        "ad_stats",
    }
    assert "contact_erasures" not in brought
    changed = query("select count(*) from night.deals semi join history.deals using (deal_id)")
    assert changed[0][0] > 0
    ended = query("select count(*) from night.campaign_assets where removed_at is not null")
    assert ended[0][0] > 0


def test_every_event_type_of_the_catalogue_occurs(query: Query) -> None:
    with EVENT_TYPES.open() as file:
        catalogue = {row["event_type"] for row in csv.DictReader(file)}
    made = {name for (name,) in query("select distinct event_type from history.events")}
    assert made == catalogue - {"deal_stage_entered"}


def test_event_types_have_their_shares(query: Query) -> None:
    ((pages, behaviour, email),) = query(
        """
        select
            avg(cast(event_type = 'page_viewed' as integer)),
            avg(cast(event_type in ('page_clicked', 'page_scrolled') as integer)),
            avg(cast(event_type like 'email%' as integer))
        from history.events"""
    )
    assert pages == pytest.approx(0.65, abs=0.03)
    assert behaviour == pytest.approx(0.12, abs=0.02)
    assert email == pytest.approx(0.08, abs=0.02)


def test_events_carry_utm_parameters_and_click_identifiers(query: Query) -> None:
    ((utm, unlisted),) = query(
        """
        select
            avg(cast(coalesce(url, '') like '%utm#_campaign=%' escape '#' as integer)),
            count(*) filter (url like '%utm_campaign=unlisted%')
        from history.events"""
    )
    assert 0.25 <= utm <= 0.35
    assert unlisted > 0
    for name in ("gclid", "fbclid", "msclkid", "li_fat_id", "ttclid", "_hsmi", "hsCtaTracking"):
        entries = query(f"select count(*) from history.events where contains(url, '{name}=')")
        assert entries[0][0] > 0, name


def test_one_event_in_a_few_hundred_creates_a_contact_and_some_visitors_are_identified(
    query: Query,
) -> None:
    ((identified, visitors),) = query(
        """
        select
            (
                select count(distinct visitor_id)
                from history.events semi join history.visitor_identities using (visitor_id)
            ),
            (select count(distinct visitor_id) from history.events)"""
    )
    assert visitors == pytest.approx(EVENTS / 8, rel=0.15)
    assert 0.01 <= identified / visitors <= 0.08


def test_a_contact_is_created_some_seconds_after_its_form(query: Query) -> None:
    ((created, after_form),) = query(
        """
        with created as (
            select contact_id, created_at
            from history.contacts
            where created_at >= '2024-12-17'
        )
        select
            count(distinct contact_id),
            count(distinct contact_id) filter (
                event_type = 'form_submitted'
                and occurred_at between created_at - interval 20 second and created_at
            )
        from created
        left join history.events using (contact_id)"""
    )
    assert created > EVENTS / 400
    assert after_form >= created - 1  # the last run of history may be cut


def test_events_that_need_a_contact_have_one(query: Query) -> None:
    with EVENT_TYPES.open() as file:
        named = [
            row["event_type"]
            for row in csv.DictReader(file)
            if row["is_anonymous_allowed"] == "false"
        ]
    nameless = query(
        f"select count(*) from history.events where contact_id is null"
        f" and event_type in ({', '.join(repr(name) for name in named)})"
    )
    assert nameless == [(0,)]
    assert query(
        "select count(*) from history.events anti join history.contacts"
        " using (contact_id) where contact_id is not null"
    ) == [(0,)]


def test_sessions_have_two_to_eight_page_views(query: Query) -> None:
    ((mean, most),) = query(
        """
        with views as (
            select
                visitor_id,
                occurred_at - lag(occurred_at) over (
                    partition by visitor_id order by occurred_at
                ) as pause
            from history.events
            where event_type = 'page_viewed'
        )
        select
            count(*) / count(*) filter (pause is null or pause >= interval 30 minute),
            (select max(n) from (select count(*) as n from views group by visitor_id))
        from views"""
    )
    assert 2 <= mean <= 8
    assert most > 20 * mean


def test_won_deals_have_contacts_whose_events_came_before(query: Query) -> None:
    ((won, with_events),) = query(
        """
        with won as (
            select deal_id, updated_at as closed_at from history.deals where stage_id = 'won'
        )
        select
            count(distinct won.deal_id),
            count(distinct won.deal_id) filter (events.event_id is not null)
        from won
        inner join history.deal_contacts using (deal_id)
        left join history.events
            on deal_contacts.contact_id = events.contact_id and occurred_at <= closed_at"""
    )
    assert won > 0
    assert with_events > 0


def test_a_large_day_has_several_files_with_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(tmp_path / "whole", events=4_000, days=2) / "history" / "events"
    monkeypatch.setattr(write, "MOST_ROWS_PER_FILE", 1_000)
    split = make(tmp_path / "split", events=4_000, days=2) / "history" / "events"
    assert len(list(whole.iterdir())) == 2
    assert len(list(split.iterdir())) == 5
    rows = [
        duckdb.sql(f"from '{folder}/*.parquet' order by event_id").fetchall()
        for folder in (whole, split)
    ]
    assert rows[0] == rows[1]


def test_days_add_up_to_the_events() -> None:
    by_day = Shape(1_000_003, 365, 1).events_by_day
    assert sum(by_day[:-1]) == 1_000_003
    assert by_day[-1] == 2740


@pytest.mark.parametrize(("events", "days"), [(5, 10), (10, 0)])
def test_fewer_events_than_days_are_refused(events: int, days: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        make(tmp_path, events=events, days=days)


@pytest.mark.parametrize(
    ("text", "expected"), [("20000", 20_000), ("20k", 20_000), ("1.5M", 1_500_000), ("1_000", 1000)]
)
def test_numbers_may_have_units(text: str, expected: int) -> None:
    assert number(text) == expected
