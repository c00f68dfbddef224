from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.reference.kpis import KPIS, target_on
from tests.reference_tests.shop import Marts, event, marts_of, told

DAY5, DAY6, DAY7 = date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 7)

RATIOS = ("ctr", "cpc", "conversion_rate", "search_rank", "cac", "roi", "roas")


def _money(text: str) -> Decimal:
    return Decimal(text)


def _kpis(marts: Marts, campaign_id: str, day: date, column: str = "value") -> dict[str, Any]:
    """The KPIs of a campaign on a day that are neither 0 nor missing."""
    found = told(marts, "kpi_daily", f"kpi {column}", campaign_id=campaign_id, date=day)
    return {kpi: value for kpi, value in found if value not in (None, 0)}


# --- K-6, K-7: spend, customers, and their ratios ---------------------------------------------

SPEND = """
    spend_id,spent_on,amount,campaign_id,currency
    1,2025-01-05,10.01,A,USD
    2,2025-01-05,-1,A,
    3,2025-01-05,5,A,CHF
    4,2025-01-06,100,,
    5,2025-01-06,7,X,
    6,2025-01-06,8,unheard,
    7,2025-01-06,9,B,EUR
    8,2025-01-04,1,,USD
    """


def test_k6_spend_is_the_campaigns_own_its_ads_and_its_commissions(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 affiliate_link_clicked 05T10:00:00 v1 link"),
        event("2 page_viewed 05T10:00:01 v1"),
        event("3 purchase_completed 05T10:00:02 v1"),
        campaign_spend=SPEND,
        ad_stats="""
            asset_id,network,stat_date,clicks,cost
            ad,google,2025-01-05,4,20
            free,google,2025-01-05,1,40
            """,
        affiliates="asset_id,commission_fixed\nlink,3",
    )
    columns = "campaign_id date spend ad_cost customers roi cac"
    # 5.005 rounds to 5.01; less 1; no rate for 5; ads 20; commission 3
    assert told(marts, "campaign_daily", columns) == [
        ("A", DAY5, _money("27.01"), _money("20.00"), 0, -1.0, None),
        ("B", DAY6, _money("9.00"), _money("0.00"), 0, -1.0, None),
    ]
    assert told(marts, "campaigns", "campaign_id spend ad_cost roi cac") == [
        ("A", _money("27.01"), _money("20.00"), -1.0, None),
        ("B", _money("9.00"), _money("0.00"), -1.0, None),
    ]
    # the company: overhead, deleted and unknown campaigns, every ad
    assert _kpis(marts, "all", DAY5) == {
        "sessions": 1.0,
        "clicks": 5.0,
        "conversion_rate": 1.0,
        "cpc": 12.0,
        "spend": 67.01,
        "roi": -1.0,
    }
    assert _kpis(marts, "all", DAY6) == {"spend": 124.0, "roi": -1.0}
    issues = told(marts, "data_quality_issues", "table_name key", rule="missing_exchange_rate")
    assert issues == [("campaign_spend", "3"), ("campaign_spend", "8")]


DEALS: dict[str, Any] = {
    "deals": """
        deal_id,created_at,amount,pipeline_id,stage_id,closed_at
        d1,2025-01-01,100,p,won,2025-01-06T12:00:00Z
        d2,2025-01-01,10,p,won,2025-01-06T12:00:00Z
        d3,2025-01-01,1,p,won,2025-01-07T12:00:00Z
        d4,2025-01-01,1,p,open,2025-01-05T12:00:00Z
        """,
    "deal_contacts": """
        deal_id,contact_id,associated_at
        d1,ann,2025-01-01
        d2,ann,2025-01-01
        d2,bob,2025-01-01
        d3,ann,2025-01-01
        d3,bob,2025-01-01
        d3,cid,2025-01-01
        d4,cid,2025-01-01
        """,
    "contacts": """
        contact_id,created_at,is_deleted
        ann,2025-01-05T10:00:00Z,
        bob,2025-01-06T10:00:00Z,
        cid,2025-01-06T10:00:00Z,true
        """,
}


