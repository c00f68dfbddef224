from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.reference.behaviour import SCALES
from tests.reference.catalogue import AREAS
from tests.reference.events import EVENT_TYPES
from tests.reference.notions import as_decimal, half_away
from tests.reference_tests.shop import event, marts_of, told

DAY5, DAY6 = date(2025, 1, 5), date(2025, 1, 6)


# --- how properties are read ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places", "number"),
    [
        ("1", 2, "1.00"),
        ("0060.125", 2, "60.13"),
        ("-60.125", 2, "-60.13"),
        ("1e2", 0, "100"),
        ("1E-1", 1, "0.1"),
        ("1e-9999", 4, "0.0000"),
        ("-0", 1, "0.0"),
        ("9999999999999999.994", 2, "9999999999999999.99"),
        ("9999999999999999.995", 2, None),
        ("1e400", 2, None),
        ("1e99999999999999999999", 2, None),
        ("+1", 2, None),
        (" 1", 2, None),
        ("1.", 2, None),
        (".5", 2, None),
        ("1,5", 2, None),
        ("NaN", 2, None),
        ("true", 2, None),
        ("1\n", 2, None),
    ],
)
def test_numbers_among_properties(text: str, places: int, number: str | None) -> None:
    assert as_decimal(text, places) == (None if number is None else Decimal(number))


def test_exact_numbers_round_half_away_from_zero() -> None:
    assert half_away(Fraction(1, 200), 2) == Decimal("0.01")
    assert half_away(Fraction(-1, 200), 2) == Decimal("-0.01")
    assert half_away(Fraction(149, 30000), 2) == Decimal("0.00")


# --- K-14 -------------------------------------------------------------------------------------


def _carts(folder: Path, *changes: str) -> list[tuple[Any, ...]]:
    """(date, carts, abandoned, rate) from changes such as ``u 05T10:00:00 va``."""
    types = {"u": "cart_updated", "a": "cart_abandoned", "p": "purchase_completed"}
    events = []
    for number, change in enumerate(changes):
        kind, at, who = change.split()
        events.append(event(f"{number} {types[kind]} {at} {who} mail"))
    marts = marts_of(folder, *events)
    return told(marts, "behavior_daily", "date carts carts_abandoned abandonment_rate")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (["u 05T10:00:00 v1"], [(DAY5, 1, 0, 0.0)]),
        (["u 05T10:00:00 v1", "u 05T11:00:00 v1", "a 05T12:00:00 v1"], [(DAY5, 1, 1, 1.0)]),
        (["u 05T10:00:00 v1", "p 05T11:00:00 v1", "a 05T12:00:00 v1"], [(DAY5, 2, 1, 0.5)]),
        (["u 05T10:00:00 v1", "a 05T11:00:00 v1", "u 05T12:00:00 v1"], [(DAY5, 2, 1, 0.5)]),
        (["a 05T10:00:00 v1", "a 05T11:00:00 v1"], [(DAY5, 2, 2, 1.0)]),
        # a cart stands on its first event's date
        (["u 05T23:59:59 v1", "u 06T00:00:00 v1", "a 06T00:00:01 v1"], [(DAY5, 1, 1, 1.0)]),
        # the purchase has a row of its own
        (
            ["u 05T23:59:59 v1", "p 06T00:00:01 v1"],
            [(DAY5, 1, 0, 0.0), (DAY6, 0, 0, None)],
        ),
        # at one instant the event ids decide
        (["u 05T10:00:00 v1", "a 05T10:00:00 v1"], [(DAY5, 1, 1, 1.0)]),
        (["a 05T10:00:00 v1", "u 05T10:00:00 v1"], [(DAY5, 2, 1, 0.5)]),
        # ann has a visitor; v1 is another person
        (["u 05T10:00:00 va", "u 05T11:00:00 v2+ann", "a 05T12:00:00 ann"], [(DAY5, 1, 1, 1.0)]),
        (["u 05T10:00:00 va", "a 05T12:00:00 v1"], [(DAY5, 2, 1, 0.5)]),
    ],
)
def test_k14_carts_are_runs_of_updates(
    tmp_path: Path, changes: list[str], found: list[tuple[Any, ...]]
) -> None:
    assert _carts(tmp_path, *changes) == found


