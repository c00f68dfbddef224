from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.reference_tests.shop import event, marts_of, told

DAY5, DAY6 = date(2025, 1, 5), date(2025, 1, 6)


def _money(text: str) -> Decimal:
    return Decimal(text)


# --- K-0: the campaigns of an event -----------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "campaigns"),
    [
        # in a session of A's page
        (["0 page_viewed 05T10:00:00 v1 page", "1 feature_used 05T10:29:59 v1"], ["A"]),
        # the session has ended
        (["0 page_viewed 05T10:00:00 v1 page", "1 feature_used 05T10:30:00 v1"], ["no campaign"]),
        # of an asset of no campaign, whatever the session
        (
            ["0 page_viewed 05T10:00:00 v1 page", "1 feature_used 05T10:00:01 v1 free"],
            ["no campaign"],
        ),
        # of an asset that nobody knows
        (
            ["0 page_viewed 05T10:00:00 v1 page", "1 feature_used 05T10:00:01 v1 what"],
            ["no campaign"],
        ),
        # of A's asset
        (["1 feature_used 05T10:00:00 v1 mail"], ["A"]),
        # of A's asset before it was A's
        (["1 feature_used 05T10:00:00 ann nothing"], ["no campaign"]),
        # a contact alone is in no session
        (["0 page_viewed 05T10:00:00 va page", "1 feature_used 05T10:00:01 ann"], ["no campaign"]),
    ],
)
def test_k0_the_campaigns_of_an_event(
    tmp_path: Path, events: list[str], campaigns: list[str]
) -> None:
    marts = marts_of(tmp_path, *map(event, events))
    assert told(marts, "behavior_daily", "campaign_id daily_active") == [
        (campaign, 1) for campaign in campaigns
    ]


def test_k0_an_event_of_a_session_of_two_campaigns_stands_under_each(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("0 page_viewed 05T10:00:00 v1 page", url="https://shop.example/a?utm_campaign=B"),
        event("1 feature_used 05T10:00:01 v1"),
        event("2 page_viewed 05T12:00:00 v2 page", url="https://shop.example/a?gclid=1"),
        event("3 feature_used 05T12:00:01 v2"),
    )
    assert told(marts, "behavior_daily", "campaign_id daily_active") == [
        ("A", 1),
        ("B", 1),
        ("no campaign", 1),  # the session came from an ad
    ]


# --- K-1..K-6: figures that come by day -------------------------------------------------------


def test_k1_k3_k4_k5_ads_by_day_with_their_ratios(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        ad_stats="""
            asset_id,network,stat_date,placement,impressions,clicks,cost,currency,reported_conversions
            ad,google,2025-01-05,search,1000,3,10.01,USD,1.5
            ad,google,2025-01-04,display,,,10.01,USD,
            free,meta,2025-01-05,Search,10,0,5,,2
            """,
    )
    columns = "campaign_id asset_id network placement date impressions clicks cost conversions"
    assert told(marts, "ad_performance", columns) == [
        # no rate was known yet: no cost
        ("A", "ad", "google", "display", date(2025, 1, 4), 0, 0, _money("0.00"), 0.0),
        # 5.005 rounds away from zero
        ("A", "ad", "google", "search", DAY5, 1000, 3, _money("5.01"), 1.5),
        ("no campaign", "free", "meta", "Search", DAY5, 10, 0, _money("5.00"), 2.0),
    ]
    assert told(marts, "ad_performance", "ctr benchmark_ctr cpc conversion_rate") == [
        (None, 0.0057, None, None),
        (0.003, 0.0664, Decimal("1.6700"), 0.5),
        (0.0, None, None, None),
    ]
    assert told(marts, "data_quality_issues", "table_name key", rule="missing_exchange_rate") == [
        ("ad_stats", "USD")
    ]


