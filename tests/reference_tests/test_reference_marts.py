from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.reference import compute

Marts = dict[str, list[dict[str, Any]]]

# One small company, its marts worked out by hand.
TABLES = {
    "campaigns": """
        campaign_id,name,created_at,utm_campaign,is_deleted
        A,a,2025-01-01,Spring,
        B,b,2025-01-10,spring,
        X,x,2025-01-01,spring,true
        """,
    "assets": """
        asset_id,asset_type,url,form_id
        page,landing_page,https://www.shop.example/Offer/,
        form,form,,
        cta,cta,,form
        mail,marketing_email,,
        """,
    # the page moves from A through X (deleted, still ends it) back to A
    "campaign_assets": """
        campaign_id,asset_id,associated_at,removed_at
        A,page,2025-01-01,
        X,page,2025-01-20,
        A,page,2025-01-25,
        B,cta,2025-01-01,2025-01-05T12:00:00Z
        A,mail,2025-01-01,2025-01-02
        B,mail,2025-01-02,
        """,
    "contacts": """
        contact_id,created_at,email,is_deleted
        ann,2025-01-05T10:00:20Z, Ann@Example.com ,
        bob,2025-01-21T00:00:00Z,,true
        old,2025-01-04T00:00:00Z,,
        eve,2025-01-05T10:00:00Z,,
        """,
    "contact_merges": """
        merged_contact_id,contact_id,merged_at
        old,bob,2025-03-01
        """,
    "contact_erasures": """
        contact_id,requested_at
        eve,2025-04-01
        """,
    "visitor_identities": """
        visitor_id,contact_id,identified_at
        va,ann,2025-01-05T10:00:20Z
        ve,eve,2025-01-05T10:00:00Z
        """,
    "events": """
        event_id,event_type,occurred_at,visitor_id,contact_id,asset_id,url
        01,page_viewed,2025-01-05T09:59:00Z,va,,,http://shop.example/Offer?utm_campaign=SPRING
        02,cta_viewed,2025-01-05T09:59:10Z,va,,cta,
        03,form_submitted,2025-01-05T10:00:20Z,va,ann,form,https://shop.example/Offer
        04,email_sent,2025-01-01T08:00:00Z,,ann,mail,
        05,email_opened,2025-01-01T09:00:00Z,,ann,mail,
        06,page_viewed,2025-01-21T00:00:00Z,vb,old,page,
        07,page_viewed,2025-01-26T00:00:00Z,vb,bob,page,
        08,page_viewed,2025-01-05T09:00:00Z,ve,,,https://shop.example/?utm_campaign=spring&gclid=1
        09,page_viewed,2025-01-05T09:00:01Z,ve,,page,https://shop.example/offer
        """,
    "pipeline_stages": """
        pipeline_id,stage_id,is_won,is_closed
        p,won,true,true
        p,lost,false,true
        """,
    "deals": """
        deal_id,created_at,amount,currency,pipeline_id,stage_id,closed_at
        d1,2025-01-06,100.01,,p,won,2025-02-01T00:00:00Z
        d2,2025-01-06,10,USD,,won,
        d3,2025-01-06,7,,p,lost,2025-02-01
        """,
    "deal_stage_history": """
        deal_id,stage_id,entered_at
        d2,won,2025-02-03T00:00:00Z
        """,
    "deal_contacts": """
        deal_id,contact_id,associated_at,removed_at
        d1,ann,2025-01-06,2025-02-01T00:00:00.000001Z
        d1,bob,2025-01-06,2025-02-01T00:00:00Z
        d2,old,2025-02-03T00:00:00Z,
        d2,eve,2025-01-06,
        """,
    "exchange_rates": """
        currency,valid_from,rate
        USD,2025-01-01,0.5
        USD,2025-02-04,0.9
        """,
}


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    landing = tmp_path_factory.mktemp("landing")
    for table, text in TABLES.items():
        (landing / table).mkdir()
        lines = [line.removeprefix(" " * 8) for line in text.strip("\n").split("\n")]
        (landing / table / "part.csv").write_text("\n".join(lines).rstrip() + "\n")
    return compute([landing])


def _row(marts: Marts, mart: str, **key: Any) -> dict[str, Any]:
    (row,) = [row for row in marts[mart] if all(row[name] == key[name] for name in key)]
    return row


def test_every_row_of_the_files_was_loaded(marts: Marts) -> None:
    assert {row["status"] for row in marts["load_audit"]} == {"loaded"}
    assert marts["quarantine"] == []


def test_influence_by_utm_page_email_and_cta_with_form(marts: Marts) -> None:
    pairs = {
        (row["campaign_id"], row["contact_id"], row["asset_type"], row["asset_id"]): (
            row["first_influenced_at"],
            row["interactions"],
        )
        for row in marts["campaign_influences"]
    }
    assert pairs == {
        # B was created after the utm visit, and X is deleted: only A
        ("A", "ann", "utm_campaign", None): (datetime(2025, 1, 5, 9, 59), 1),
        ("A", "ann", "landing_page", "page"): (datetime(2025, 1, 5, 9, 59), 1),
        ("A", "ann", "marketing_email", "mail"): (datetime(2025, 1, 1, 9), 1),
        ("B", "ann", "cta", "cta"): (datetime(2025, 1, 5, 10, 0, 20), 1),
        # bob saw the page while X held it (nothing), then under A again
        ("A", "bob", "landing_page", "page"): (datetime(2025, 1, 26), 1),
    }
    ann = _row(marts, "campaign_contacts", campaign_id="A", contact_id="ann")
    assert (ann["first_influence_rule"], ann["first_asset_id"], ann["influences"]) == (
        "I-3",
        "mail",
        3,
    )