def test_k6_customers_are_won_with_their_first_deal_by_what_they_did_before(
    tmp_path: Path,
) -> None:
    marts = marts_of(
        tmp_path,
        # ann at the close, by A's mail and B's utm value
        event("1 email_clicked 06T12:00:00 ann mail"),
        event("2 page_viewed 06T11:00:00 va", url="https://shop.example/?utm_campaign=b"),
        # bob after his first close, before his second
        event("3 email_clicked 06T12:00:00.000001 bob mail"),
        # cid opened a mail: no revenue interaction
        event("4 email_opened 05T12:00:00 cid mail"),
        **DEALS,
        campaign_spend="spend_id,spent_on,amount,campaign_id\n1,2025-01-06,5,A",
    )
    columns = "campaign_id date customers contacts_with_revenue revenue spend roi cac"
    assert told(marts, "campaign_daily", columns, campaign_id="A")[-2:] == [
        # d1 and d2, each half of ann's two interactions
        ("A", DAY6, 1, 1, _money("55.00"), _money("5.00"), 10.0, _money("5.0000")),
        # a third each for ann's mail and bob's; the cent left over is B's, whose view was earlier
        ("A", DAY7, 0, 1, _money("0.66"), _money("0.00"), None, None),
    ]
    assert told(marts, "campaigns", "campaign_id customers cac") == [
        ("A", 1, _money("5.0000")),
        ("B", 1, _money("0.0000")),
    ]
    # the company won ann and bob, and cid on the next day, whatever they had done
    cac = told(marts, "kpi_daily", "date value", campaign_id="all", kpi="cac")
    assert cac[-2:] == [(DAY6, 2.5), (DAY7, 0.0)]


# --- K-17 -------------------------------------------------------------------------------------


def test_k17_utm_values_of_sessions_new_contacts_influences_and_deals(tmp_path: Path) -> None:
    tagged = "https://shop.example/a?utm_campaign=b&utm_source=News&utm_term=t"
    marts = marts_of(
        tmp_path,
        # ann's first page view, which makes her new and influences her for A and B
        event("1 page_viewed 05T09:59:00 va", url=tagged),
        # within that session, under its values
        event("2 email_clicked 05T09:59:01 va mail", url="https://shop.example/?utm_source=x"),
        # outside sessions by its own values
        event("3 email_clicked 05T08:00:00 bob mail", url="https://shop.example/?utm_source=mine"),
        # the asset's own URL tells nothing here
        event("4 qr_code_scanned 05T11:00:00 bob code"),
        **DEALS,
        assets="""
            asset_id,asset_type,url
            page,landing_page,https://shop.example/a
            mail,marketing_email,
            code,qr_code,https://shop.example/?utm_campaign=b&utm_source=code
            """,
    )
    columns = "campaign_id utm_source utm_campaign utm_term date sessions new_contacts"
    found = told(
        marts,
        "utm_performance",
        f"{columns} influenced_contacts closed_deals influenced_revenue",
    )
    news = ("news", "b", "t")
    nothing = (None, None, None)
    assert found == [
        # d1, d2 (by bob, influenced first) and d3
        ("A", "mine", None, None, DAY5, 0, 0, 1, 0, _money("0.00")),
        ("A", "mine", None, None, DAY6, 0, 0, 0, 1, _money("10.00")),
        ("A", "mine", None, None, DAY7, 0, 0, 0, 1, _money("1.00")),
        ("A", *news, DAY5, 1, 1, 1, 0, _money("0.00")),
        ("A", *news, DAY6, 0, 0, 0, 1, _money("100.00")),
        ("B", *nothing, DAY5, 0, 0, 1, 0, _money("0.00")),
        ("B", *news, DAY5, 1, 1, 1, 0, _money("0.00")),
        # of ann and bob ann was influenced first
        ("B", *news, DAY6, 0, 0, 0, 2, _money("110.00")),
        ("B", *news, DAY7, 0, 0, 0, 1, _money("1.00")),
        # bob has no page view, and cid is deleted
        ("no campaign", *nothing, DAY6, 0, 1, 0, 0, _money("0.00")),
    ]


# --- K-18 -------------------------------------------------------------------------------------