@pytest.mark.parametrize(
    ("associations", "campaign_id"),
    [
        (["A,ad,2025-01-05T23:59:59.999999Z,"], "A"),
        (["A,ad,2025-01-06T00:00:00Z,"], "no campaign"),
        (["A,ad,2025-01-01,2025-01-05T00:00:00.000001Z"], "A"),
        (["A,ad,2025-01-01,2025-01-05T00:00:00Z"], "no campaign"),
        (["A,ad,2025-01-01,", "B,ad,2025-01-05T12:00:00Z,"], "B"),
        (["A,ad,2025-01-01,", "B,ad,2025-01-05T12:00:00Z,2025-01-05T12:00:00Z"], "A"),
        (["A,ad,2025-01-01,", "B,ad,2025-01-05T12:00:00Z,2025-01-05T13:00:00Z"], "B"),
        (["A,ad,2025-01-01,", "X,ad,2025-01-05T12:00:00Z,"], "no campaign"),
        (["A,ad,2025-01-01,", "B,ad,2025-01-06T00:00:00Z,"], "A"),
    ],
)
def test_k6_the_campaign_of_a_day_is_the_last_that_held_the_asset(
    tmp_path: Path, associations: list[str], campaign_id: str
) -> None:
    head = "campaign_id,asset_id,associated_at,removed_at"
    marts = marts_of(
        tmp_path,
        campaign_assets="\n".join([head, *associations]),
        ad_stats="asset_id,network,stat_date\nad,google,2025-01-05",
    )
    assert told(marts, "ad_performance", "campaign_id") == [(campaign_id,)]


def test_k6_a_day_is_the_report_zones(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        campaign_assets="""
            campaign_id,asset_id,associated_at
            A,ad,2025-01-01
            B,ad,2025-01-06T04:59:59Z
            """,
        ad_stats="asset_id,network,stat_date\nad,google,2025-01-05",
        settings={"report_timezone": "America/New_York"},
    )
    assert told(marts, "ad_performance", "campaign_id") == [("B",)]


def test_k2_positions_by_keyword_engine_and_month(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        search_rankings="""
            keyword,engine,stat_date,position
            crm,google,2025-01-05,1
            crm,google,2025-01-06,10.00004
            crm,google,2025-01-07,10.5
            crm,google,2025-01-08,
            crm,google,2025-01-31,0.9
            crm,google,2025-02-01,4
            crm,bing,2025-01-05,
            CRM,google,2025-01-05,2
            """,
    )
    columns = "keyword engine month mean_position best_position days first_page_share"
    january = date(2025, 1, 1)
    assert told(marts, "search_rankings", columns) == [
        ("CRM", "google", january, 2.0, 2.0, 1, 1.0),
        ("crm", "google", january, 5.6, 0.9, 4, 0.5),
        ("crm", "google", date(2025, 2, 1), 4.0, 4.0, 1, 1.0),
    ]


# --- clicks and the sessions that they bring --------------------------------------------------


@pytest.mark.parametrize(
    ("click", "views", "is_brought"),
    [
        ("va", ["10:00:00 va"], True),
        ("va", ["10:29:59.999999 va"], True),
        ("va", ["10:30:00 va"], False),
        ("va", ["09:59:59 va"], False),
        # the first page view after the click begins no session
        ("va", ["09:59:59 va", "10:00:01 va"], False),
        ("va", ["09:30:00 va", "10:00:00 va"], True),
        # a visitor's click is no other visitor's
        ("v1", ["10:00:00 va"], False),
        ("v1+ann", ["10:00:00 va"], False),
        # a contact's is any visitor's that is the contact
        ("ann", ["10:00:00 va"], True),
        ("ann", ["10:00:00 v1+ann", "10:00:01 va"], True),
        ("ann", ["10:30:00 va"], False),
        ("ann", ["10:00:00 vb"], False),
        ("ann", ["09:59:59 va", "10:00:00 va"], False),
        # page views that no visitor made are in no session
        ("ann", ["10:00:00 ann", "10:00:01 va"], True),
        # nobody knows the contact
        ("eve", ["10:00:00 v1+eve"], False),
    ],
)
def test_k8_a_click_brings_the_session_that_begins_within_the_limit(
    tmp_path: Path, click: str, views: list[str], is_brought: bool
) -> None:
    pages = []
    for number, view in enumerate(views):
        at, who = view.split()
        pages.append(event(f"v{number} page_viewed 05T{at} {who}"))
        pages.append(event(f"c{number} account_registered 05T{at} {who}"))
    marts = marts_of(tmp_path, event(f"0 email_clicked 05T10:00:00 {click} mail"), *pages)
    found = sum(row["conversions"] for row in marts["email_performance"])
    assert bool(found) == is_brought


