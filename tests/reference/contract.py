"""The input contract: tables, their keys, columns and kinds of column."""

from dataclasses import dataclass

from .values import words

RESERVED_CAMPAIGN_IDS = ("all", "no campaign", "unattributed")

ASSET_TYPES = words(
    "website_page landing_page blog_post blog_listing knowledge_article form cta cta_legacy "
    "marketing_email social_post workflow static_list marketing_event ad_campaign "
    "paid_search_campaign tracking_url qr_code tracking_number affiliate_link media document "
    "sequence sms survey"
)

DATE_COLUMNS = words("start_date end_date spent_on period_start period_end stat_date valid_from")
AMOUNT_COLUMNS = words("amount budget cost commission_fixed")
INTEGER_COLUMNS = words("display_order impressions clicks reach mentions followers")
NUMBER_COLUMNS = words("target reported_conversions position commission_rate")

# table: (column that may not lie before the other, the other)
INTERVALS = {
    "campaign_assets": ("removed_at", "associated_at"),
    "campaign_keywords": ("removed_at", "associated_at"),
    "deal_contacts": ("removed_at", "associated_at"),
    "campaigns": ("end_date", "start_date"),
    "kpi_targets": ("period_end", "period_start"),
}


@dataclass(frozen=True)
class Table:
    """One raw table of the contract."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: frozenset[str]


def _table(name: str, key: str, columns: str) -> Table:
    """Read a table from a line of column names in which ``*`` marks the required ones."""
    words = columns.split()
    return Table(
        name=name,
        key=tuple(key.split()),
        columns=tuple(word.rstrip("*") for word in words),
        required=frozenset(word.rstrip("*") for word in words if word.endswith("*")),
    )


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "events",
            "event_id",
            "event_id* event_type* occurred_at* visitor_id contact_id deal_id asset_id url "
            "referrer user_agent ip_country ip_region ip_city device_type browser user_id "
            "received_at properties",
        ),
        _table(
            "contacts",
            "contact_id",
            "contact_id* created_at* email phone lifecycle_stage country owner_id "
            "salesforce_campaign_id is_deleted updated_at",
        ),
        _table("contact_merges", "merged_contact_id", "merged_contact_id* contact_id* merged_at*"),
        _table(
            "visitor_identities",
            "visitor_id contact_id identified_at",
            "visitor_id* contact_id* identified_at* source",
        ),
        _table("contact_erasures", "contact_id", "contact_id* requested_at*"),
        _table(
            "deals",
            "deal_id",
            "deal_id* created_at* name amount currency pipeline_id stage_id closed_at owner_id "
            "is_deleted updated_at",
        ),
        _table(
            "deal_stage_history",
            "deal_id stage_id entered_at",
            "deal_id* stage_id* entered_at* pipeline_id",
        ),
        _table(
            "deal_contacts",
            "deal_id contact_id associated_at",
            "deal_id* contact_id* associated_at* removed_at",
        ),
        _table(
            "pipeline_stages",
            "pipeline_id stage_id",
            "pipeline_id* stage_id* label display_order is_won* is_closed*",
        ),
        _table("exchange_rates", "currency valid_from", "currency* valid_from* rate*"),
        _table("users", "user_id", "user_id* name team business_unit"),
        _table(
            "campaigns",
            "campaign_id",
            "campaign_id* name* created_at* utm_campaign start_date end_date budget currency "
            "owner_id status is_deleted updated_at",
        ),
        _table(
            "assets",
            "asset_id",
            "asset_id* asset_type* name url published_at created_at form_id properties updated_at",
        ),
        _table(
            "campaign_assets",
            "campaign_id asset_id associated_at",
            "campaign_id* asset_id* associated_at* removed_at",
        ),
        _table(
            "campaign_keywords",
            "campaign_id keyword associated_at",
            "campaign_id* keyword* associated_at* removed_at",
        ),
        _table(
            "campaign_spend",
            "spend_id",
            "spend_id* spent_on* amount* campaign_id currency category",
        ),
        _table(
            "kpi_targets",
            "campaign_id kpi period_start",
            "campaign_id* kpi* period_start* period_end* target*",
        ),
        _table(
            "ad_stats",
            "asset_id network placement stat_date",
            "asset_id* network* stat_date* placement impressions clicks cost currency "
            "reported_conversions",
        ),
        _table(
            "social_stats",
            "asset_id stat_date",
            "asset_id* stat_date* network impressions reach mentions followers",
        ),
        _table(
            "search_rankings",
            "keyword engine stat_date",
            "keyword* engine* stat_date* position url",
        ),
        _table(
            "affiliates", "asset_id", "asset_id* partner commission_rate commission_fixed currency"
        ),
    )
}


def kind_of(column: str) -> str:
    """Kind of a column by its name: instant, date, amount, rate, integer, number, boolean, json
    or text."""
    if column in DATE_COLUMNS:
        return "date"
    if column.endswith("_at"):
        return "instant"
    if column in AMOUNT_COLUMNS:
        return "amount"
    if column == "rate":
        return "rate"
    if column in INTEGER_COLUMNS:
        return "integer"
    if column in NUMBER_COLUMNS:
        return "number"
    if column.startswith("is_"):
        return "boolean"
    if column == "properties":
        return "json"
    return "text"