def test_k18_every_kpi_on_every_day_from_the_first_to_the_last(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        event("2 page_viewed 07T10:00:00 v1 page"),
        event("3 page_viewed 09T10:00:00 v1"),
    )
    assert len(KPIS) == len(set(KPIS)) == 18
    of_a = told(marts, "kpi_daily", "date kpi", campaign_id="A")
    assert of_a == [(DAY5 + timedelta(n), kpi) for n in range(3) for kpi in sorted(KPIS)]
    values = told(marts, "kpi_daily", "value", campaign_id="A", date=DAY6)
    assert sorted(map(str, values)) == ["(0.0,)"] * 11 + ["(None,)"] * 7
    of_all = {day for (day,) in told(marts, "kpi_daily", "date", campaign_id="all")}
    assert of_all == {DAY5 + timedelta(n) for n in range(5)}
    assert told(marts, "kpi_daily", "kpi", campaign_id="B") == []
    assert told(marts, "kpi_daily", "kpi", campaign_id="no campaign") == []


def test_k18_the_value_of_seven_days_before(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        event("2 page_viewed 12T10:00:00 v1 page"),
        event("3 page_viewed 12T12:00:00 v1 page"),
        event("4 purchase_completed 12T12:00:01 v1"),
        event("5 page_viewed 19T12:00:00 v1 page"),
    )
    for kpi, values in (
        (
            "sessions",
            {5: (1.0, 0.0), 11: (0.0, 0.0), 12: (2.0, 1.0), 13: (0.0, 0.0), 19: (1.0, 2.0)},
        ),
        (
            "conversion_rate",
            {5: (0.0, None), 11: (None, None), 12: (1.0, 0.0), 13: (None, None), 19: (0.0, 1.0)},
        ),
    ):
        found = told(marts, "kpi_daily", "date value previous_value", campaign_id="A", kpi=kpi)
        for day, *pair in found:
            if day.day in values:
                assert tuple(pair) == values[day.day], (kpi, day)
        assert len(found) == 15


def _target(start: int, end: int, target: float) -> dict[str, Any]:
    first = date(2025, 1, 1)
    return {
        "period_start": first + timedelta(start),
        "period_end": first + timedelta(end),
        "target": target,
    }


@pytest.mark.parametrize(
    ("day", "found"),
    [(0, None), (1, 1.0), (3, 3.0), (4, 4.0), (5, 3.0), (6, 1.0), (9, 1.0), (10, None)],
)
def test_k18_of_the_targets_that_hold_a_day_the_one_that_began_last(
    day: int, found: float | None
) -> None:
    targets = [_target(4, 4, 4), _target(1, 9, 1), _target(3, 5, 3)]
    assert target_on(targets, date(2025, 1, 1) + timedelta(day)) == found


def test_k18_targets_of_campaigns_and_of_the_company(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        kpi_targets="""
            campaign_id,kpi,period_start,period_end,target
            A,sessions,2025-01-05,2025-01-05,12.5
            all,sessions,2025-01-01,2025-01-31,50
            A,Sessions,2025-01-01,2025-01-31,3
            unheard,roi,2025-01-01,2025-01-31,3
            """,
    )
    found = told(marts, "kpi_daily", "campaign_id kpi target", date=DAY5)
    assert [row for row in found if row[2] is not None] == [
        ("A", "sessions", 12.5),
        ("all", "sessions", 50.0),
    ]
    issues = told(marts, "data_quality_issues", "rule key", table_name="kpi_targets")
    assert issues == [("unknown_kpi", "Sessions"), ("unknown_reference", "campaign_id=unheard")]


def test_k18_ads_and_posts_are_clicked_and_shown(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 social_post_interacted 05T10:00:00 v1 post", interaction="click"),
        event("2 social_post_interacted 05T10:00:00 v1 post", interaction="like"),
        event("3 social_post_interacted 05T10:00:00 v1 what", interaction="click"),
        # for A by the post, for B by none: a click's own URL is no utm visit
        event(
            "4 social_post_interacted 05T10:00:00 v1 post",
            interaction="click",
            url="https://shop.example/?utm_campaign=b",
        ),
        ad_stats="""
            asset_id,network,stat_date,impressions,clicks,cost
            ad,google,2025-01-05,70,3,10
            free,google,2025-01-05,100,1,2
            """,
        social_stats="asset_id,stat_date,impressions\npost,2025-01-05,30",
    )
    assert _kpis(marts, "A", DAY5) == {
        "impressions": 100.0,
        "clicks": 5.0,
        "ctr": 0.05,
        "cpc": 3.3333,
        "spend": 10.0,
        "roi": -1.0,
    }
    assert _kpis(marts, "all", DAY5) == {
        "impressions": 200.0,
        "clicks": 7.0,
        "ctr": 0.035,
        "cpc": 3.0,
        "spend": 12.0,
        "roi": -1.0,
    }