def test_k8_the_latest_of_several_clicks_brought_the_session(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("0 email_clicked 05T10:00:00 va mail", mail_client="Gmail"),
        event("1 email_clicked 05T10:01:00 va other", mail_client="Outlook"),
        event("2 page_viewed 05T10:02:00 va"),
        event("3 purchase_completed 05T10:02:01 va"),
        event("4 account_registered 05T10:02:02 va"),
        event("5 email_clicked 05T10:02:03 va mail"),  # too late
        event("6 form_submitted 05T10:32:00 va"),  # outside
    )
    assert told(marts, "email_performance", "campaign_id asset_id clicked conversions") == [
        ("A", "mail", 1, 0),
        ("A", "mail", 1, 0),
        ("no campaign", "other", 1, 2),
    ]


def test_k8_conversions_stand_on_their_own_date_under_the_clicks_dimensions(
    tmp_path: Path,
) -> None:
    marts = marts_of(
        tmp_path,
        event(
            "0 email_clicked 05T23:59:00 va mail",
            mail_client="Gmail",
            device_type="mobile",
            ip_country="DE",
        ),
        event("1 page_viewed 05T23:59:30 va", device_type="desktop"),
        event("2 purchase_completed 06T00:00:00 va"),
    )
    columns = "campaign_id asset_id device_type mail_client country date clicked conversions"
    assert told(marts, "email_performance", columns) == [
        ("A", "mail", "mobile", "Gmail", "DE", DAY5, 1, 0),
        ("A", "mail", "mobile", "Gmail", "DE", DAY6, 0, 1),
    ]


# --- K-8..K-11 --------------------------------------------------------------------------------


def test_k8_emails_are_counted_and_their_rates_taken(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 email_sent 05T10:00:00 ann mail"),
        *(event(f"2{n} email_delivered 05T10:00:00 ann mail") for n in range(4)),
        event("3 email_bounced 05T10:00:00 ann mail"),
        *(event(f"4{n} email_opened 05T10:00:00 ann mail") for n in range(2)),
        event("5 email_clicked 05T10:00:00 ann mail"),
        event("6 email_reported_spam 05T10:00:00 ann mail"),
        event("7 email_subscription_updated 05T10:00:00 ann mail", status="Unsubscribed"),
        event("8 email_subscription_updated 05T10:00:00 ann mail", status="subscribed"),
        event("9 email_forwarded 05T10:00:00 ann mail"),
        event("10 email_subscription_updated 05T10:00:00 bob free", status="subscribed"),
    )
    (row,) = marts["email_performance"]
    assert row == {
        "campaign_id": "A",
        "asset_id": "mail",
        "device_type": None,
        "mail_client": None,
        "country": None,
        "date": DAY5,
        "sent": 1,
        "delivered": 4,
        "bounced": 1,
        "opened": 2,
        "clicked": 1,
        "spam": 1,
        "unsubscribed": 1,
        "forwarded": 1,
        "conversions": 0,
        "open_rate": 0.5,
        "click_rate": 0.25,
        "click_through_rate": 0.5,
        "conversion_rate": 0.0,
    }


def test_k9_a_person_is_unique_at_its_first_scan_of_a_code_under_a_campaign(
    tmp_path: Path,
) -> None:
    marts = marts_of(
        tmp_path,
        event("1 qr_code_scanned 05T10:00:00 va code", ip_country="DE", ip_city="Berlin"),
        event("2 qr_code_scanned 05T10:00:00 ann code", ip_country="DE", country="FR"),
        event("3 qr_code_scanned 06T10:00:00 v1 code"),
        event("4 qr_code_scanned 06T10:00:00 v1+eve code"),  # eve has no row: the visitor
        event("5 qr_code_scanned 06T10:00:00 eve code"),  # nobody but her name
        event("6 qr_code_scanned 06T10:00:00 va"),  # no code
    )
    columns = "campaign_id asset_id country region city date scans unique_visitors"
    assert told(marts, "qr_performance", columns) == [
        ("A", "code", None, None, None, DAY6, 3, 2),
        ("A", "code", "DE", None, "Berlin", DAY5, 1, 1),
        ("A", "code", "FR", None, None, DAY5, 1, 0),
        ("no campaign", None, None, None, None, DAY6, 1, 1),
    ]


