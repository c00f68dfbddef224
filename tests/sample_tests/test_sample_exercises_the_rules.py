"""No mart of the sample is empty, and every rule that decides a row decides one of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.reference import compute

BUNDLED = Path(__file__).parents[2] / "seeds" / "sample"

FIGURES = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "unique_marketing_influences",
    "closed_deals",
    "influenced_revenue",
    "contacts_with_revenue",
    "revenue",
    "budget",
)


# Journeys are the user's own: one, so that the marts of journeys have something to say.
JOURNEYS = {
    "visit to form": {
        "stages": [
            {"name": "Visited", "branch_by": "country", "steps": [{"event": "page_viewed"}]},
            {"name": "Submitted a form", "steps": [{"event": "form_submitted"}]},
        ]
    }
}


@pytest.fixture(scope="module")
def marts() -> dict[str, list[dict[str, Any]]]:
    return compute([BUNDLED], journeys=JOURNEYS)


def values(marts: dict[str, list[dict[str, Any]]], mart: str, column: str) -> set[Any]:
    return {row[column] for row in marts[mart]}


def test_no_mart_is_empty(marts: dict[str, list[dict[str, Any]]]) -> None:
    assert not [mart for mart, rows in marts.items() if not rows]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_campaign_has_every_main_figure(
    marts: dict[str, list[dict[str, Any]]], figure: str
) -> None:
    assert not [row["name"] for row in marts["campaigns"] if not row[figure]]


def test_every_way_to_influence_influenced_somebody_first(
    marts: dict[str, list[dict[str, Any]]],
) -> None:
    rules = {f"I-{number}" for number in range(1, 13)}
    assert values(marts, "campaign_contacts", "first_influence_rule") - {None} == rules


def test_sessions_count_by_every_rule(marts: dict[str, list[dict[str, Any]]]) -> None:
    found = {rule for row in marts["campaign_sessions"] for rule in row["rules"]}
    assert found == {"S-3", "S-4", "S-5"}
    assert values(marts, "sessions", "is_excluded_from_campaigns") == {True, False}
    assert values(marts, "sessions", "is_engaged") == {True, False}


def test_sessions_enter_by_every_channel(marts: dict[str, list[dict[str, Any]]]) -> None:
    assert values(marts, "sessions", "entry_channel") == {
        "organic_social",
        "paid_social",
        "paid_search",
        "email",
        "qr_code",
        "affiliate",
        "other_campaign",
        "direct",
        "organic_search",
        "referral",
    }


def test_assets_are_hidden_for_every_reason_but_the_limit_of_posts(
    marts: dict[str, list[dict[str, Any]]],
) -> None:
    # A campaign would need more than ten thousand social posts to reach that limit.
    assert {reason for row in marts["asset_visibility"] for reason in row["reasons"]} == {
        "association_ended",
        "paid_search_not_visited",
        "published_outside_campaign_dates",
        "social_post_not_published",
        "tracking_url_not_visited_since_campaign_creation",
    }


def test_assets_travelled(marts: dict[str, list[dict[str, Any]]]) -> None:
    for column in ("sent", "opens", "clicks", "interactions"):
        assert any(values(marts, "campaign_assets", f"travelling_{column}") - {None, 0})


def test_every_quarantine_code_and_data_quality_rule_occurs(
    marts: dict[str, list[dict[str, Any]]],
) -> None:
    codes = {row["reason"].partition(":")[0] for row in marts["quarantine"]}
    assert codes == {
        "row_does_not_parse",
        "required_value_missing",
        "unparsable_instant",
        "unparsable_date",
        "unparsable_number",
        "unparsable_boolean",
        "properties_not_an_object",
        "unknown_asset_type",
        "no_visitor_or_contact",
        "interval_ends_before_it_begins",
        "rate_not_positive",
    }
    assert values(marts, "data_quality_issues", "rule") == {
        "unknown_event_type",
        "merge_cycle",
        "missing_exchange_rate",
        "extra_column",
        "unknown_stage",
        "unknown_reference",
    }


def test_deals_are_won_lost_and_open(marts: dict[str, list[dict[str, Any]]]) -> None:
    deals = marts["deals"]
    assert any(row["is_closed_won"] for row in deals)
    assert any(row["closed_at"] and not row["is_closed_won"] for row in deals)
    assert any(row["closed_at"] is None for row in deals)
    assert any(row["campaign_id"] == "no campaign" for row in marts["campaign_revenue"])


def test_every_column_of_the_marts_has_values(marts: dict[str, list[dict[str, Any]]]) -> None:
    empty = [
        (mart, column)
        for mart, rows in marts.items()
        for column in rows[0]
        if all(row[column] is None for row in rows)
    ]
    assert not empty