def test_k14_an_app_is_used_from_its_opening_to_its_closing_if_that_comes_next(
    tmp_path: Path,
) -> None:
    marts = marts_of(
        tmp_path,
        event("1 app_opened 05T10:00:00 va mail"),
        event("2 feature_used 05T10:00:01 va mail"),
        event("3 app_closed 05T10:00:02.5 ann mail"),
        event("4 app_closed 05T10:00:09 ann mail"),
        event("5 app_opened 05T11:00:00 va mail"),
        event("6 app_opened 05T12:00:00 va mail"),
        event("7 app_closed 06T00:00:00.000001 va"),
        event("8 app_opened 06T10:00:00 va mail"),
    )
    columns = "campaign_id date use_seconds daily_active"
    assert told(marts, "behavior_daily", columns) == [
        ("A", DAY5, 43202.500001, 1),
        ("A", DAY6, 0.0, 1),
        ("no campaign", DAY6, 0.0, 1),
    ]


def test_k14_active_on_the_day_in_the_week_and_in_the_month(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 app_opened 01T10:00:00 va mail"),
        event("2 app_closed 02T10:00:00 ann mail"),
        event("3 feature_used 02T10:00:00 v1 mail"),
        event("4 feature_used 08T10:00:00 v2 mail"),
        event("5 feature_used 30T10:00:00 v3 mail"),
        event("6 feature_used 31T10:00:00 v3 mail"),
        event("7 subscription_started 09T10:00:00 v4 mail"),
    )
    columns = "date subscriptions daily_active weekly_active monthly_active stickiness"
    assert told(marts, "behavior_daily", columns, campaign_id="A") == [
        (date(2025, 1, 1), 0, 1, 1, 1, 1.0),
        (date(2025, 1, 2), 0, 2, 2, 2, 1.0),
        (date(2025, 1, 8), 0, 1, 3, 3, 1 / 3),
        (date(2025, 1, 9), 1, 0, 1, 3, 0.0),
        (date(2025, 1, 30), 0, 1, 1, 4, 0.25),
        (date(2025, 1, 31), 0, 1, 1, 4, 0.25),
    ]


def test_k14_sign_ups_purchases_and_what_they_are_worth(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 account_registered 05T10:00:00 va mail", value=3),
        event("2 purchase_completed 05T10:00:00 va mail", value="2.01", currency="USD"),
        event("3 purchase_completed 05T10:00:00 va mail", value=10),
        event("4 purchase_completed 05T10:00:00 va mail", value=10, currency="usd"),
        event("5 purchase_completed 05T10:00:00 va mail", value="ten"),
        event("6 purchase_completed 05T10:00:00 va mail", value=-1, currency="EUR"),
    )
    columns = "campaign_id sign_ups purchases purchase_value carts abandonment_rate stickiness"
    # 1.005 + 10 - 1
    assert told(marts, "behavior_daily", columns) == [("A", 1, 5, Decimal("10.01"), 0, None, None)]
    issues = told(marts, "data_quality_issues", "table_name key", rule="missing_exchange_rate")
    assert issues == [("events", "usd")]


# --- K-15 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "cell"),
    [
        (0, 0, (1, 1)),
        (1, 1, (20, 50)),
        (0.05, 0.02, (2, 2)),
        (0.049999999, 0.019999999, (1, 1)),
        (0.0499999999, 0.5, (2, 26)),
        ("1e-1", "0.9799999994", (3, 49)),
        (1.0000000004, 0, (20, 1)),
        (1.000000001, 0, (None, None)),
        (-0.000000001, 0, (None, None)),
        (0.5, None, (None, None)),
        (0.5, "up", (None, None)),
    ],
)
def test_k15_a_click_falls_on_a_cell(
    tmp_path: Path, x: Any, y: Any, cell: tuple[int | None, int | None]
) -> None:
    marts = marts_of(tmp_path, event("1 page_clicked 05T10:00:00 v1", x=x, y=y))
    assert told(marts, "page_heatmap", "column row scroll_decile clicks scrolls") == [
        (*cell, None, 1, 0)
    ]


@pytest.mark.parametrize(
    ("depth", "decile"),
    [
        (0, 1),
        (0.1, 1),
        (0.100000001, 2),
        (0.1000000001, 1),
        (0.95, 10),
        (1, 10),
        (1.01, None),
        (-0.1, None),
        (None, None),
        ("far", None),
    ],
)
def test_k15_a_scroll_goes_down_to_a_decile(tmp_path: Path, depth: Any, decile: Any) -> None:
    marts = marts_of(tmp_path, event("1 page_scrolled 05T10:00:00 v1", scroll_depth=depth))
    assert told(marts, "page_heatmap", "column row scroll_decile clicks scrolls") == [
        (None, None, decile, 0, 1)
    ]