def test_k9_scans_by_weekday_and_hour_of_the_reports_clocks(tmp_path: Path) -> None:
    events = [
        event("1 qr_code_scanned 05T23:30:00 v1 code"),  # a Sunday in UTC
        event("2 qr_code_scanned 12T23:59:59 v1 code"),
    ]
    columns = "campaign_id asset_id weekday hour scans"
    marts = marts_of(tmp_path / "utc", *events)
    assert told(marts, "qr_heatmap", columns) == [("A", "code", 7, 23, 2)]
    marts = marts_of(tmp_path / "rome", *events, settings={"report_timezone": "Europe/Rome"})
    assert told(marts, "qr_heatmap", columns) == [("A", "code", 1, 0, 2)]


def test_k10_posts_have_statistics_interactions_and_conversions(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 social_post_interacted 05T10:00:00 va post", network="x", interaction="click"),
        event("2 social_post_interacted 05T10:00:01 va post", network="x", interaction="like"),
        event("3 page_viewed 05T10:00:02 va"),
        event("4 purchase_completed 05T10:00:03 va"),
        event("5 social_post_interacted 05T10:00:00 vb post", interaction="share"),
        social_stats="""
            asset_id,stat_date,network,reach,impressions,mentions
            post,2025-01-05,x,8,100,
            free,2025-01-06,,,,
            """,
    )
    columns = "campaign_id network asset_id date reach impressions mentions engagements"
    assert told(marts, "social_performance", f"{columns} clicks conversions engagement_rate") == [
        ("A", None, "post", DAY5, 0, 0, 0, 1, 0, 0, None),
        ("A", "x", "post", DAY5, 8, 100, 0, 2, 1, 1, 0.25),
        ("no campaign", None, "free", DAY6, 0, 0, 0, 0, 0, 0, None),
    ]


def test_k11_calls_by_outcome_and_length(tmp_path: Path) -> None:
    outcomes = ["answered", "missed", "busy", "no_answer", "voicemail", "completed", "Answered"]
    durations = [10, "20.5555", "-1", 1e20, "long", None, "3e0"]
    marts = marts_of(
        tmp_path,
        event("0 call_started 05T10:00:00 ann number"),
        *(
            event(
                f"c{number} call_ended 05T10:00:00 ann number",
                outcome=outcome,
                duration_s=duration,
                user_id="u1",
                country="AT",
                ip_country="DE",
            )
            for number, (outcome, duration) in enumerate(zip(outcomes, durations, strict=True))
        ),
        event("1 call_ended 05T10:00:00 ann"),
    )
    columns = "campaign_id asset_id owner country calls answered missed voicemail timed_calls"
    assert told(marts, "call_performance", f"{columns} duration_s mean_duration_s") == [
        ("A", "number", "u1", "AT", 7, 1, 3, 1, 4, Decimal("32.556"), 8.139),
        ("no campaign", None, None, None, 1, 0, 0, 0, 0, Decimal("0.000"), None),
    ]


# --- K-12 -------------------------------------------------------------------------------------


def _pixel(what: str, **told: Any) -> dict[str, Any]:
    event_id, at, *rest = what.split()
    return event(f"{event_id} pixel_fired {at} {' '.join(rest) or 'v1'}", **told)