def test_k18_the_company_counts_everything_once(tmp_path: Path) -> None:
    url = "https://shop.example/a?utm_campaign=b"
    marts = marts_of(
        tmp_path,
        # a session, a new contact, an influence of A and of B, and the interaction of three deals
        event("1 page_viewed 05T09:59:30 va", url=url),
        event("2 account_registered 05T09:59:40 va", url=url),
        # of nobody
        event("3 page_viewed 05T09:59:30 v1"),
        **DEALS,
        ad_stats="asset_id,network,stat_date,cost\nad,google,2025-01-06,50",
    )
    touched = {
        "sessions": 1.0,
        "new_contacts_first_touch": 1.0,
        "new_contacts_last_touch": 1.0,
        "influenced_contacts": 1.0,
        "conversion_rate": 1.0,
    }
    assert _kpis(marts, "A", DAY5) == touched
    assert _kpis(marts, "B", DAY5) == touched
    assert _kpis(marts, "all", DAY5) == {**touched, "sessions": 2.0, "conversion_rate": 0.5}
    assert _kpis(marts, "B", DAY6) == {
        "closed_deals": 2.0,
        "influenced_revenue": 110.0,
        "revenue": 55.0,
        "attributed_revenue": 55.0,
    }
    assert _kpis(marts, "all", DAY6) == {
        "closed_deals": 2.0,
        "influenced_revenue": 110.0,
        "revenue": 110.0,
        "attributed_revenue": 110.0,
        "spend": 50.0,
        "cac": 25.0,
        "roi": 1.2,
        "roas": 2.2,
    }
    assert _kpis(marts, "A", DAY6)["roas"] == 1.1


def test_k18_a_visitor_converts_once_a_day(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        event("2 page_viewed 05T12:00:00 v1 page"),
        event("3 purchase_completed 05T12:00:01 v1"),
        event("4 page_viewed 05T14:00:00 v1"),
        event("5 purchase_completed 05T14:00:01 v1"),
        event("6 page_viewed 05T10:00:00 v2 page"),
        # in a session of no campaign
        event("7 page_viewed 05T12:00:00 v2"),
        event("8 purchase_completed 05T12:00:00 v2"),
        # on the date on which the session began
        event("9 page_viewed 05T23:59:59 v3 page"),
        event("a purchase_completed 06T00:00:00 v3"),
    )
    assert _kpis(marts, "A", DAY5) == {"sessions": 4.0, "conversion_rate": 2 / 3}
    assert _kpis(marts, "all", DAY5) == {"sessions": 6.0, "conversion_rate": 1.0}


@pytest.mark.parametrize(
    ("association", "ranks"),
    [
        (" CRM Tool ,2025-01-01,", {"A": 3.0, "all": 4.0}),
        ("crm tool,2025-01-05T23:59:59Z,", {"A": 3.0, "all": 4.0}),
        ("crm tool,2025-01-06T00:00:00Z,", {"A": None, "all": 4.0}),
        ("crm tool,2025-01-01,2025-01-05T00:00:00Z", {"A": None, "all": 4.0}),
        ("crm tool,2025-01-01,2025-01-05T00:00:01Z", {"A": 3.0, "all": 4.0}),
        ("crm tool,2025-01-05T12:00:00Z,2025-01-05T12:00:00Z", {"A": None, "all": 4.0}),
        ("crm,2025-01-01,", {"A": None, "all": 4.0}),
    ],
)
def test_k18_a_campaigns_rank_is_that_of_its_keywords(
    tmp_path: Path, association: str, ranks: dict[str, float | None]
) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page"),
        campaign_keywords=f"campaign_id,keyword,associated_at,removed_at\nA,{association}",
        search_rankings="""
            keyword,engine,stat_date,position
            Crm Tool,google,2025-01-05,1
            crm tool,bing,2025-01-05,5
            crm tool,ask,2025-01-05,
            other,google,2025-01-05,6
            """,
    )
    found = told(marts, "kpi_daily", "campaign_id value", date=DAY5, kpi="search_rank")
    assert dict(found) == ranks