def test_k15_pages_of_a_heat_map(tmp_path: Path) -> None:
    url = "http://www.shop.example/a/?utm_campaign=b"
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        # at the page's URL: of the page, and of the session's campaign
        event("2 page_clicked 05T10:00:01 v1", url=url, x=0, y=0, is_dead="Yes"),
        event("3 page_clicked 05T10:00:01 v1", url=url, x=0, y=0, is_dead="on"),
        # the same without a session: of the page, and of no campaign (no utm visit either)
        event("4 page_clicked 05T10:00:01 v2", url=url, x=0, y=0, is_dead=1),
        # at no place, so with the scrolls to no depth
        event("5 page_clicked 05T10:00:01 v2 what", device_type="mobile"),
        event("6 page_scrolled 05T10:00:01 v2 what", device_type="mobile"),
    )
    columns = "campaign_id asset_id device_type column row clicks dead_clicks scrolls"
    assert told(marts, "page_heatmap", columns) == [
        ("A", "page", None, 1, 1, 2, 1, 0),
        ("no campaign", "page", None, 1, 1, 1, 1, 0),
        ("no campaign", "what", "mobile", None, None, 1, 0, 1),
    ]


def test_k15_a_replay_has_all_events_of_a_session_in_order(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("2 page_viewed 05T23:59:50 v1", url="https://shop.example/a"),
        event("1 page_clicked 05T23:59:50 v1 what", x="0.5", y=7, is_dead=True),
        event("3 page_error 06T00:00:00.5 v1", x=1, y=1),
        event("4 page_clicked 06T00:00:01 v1", x="left", y=0.25),
        event("5 hologram_touched 06T00:00:10 v1"),
        event("6 page_error 06T00:29:50 v1"),
    )
    (row,) = marts["session_replays"]
    keys = ["occurred_at", "event_type", "asset_id", "url", "x", "y"]
    assert [list(each) for each in row["events"]] == [keys] * 5
    assert [tuple(each.values()) for each in row["events"]] == [
        (datetime(2025, 1, 5, 23, 59, 50), "page_clicked", "what", None, 0.5, 7.0),
        (
            *(datetime(2025, 1, 5, 23, 59, 50), "page_viewed", "page"),
            *("https://shop.example/a", None, None),
        ),
        (datetime(2025, 1, 6, 0, 0, 0, 500000), "page_error", None, None, None, None),
        (datetime(2025, 1, 6, 0, 0, 1), "page_clicked", None, None, None, 0.25),
        (datetime(2025, 1, 6, 0, 0, 10), "hologram_touched", None, None, None, None),
    ]
    columns = "campaign_id date length_s rage_clicks dead_clicks errors"
    assert told(marts, "session_replays", columns) == [("A", DAY5, 20.0, 0, 1, 1)]


@pytest.mark.parametrize(
    ("clicks", "rages"),
    [
        (["00.0 a 0", "00.5 a 0", "01.0 a 0"], 1),
        (["00.0 a 0", "00.5 a 0", "01.000001 a 0"], 0),
        (["00.0 a 0", "00.5 a 0", "01.0 a 0", "01.2 a 0"], 2),
        (["00.0 a 0", "00.5 a 0.04999", "01.0 a 0.01"], 1),
        (["00.0 a 0", "00.5 a 0.05", "01.0 a 0"], 0),
        (["00.0 a 0", "00.5 b 0", "01.0 a 0"], 0),
        # another cell between does not matter
        (["00.0 a 0", "00.1 a 0", "00.2 a 0.9", "00.3 a 0"], 1),
        (["00.0 a 2", "00.1 a 2", "00.2 a 2"], 0),
        (["00.0 - 0", "00.0 - 0", "00.0 - 0"], 1),
    ],
)
def test_k15_a_click_that_completes_three_on_a_cell_within_a_second_is_a_rage_click(
    tmp_path: Path, clicks: list[str], rages: int
) -> None:
    events = [event("0 page_viewed 05T10:00:00 v1")]
    for number, click in enumerate(clicks, start=1):
        second, page, x = click.split()
        url = None if page == "-" else page
        events.append(event(f"{number} page_clicked 05T10:00:{second} v1", url=url, x=x, y=0))
    assert told(marts_of(tmp_path, *events), "session_replays", "rage_clicks") == [(rages,)]


def test_k15_a_session_of_two_campaigns_is_replayed_under_each(tmp_path: Path) -> None:
    url = "https://shop.example/a?utm_campaign=b"
    marts = marts_of(tmp_path, event("1 page_viewed 05T10:00:00 v1", url=url))
    assert told(marts, "session_replays", "campaign_id length_s") == [("A", 0.0), ("B", 0.0)]


# --- K-16 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        ("nps", "detractors 0 6 6.9999 passives 7 8.9999 promoters 9 10 None -0.0001 10.0001 11"),
        ("csat", "None 0 0.9999 detractors 1 2.9999 passives 3 3.9999 promoters 4 5 None 5.0001"),
        ("ces", "None 0 0.9999 detractors 1 3.9999 passives 4 4.9999 promoters 5 7 None 7.0001"),
    ],
)
def test_k16_groups_of_scores(kind: str, scores: str) -> None:
    group: str | None = None
    for word in scores.split():
        if word[0].isdigit() or word[0] == "-":
            assert SCALES[kind].group(Decimal(word)) == group, word
        else:
            group = None if word == "None" else word