def test_k12_reports_with_one_network_and_dedup_id_are_one_conversion(tmp_path: Path) -> None:
    buy = {"pixel_event": "purchase", "network": "meta", "dedup_id": "1"}
    marts = marts_of(
        tmp_path,
        _pixel("1 05T23:59:59", **buy, source="browser", value=10, currency="CHF"),
        _pixel("2 06T00:00:00", **buy, source="server", value=10.5, currency="USD"),
        _pixel("3 06T00:00:01", **buy, source="server", value=99),
        # another network, and none twice
        _pixel("4 05T10:00:00", **{**buy, "network": "google"}, source="server"),
        _pixel("5 05T10:00:00", **{**buy, "network": None}, source="Server"),
        _pixel("6 05T10:00:01", **{**buy, "network": ""}),
        # without a dedup id each is one by itself
        _pixel("7 05T10:00:00", **{**buy, "dedup_id": ""}, source="server", value=1),
        _pixel("8 05T10:00:00", **{**buy, "dedup_id": None}, source="server", value=2),
        # a page is no conversion; what says nothing is one
        _pixel("9 05T10:00:00", **{**buy, "pixel_event": "page_view"}),
        _pixel("10 05T10:00:00", network="meta", dedup_id="2"),
    )
    columns = "network pixel_event date conversions browser_only server_only both value"
    assert told(marts, "conversions", columns, campaign_id="no campaign") == [
        (None, "purchase", DAY5, 1, 1, 0, 0, _money("0.00")),
        ("google", "purchase", DAY5, 1, 0, 1, 0, _money("0.00")),
        ("meta", None, DAY5, 1, 1, 0, 0, _money("0.00")),
        # 10.5 USD on the 6th, and 1, and 2
        ("meta", "purchase", DAY5, 3, 0, 2, 1, _money("11.40")),
    ]
    issues = told(marts, "data_quality_issues", "table_name key", rule="missing_exchange_rate")
    assert issues == [("events", "CHF")]


def test_k12_a_conversion_is_of_all_campaigns_of_its_reports(tmp_path: Path) -> None:
    url = "https://shop.example/thanks"
    marts = marts_of(
        tmp_path,
        _pixel("1 05T10:00:00 v1", dedup_id="1", value=5, url=url),
        _pixel("2 05T10:00:01 v1 page", dedup_id="1"),
        event("3 page_viewed 05T10:00:00 v2", url=f"{url}?utm_campaign=b"),
        _pixel("4 05T10:00:02 v2", dedup_id="1"),
        _pixel("5 05T10:00:02 v1", dedup_id="2"),
    )
    assert told(marts, "conversions", "campaign_id conversions value") == [
        ("A", 1, _money("5.00")),
        ("B", 1, _money("5.00")),
        ("no campaign", 1, _money("0.00")),
    ]


def test_k12_the_audience_showed_interest_and_never_converted(tmp_path: Path) -> None:
    page = {"pixel_event": "page_view", "url": "https://shop.example/x"}
    marts = marts_of(
        tmp_path,
        _pixel("1 05T10:00:00 v1", **page),
        _pixel("2 05T10:00:05 v1", **page),
        _pixel("3 05T10:00:06 v1", pixel_event="page_view"),
        event("4 cart_updated 05T10:00:07 v1", url="https://shop.example/cart"),
        event("5 cart_updated 05T10:00:08 v1 mail"),
        _pixel("6 05T10:00:00 v2", **page),
        event("7 form_submitted 04T10:00:00 v2+ann"),
        _pixel("8 05T10:00:00 v3", **page),
        _pixel("9 09T10:00:00 v3", pixel_event="registration"),
        _pixel("10 05T10:00:00 v4", **page),
        _pixel("11 05T10:00:00 v4", pixel_event="refund"),
        event("12 cart_updated 05T10:00:07 ann"),
        _pixel("13 05T10:00:00 vb", **page),
        contact_erasures="contact_id,requested_at\nbob,2025-02-01",
    )
    columns = "campaign_id visitor_id first_interest_at last_interest_at pages carts"
    at = datetime(2025, 1, 5, 10)
    assert told(marts, "retargeting_audience", columns) == [
        ("A", "v1", at.replace(second=8), at.replace(second=8), 0, 1),
        ("no campaign", "v1", at, at.replace(second=7), 1, 1),
        ("no campaign", "v4", at, at, 1, 0),
    ]


# --- K-13 -------------------------------------------------------------------------------------

DEALS: dict[str, Any] = {
    "deals": """
        deal_id,created_at,amount,pipeline_id,stage_id,closed_at
        d,2025-01-05,100,p,won,2025-01-06T12:00:00Z
        """,
    "deal_contacts": """
        deal_id,contact_id,associated_at
        d,ann,2025-01-05
        """,
}


