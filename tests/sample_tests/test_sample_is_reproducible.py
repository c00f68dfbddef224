"""The bundled sample is what its generator writes, and holds what the marts need."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from orchestration.sample import DEFAULT_SEED, write_sample

BUNDLED = Path(__file__).parents[2] / "seeds" / "sample"

# Columns by table, as the inputs promise them: every one has a value somewhere in the sample.
TABLES = {
    "events": (
        "event_id event_type occurred_at visitor_id contact_id deal_id asset_id url referrer "
        "user_agent ip_country ip_region ip_city device_type browser user_id received_at properties"
    ),
    "contacts": (
        "contact_id created_at email phone lifecycle_stage country owner_id "
        "salesforce_campaign_id is_deleted updated_at"
    ),
    "contact_merges": "merged_contact_id contact_id merged_at",
    "visitor_identities": "visitor_id contact_id identified_at source",
    "contact_erasures": "contact_id requested_at",
    "deals": (
        "deal_id created_at name amount currency pipeline_id stage_id closed_at owner_id "
        "is_deleted updated_at"
    ),
    "deal_stage_history": "deal_id stage_id entered_at pipeline_id",
    "deal_contacts": "deal_id contact_id associated_at removed_at",
    "pipeline_stages": "pipeline_id stage_id label display_order is_won is_closed",
    "exchange_rates": "currency valid_from rate",
    "users": "user_id name team business_unit",
    "campaigns": (
        "campaign_id name created_at utm_campaign start_date end_date budget currency owner_id "
        "status is_deleted updated_at"
    ),
    "assets": (
        "asset_id asset_type name url published_at created_at form_id properties updated_at"
    ),
    "campaign_assets": "campaign_id asset_id associated_at removed_at",
    "campaign_keywords": "campaign_id keyword associated_at removed_at",
    "campaign_spend": "spend_id spent_on amount campaign_id currency category",
    "kpi_targets": "campaign_id kpi period_start period_end target",
    "ad_stats": (
        "asset_id network stat_date placement impressions clicks cost currency reported_conversions"
    ),
    "social_stats": "asset_id stat_date network impressions reach mentions followers",
    "search_rankings": "keyword engine stat_date position url",
    "affiliates": "asset_id partner commission_rate commission_fixed currency",
}

_ASSET_TYPES = (
    "website_page landing_page blog_post blog_listing knowledge_article form cta cta_legacy "
    "marketing_email social_post workflow static_list marketing_event ad_campaign "
    "paid_search_campaign tracking_url qr_code tracking_number affiliate_link media document "
    "sequence sms survey"
)

# Every event type of the catalogue but deal_stage_entered, which comes from deal_stage_history.
_EVENT_TYPES = (
    "ad_interaction call_started call_ended cta_viewed cta_clicked document_shared "
    "document_viewed document_finished form_viewed form_popup_viewed form_interacted "
    "form_submitted email_sent email_delivered email_opened email_clicked email_bounced "
    "email_reported_spam email_subscription_updated email_forwarded "
    "marketing_event_registered marketing_event_attended marketing_event_cancelled "
    "media_played meeting_booked meeting_outcome_changed message_sent message_delivered "
    "message_opened message_failed payment_initiated payment_succeeded payment_failed "
    "payment_refund_started payment_refund_completed payment_refund_failed sales_email_sent "
    "sales_email_opened sales_email_clicked sales_email_replied sequence_enrolled "
    "sequence_step_executed sequence_meeting_booked sequence_email_bounced "
    "sequence_email_unsubscribed sequence_unenrolled sequence_manually_unenrolled "
    "sequence_errored sequence_finished sms_sent sms_delivered sms_clicked sms_dropped "
    "sms_failed page_viewed workflow_enrolled list_member_added social_post_interacted "
    "qr_code_scanned affiliate_link_clicked pixel_fired account_registered "
    "purchase_completed subscription_started cart_updated cart_abandoned app_opened "
    "app_closed feature_used page_clicked page_scrolled page_error survey_responded"
)

ASSET_TYPES = set(_ASSET_TYPES.split())
EVENT_TYPES = set(_EVENT_TYPES.split())


def content(path: Path) -> Any:
    """What a file holds: of packed files what was packed, since packers differ by version."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    return pq.read_table(path) if path.suffix == ".parquet" else raw


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; a value is there or None. Lines that are no row are left out."""
    found = content(path)
    if path.suffix == ".parquet":
        rows = found.to_pylist()
    elif ".ndjson" in path.name:
        rows = [json.loads(line) for line in found.splitlines()]
    else:
        text = found.decode("utf-8-sig")
        delimiter = next(each for each in ",;\t" if each in text.splitlines()[0])
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    columns = {column for row in rows for column in row}
    return [{column: row.get(column) or None for column in columns} for row in rows]


@pytest.fixture(scope="module")
def tables() -> dict[str, list[dict[str, Any]]]:
    return {
        table: [row for path in sorted((BUNDLED / table).iterdir()) for row in rows_of(path)]
        for table in TABLES
    }


def test_the_generator_writes_the_bundled_files(tmp_path: Path) -> None:
    write_sample(tmp_path, DEFAULT_SEED)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.glob("*/*"))
    assert written == sorted(path.relative_to(BUNDLED) for path in BUNDLED.glob("*/*"))
    for path in written:
        assert content(tmp_path / path) == content(BUNDLED / path), path


def test_another_seed_gives_another_sample(tmp_path: Path) -> None:
    write_sample(tmp_path, DEFAULT_SEED + 1)
    assert content(tmp_path / "deals/deals.csv") != content(BUNDLED / "deals/deals.csv")


def test_the_sample_is_between_2_and_5_megabytes() -> None:
    size = sum(path.stat().st_size for path in BUNDLED.glob("*/*"))
    assert 2_000_000 <= size <= 5_000_000


def test_every_table_and_column_has_values(tables: dict[str, list[dict[str, Any]]]) -> None:
    assert {path.name for path in BUNDLED.iterdir()} == set(TABLES)
    for table, columns in TABLES.items():
        for column in columns.split():
            assert any(row.get(column) is not None for row in tables[table]), (table, column)


def test_every_event_type_occurs(tables: dict[str, list[dict[str, Any]]]) -> None:
    found = {row["event_type"] for row in tables["events"] if row.get("occurred_at")}
    assert found >= EVENT_TYPES
    # One type that the catalogue does not know, to show what becomes of it.
    assert found - EVENT_TYPES - {None} == {"hologram_touched"}


def test_every_asset_type_occurs(tables: dict[str, list[dict[str, Any]]]) -> None:
    assert {row["asset_type"] for row in tables["assets"]} == ASSET_TYPES | {"web_page"}


def test_every_file_format_occurs() -> None:
    names = [path.name for path in BUNDLED.glob("*/*")]
    for suffix in (".csv", ".csv.gz", ".ndjson", ".ndjson.gz", ".parquet"):
        assert any(name.endswith(suffix) for name in names), suffix


def test_people_and_hosts_are_made_up(tables: dict[str, list[dict[str, Any]]]) -> None:
    emails = [row["email"] for row in tables["contacts"] if row["email"]]
    assert all(email.endswith("@example.com") for email in emails)
    own = [row["url"] for row in tables["events"] if row["url"]]
    assert all(".example" in url for url in own)


def test_what_nobody_asks_for_is_there(tables: dict[str, list[dict[str, Any]]]) -> None:
    contacts = {row["contact_id"] for row in tables["contacts"]}
    events = tables["events"]
    merges = {row["merged_contact_id"]: row["contact_id"] for row in tables["contact_merges"]}
    flags = Counter(
        (table, row["is_deleted"])
        for table in ("contacts", "deals", "campaigns")
        for row in tables[table]
    )
    rates = {row["currency"] for row in tables["exchange_rates"] if float(row["rate"]) > 0}
    agents = " ".join({row["user_agent"] or "" for row in events}).lower()
    assert any(row["visitor_id"] == "internal-test-visitor" for row in events)
    assert all(word in agents for word in ("bot", "crawler", "spider", "headlesschrome"))
    assert any(row["contact_id"] and row["contact_id"] not in contacts for row in events)
    assert any(merges.get(survivor) == merged for merged, survivor in merges.items())
    assert any(survivor in merges for survivor in merges.values())
    assert len(tables["contact_erasures"]) == 2
    assert all(flags[table, "true"] for table in ("contacts", "deals", "campaigns"))
    assert rates == {"USD", "GBP"}
    assert any(row["currency"] == "CHF" for row in tables["deals"])
    assert len({row["event_id"] for row in events}) < len(events)
    assert any("lead_score" in row for row in tables["contacts"])