def _responses(kind: str | None, *scores: Any) -> list[dict[str, Any]]:
    return [
        event(f"{n}{kind} survey_responded 05T10:00:01 v1 survey", kind=kind, score=score)
        for n, score in enumerate(scores)
    ]


def test_k16_scores_of_surveys(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("0 page_viewed 05T10:00:00 v1 page"),
        *_responses("nps", 10, "9", 8, 3, 11, None),
        *_responses("csat", 5, 3.99996, 2),
        *_responses("ces", 7, 4.5, "0.5"),
        *_responses("NPS", 10),
        *_responses(None, 10),
        *_responses("stars", "none"),
    )
    columns = "kind responses promoters passives detractors score_sum score"
    assert told(marts, "feedback", columns, campaign_id="A", survey="survey", date=DAY5) == [
        (None, 1, 0, 0, 0, Decimal(0), None),
        ("NPS", 1, 0, 0, 0, Decimal(0), None),
        ("ces", 3, 1, 1, 0, Decimal("11.5"), 5.75),
        # 3.99996 rounds to 4
        ("csat", 3, 2, 0, 1, Decimal(11), 200 / 3),
        ("nps", 6, 2, 1, 1, Decimal(30), 25.0),
        ("stars", 1, 0, 0, 0, Decimal(0), None),
    ]


def test_k16_a_response_counts_for_the_campaigns_of_its_session_whatever_its_survey(
    tmp_path: Path,
) -> None:
    marts = marts_of(
        tmp_path,
        event("0 page_viewed 05T10:00:00 v1", url="https://shop.example/?utm_campaign=b"),
        event("1 survey_responded 05T10:00:00 v1 survey", kind="nps", score=9),
        event("2 survey_responded 05T10:30:00 v1 survey", kind="nps", score=0),
        event("3 survey_responded 05T10:00:00 ann", kind="nps", score="bad"),
    )
    assert told(marts, "feedback", "campaign_id survey responses score") == [
        ("B", "survey", 1, 100.0),
        ("no campaign", None, 1, None),
        ("no campaign", "survey", 1, -100.0),
    ]


# --- the timeline -----------------------------------------------------------------------------


def test_every_event_type_has_an_area() -> None:
    assert set(AREAS) == set(EVENT_TYPES)
    assert AREAS["sales_email_clicked"] == "sales email"
    assert AREAS["email_clicked"] == "email"
    assert AREAS["cart_updated"] == "app"


def test_a_contacts_timeline_has_all_its_events_and_its_deals_stages(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 04T10:00:00 va", url="https://shop.example/a?utm_campaign=b"),
        event("2 hologram_touched 05T10:00:00 ann", deal_id="d"),
        event("3 feature_used 04T10:00:01 va"),
        event("4 email_opened 05T10:00:00 bob mail"),
        event("5 page_viewed 05T10:00:00 v1"),
        event("6 page_viewed 05T10:00:00 va", user_agent="Googlebot"),
        event("7 deal_stage_entered 05T10:00:00 ann", deal_id="d"),
        deals="""
            deal_id,created_at,pipeline_id,stage_id,is_deleted
            d,2025-01-01,p,won,
            x,2025-01-01,p,won,1
            """,
        deal_stage_history="""
            deal_id,stage_id,entered_at
            d,won,2025-01-06T00:00:00.5Z
            x,won,2025-01-06T00:00:00.5Z
            """,
        deal_contacts="""
            deal_id,contact_id,associated_at
            d,ann,2025-01-01
            d,bob,2025-01-01
            x,ann,2025-01-01
            """,
        contact_erasures="contact_id,requested_at\nbob,2025-02-01",
    )
    columns = "contact_id event_id area event_type asset_id campaign_ids deal_id"
    assert told(marts, "contact_timeline", columns) == [
        ("ann", "1", "web", "page_viewed", "page", ["A", "B"], None),
        ("ann", "2", None, "hologram_touched", None, [], "d"),
        ("ann", "3", "app", "feature_used", None, ["A", "B"], None),
        ("ann", "7", "deals", "deal_stage_entered", None, [], "d"),
        (
            *("ann", "d:won:2025-01-06T00:00:00.500000Z", "deals"),
            *("deal_stage_entered", None, [], "d"),
        ),
    ]
    assert marts["contact_timeline"][-1]["occurred_at"] == datetime(2025, 1, 6, 0, 0, 0, 500000)