def test_k13_links_earn_commission_for_conversions_and_revenue(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 affiliate_link_clicked 05T10:00:00 va link"),
        event("2 page_viewed 05T10:00:01 va"),
        event("3 purchase_completed 05T10:00:02 va"),
        event("4 account_registered 05T10:00:03 va"),
        event("5 affiliate_link_clicked 05T11:00:00 v1 other"),
        **DEALS,
        affiliates="""
            asset_id,partner,commission_rate,commission_fixed,currency
            link,Pat,0.1000004,2.55,USD
            """,
    )
    columns = "campaign_id asset_id partner date clicks conversions revenue commission roi"
    assert told(marts, "affiliate_performance", columns) == [
        # 2.55 USD are 1.275, so 1.28 a conversion
        ("A", "link", "Pat", DAY5, 1, 2, _money("0.00"), _money("2.56"), -1.0),
        # the click and the page view share the amount
        ("A", "link", "Pat", DAY6, 0, 0, _money("50.00"), _money("5.00"), 9.0),
        ("no campaign", "other", None, DAY5, 1, 0, _money("0.00"), _money("0.00"), None),
    ]


def test_k13_what_has_no_rate_pays_nothing_and_is_told(tmp_path: Path) -> None:
    affiliates = """
        asset_id,commission_rate,commission_fixed,currency
        link,,2,CHF
        other,0.5,,CHF
        idle,,2,CHF
        """
    marts = marts_of(
        tmp_path,
        event("1 affiliate_link_clicked 05T10:00:00 va link"),
        event("2 page_viewed 05T10:00:01 va"),
        event("3 purchase_completed 05T10:00:02 va"),
        event("4 affiliate_link_clicked 05T11:00:00 v1 other"),
        event("5 page_viewed 05T11:00:00 v1"),
        event("6 purchase_completed 05T11:00:00 v1"),
        affiliates=affiliates,
    )
    assert told(marts, "affiliate_performance", "asset_id conversions commission") == [
        ("link", 1, _money("0.00")),
        ("other", 1, _money("0.00")),
    ]
    issues = told(marts, "data_quality_issues", "table_name key", rule="missing_exchange_rate")
    assert issues == [("affiliates", "link")]


def test_k13_a_link_of_two_campaigns_shares_its_revenue(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event(
            "1 affiliate_link_clicked 05T10:00:00 ann link", url="https://s.example/?utm_campaign=b"
        ),
        **{**DEALS, "deals": DEALS["deals"].replace("100,", "0.05,")},
        affiliates="asset_id,commission_rate\nlink,0.3",
    )
    assert told(marts, "affiliate_performance", "campaign_id date revenue commission") == [
        ("A", DAY5, _money("0.00"), _money("0.00")),
        ("A", DAY6, _money("0.03"), _money("0.01")),
        ("B", DAY5, _money("0.00"), _money("0.00")),
        ("B", DAY6, _money("0.02"), _money("0.01")),
    ]
    # the company pays for the revenue once: 0.3 of 0.05
    spend = told(marts, "kpi_daily", "value", campaign_id="all", kpi="spend", date=DAY6)
    assert spend == [(0.02,)]


# --- traffic ----------------------------------------------------------------------------------


def test_k5_a_visitor_counts_once_per_campaign_and_day(tmp_path: Path) -> None:
    marts = marts_of(
        tmp_path,
        event("1 page_viewed 05T10:00:00 v1 page", url="https://shop.example/a"),
        event("2 page_viewed 05T12:00:00 v1 page", url="https://shop.example/a"),
        event("3 purchase_completed 05T12:00:01 v1"),
        event("4 page_viewed 05T14:00:00 v1", device_type="mobile"),
        event("5 page_viewed 06T14:00:00 v1 page", url="https://shop.example/a"),
        event("6 page_viewed 06T14:01:00 v1 page"),
    )
    columns = "campaign_id entry_channel entry_url device_type date sessions engaged_sessions"
    assert told(
        marts, "traffic_performance", f"{columns} visitors page_views conversions bounce_rate"
    ) == [
        ("A", "direct", "https://shop.example/a", None, DAY5, 2, 1, 1, 2, 1, 0.5),
        ("A", "direct", "https://shop.example/a", None, DAY6, 1, 1, 1, 2, 0, 0.0),
        ("no campaign", "direct", None, "mobile", DAY5, 1, 0, 1, 1, 0, 1.0),
    ]