def test_new_contacts(marts: Marts) -> None:
    flags = {
        (row["campaign_id"], row["contact_id"]): (
            row["is_new_first_touch"],
            row["is_new_last_touch"],
            row["has_revenue"],
        )
        for row in marts["campaign_contacts"]
    }
    # bob is deleted, eve erased; ann converted by the form after viewing A's page in the session
    assert flags == {
        ("A", "ann"): (True, True, True),
        ("B", "ann"): (False, False, True),  # the CTA, a revenue interaction
        ("A", "bob"): (False, False, True),
    }


def test_campaign_measures_count_the_erased_too(marts: Marts) -> None:
    row = _row(marts, "campaigns", campaign_id="A")
    measures = {name: row[name] for name in row if name not in ("name", "created_at")}
    assert measures == {
        "campaign_id": "A",
        "status": None,
        "start_date": None,
        "end_date": None,
        "sessions": 2,  # ann's, and bob's second; eve's came from an ad
        "new_contacts_first_touch": 1,
        "new_contacts_last_touch": 1,
        "influenced_contacts": 3,
        "unique_marketing_influences": 6,
        "closed_deals": 2,
        "contacts_with_revenue": 3,
        "contacts_with_attributed_revenue": 3,
        "influenced_revenue": Decimal("105.01"),
        # d1: ann's page view, CTA view and form: 33.34 (first in time), 33.34, 33.33
        # d2 (5.00): eve's two views for A, bob's two views of which one counts: 3.75
        "revenue": Decimal("37.09"),
        # nobody was called, met or scanned a code: what earns revenue earns credit, and evenly
        "attributed_revenue": Decimal("37.09"),
        "spend": Decimal("0.00"),
        "ad_cost": Decimal("0.00"),
        "customers": 3,
        "roi": None,
        "cac": Decimal("0.0000"),
        "budget": None,
    }
    assert [row["campaign_id"] for row in marts["campaigns"]] == ["A", "B"]


def test_revenue_is_split_over_all_revenue_interactions(marts: Marts) -> None:
    revenue = {
        (row["deal_id"], row["campaign_id"]): row["revenue"] for row in marts["campaign_revenue"]
    }
    assert revenue == {
        ("d1", "A"): Decimal("33.34"),
        ("d1", "B"): Decimal("33.34"),
        ("d1", "no campaign"): Decimal("33.33"),
        ("d2", "A"): Decimal("3.75"),
        ("d2", "no campaign"): Decimal("1.25"),
    }


def test_daily_measures_add_up_to_the_campaigns(marts: Marts) -> None:
    for campaign in marts["campaigns"]:
        days = [
            row for row in marts["campaign_daily"] if row["campaign_id"] == campaign["campaign_id"]
        ]
        for name in days[0]:
            if name not in ("campaign_id", "date", "roi", "cac"):
                assert sum(day[name] for day in days) == campaign[name], name
    day = _row(marts, "campaign_daily", campaign_id="A", date=date(2025, 2, 3))
    assert (day["closed_deals"], day["influenced_revenue"], day["revenue"]) == (
        1,
        Decimal("5.00"),
        Decimal("3.75"),
    )


def test_deals_close_convert_and_count_their_contacts(marts: Marts) -> None:
    deals = {
        row["deal_id"]: (row["amount"], row["closed_at"], row["contacts"], row["campaigns"])
        for row in marts["deals"]
    }
    assert deals == {
        "d1": (Decimal("100.01"), datetime(2025, 2, 1), 1, 2),
        "d2": (Decimal("5.00"), datetime(2025, 2, 3), 2, 1),
        "d3": (Decimal("7.00"), datetime(2025, 2, 1), 0, 0),
    }
    d2 = _row(marts, "campaign_deals", campaign_id="A", deal_id="d2")
    assert (d2["contact_id"], d2["influenced_at"]) == (None, datetime(2025, 1, 5, 9))


def test_contacts_merge_and_the_erased_have_no_row(marts: Marts) -> None:
    assert [row["contact_id"] for row in marts["contacts"]] == ["ann", "bob"]
    bob = _row(marts, "contacts", contact_id="bob")
    assert (bob["created_at"], bob["is_deleted"]) == (datetime(2025, 1, 4), True)
    assert (bob["deals"], bob["revenue"]) == (1, Decimal("5.00"))
    assert marts["contact_aliases"] == [{"merged_contact_id": "old", "contact_id": "bob"}]
    erased = [row for row in marts["sessions"] if row["visitor_id"] is None]
    assert [(row["contact_id"], row["page_views"]) for row in erased] == [(None, 2)]


def test_assets_show_their_whole_history_and_campaigns_what_came_after_association(
    marts: Marts,
) -> None:
    mail = _row(marts, "assets", asset_id="mail")
    assert (mail["campaign_id"], mail["opens"], mail["interactions"]) == ("B", 1, 2)
    in_a = _row(marts, "campaign_assets", campaign_id="A", asset_id="mail")
    in_b = _row(marts, "campaign_assets", campaign_id="B", asset_id="mail")
    assert (in_a["opens"], in_a["is_current"], in_a["travelling_opens"]) == (1, False, None)
    assert (in_b["opens"], in_b["is_current"], in_b["travelling_opens"]) == (0, True, 1)
    page = _row(marts, "campaign_assets", campaign_id="A", asset_id="page")
    assert (page["views"], page["influenced_contacts"]) == (3, 3)
    intervals = [
        (row["associated_at"], row["ended_at"], row["reasons"])
        for row in marts["asset_visibility"]
        if row["asset_id"] == "page"
    ]
    assert intervals == [
        (datetime(2025, 1, 1), datetime(2025, 1, 20), ["association_ended"]),
        (datetime(2025, 1, 25), None, []),
    ]
