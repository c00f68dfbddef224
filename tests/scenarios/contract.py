"""The columns of every raw table, as the scenarios write them.

Stated here once more, apart from the project's own contract: a generator that shared it would
follow each of its mistakes.
"""

from __future__ import annotations

INSTANT = "instant"
DATE = "date"
AMOUNT = "amount"
RATE = "rate"
INTEGER = "integer"
NUMBER = "number"
BOOLEAN = "boolean"
JSON = "json"
TEXT = "text"

_DATES = {
    "start_date",
    "end_date",
    "spent_on",
    "period_start",
    "period_end",
    "stat_date",
    "valid_from",
}
_INTEGERS = {"display_order", "impressions", "clicks", "reach", "mentions", "followers"}
_NUMBERS = {"target", "reported_conversions", "position", "commission_rate"}
_AMOUNTS = {"amount", "budget", "cost", "commission_fixed"}

# Columns of each table in the order of the contract; required ones start with "!".
_TABLES = {
    "events": (
        "!event_id !event_type !occurred_at visitor_id contact_id deal_id asset_id url referrer "
        "user_agent ip_country ip_region ip_city device_type browser user_id received_at properties"
    ),
    "contacts": (
        "!contact_id !created_at email phone lifecycle_stage country owner_id "
        "salesforce_campaign_id is_deleted updated_at"
    ),
    "contact_merges": "!merged_contact_id !contact_id !merged_at",
    "visitor_identities": "!visitor_id !contact_id !identified_at source",
    "contact_erasures": "!contact_id !requested_at",
    "deals": (
        "!deal_id !created_at name amount currency pipeline_id stage_id closed_at owner_id "
        "is_deleted updated_at"
    ),
    "deal_stage_history": "!deal_id !stage_id !entered_at pipeline_id",
    "deal_contacts": "!deal_id !contact_id !associated_at removed_at",
    "pipeline_stages": "!pipeline_id !stage_id label display_order !is_won !is_closed",
    "exchange_rates": "!currency !valid_from !rate",
    "users": "!user_id name team business_unit",
    "campaigns": (
        "!campaign_id !name !created_at utm_campaign start_date end_date budget currency owner_id "
        "status is_deleted updated_at"
    ),
    "assets": (
        "!asset_id !asset_type name url published_at created_at form_id properties updated_at"
    ),
    "campaign_assets": "!campaign_id !asset_id !associated_at removed_at",
    "campaign_keywords": "!campaign_id !keyword !associated_at removed_at",
    "campaign_spend": "!spend_id !spent_on !amount campaign_id currency category",
    "kpi_targets": "!campaign_id !kpi !period_start !period_end !target",
    "ad_stats": (
        "!asset_id !network !stat_date placement impressions clicks cost currency "
        "reported_conversions"
    ),
    "social_stats": "!asset_id !stat_date network impressions reach mentions followers",
    "search_rankings": "!keyword !engine !stat_date position url",
    "affiliates": "!asset_id partner commission_rate commission_fixed currency",
}

COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(column.lstrip("!") for column in columns.split())
    for table, columns in _TABLES.items()
}

REQUIRED: dict[str, tuple[str, ...]] = {
    table: tuple(column[1:] for column in columns.split() if column.startswith("!"))
    for table, columns in _TABLES.items()
}

KEYS: dict[str, tuple[str, ...]] = {
    "events": ("event_id",),
    "contacts": ("contact_id",),
    "contact_merges": ("merged_contact_id",),
    "visitor_identities": ("visitor_id", "contact_id", "identified_at"),
    "contact_erasures": ("contact_id",),
    "deals": ("deal_id",),
    "deal_stage_history": ("deal_id", "stage_id", "entered_at"),
    "deal_contacts": ("deal_id", "contact_id", "associated_at"),
    "pipeline_stages": ("pipeline_id", "stage_id"),
    "exchange_rates": ("currency", "valid_from"),
    "users": ("user_id",),
    "campaigns": ("campaign_id",),
    "assets": ("asset_id",),
    "campaign_assets": ("campaign_id", "asset_id", "associated_at"),
    "campaign_keywords": ("campaign_id", "keyword", "associated_at"),
    "campaign_spend": ("spend_id",),
    "kpi_targets": ("campaign_id", "kpi", "period_start"),
    "ad_stats": ("asset_id", "network", "placement", "stat_date"),
    "social_stats": ("asset_id", "stat_date"),
    "search_rankings": ("keyword", "engine", "stat_date"),
    "affiliates": ("asset_id",),
}

# Intervals of a table: the column where one begins and the one where it ends.
INTERVALS: dict[str, tuple[str, str]] = {
    "campaign_assets": ("associated_at", "removed_at"),
    "campaign_keywords": ("associated_at", "removed_at"),
    "deal_contacts": ("associated_at", "removed_at"),
    "campaigns": ("start_date", "end_date"),
    "kpi_targets": ("period_start", "period_end"),
}

PAGE_TYPES = ("website_page", "landing_page", "blog_post", "blog_listing", "knowledge_article")

OTHER_ASSET_TYPES = (
    "form",
    "cta",
    "cta_legacy",
    "marketing_email",
    "social_post",
    "workflow",
    "static_list",
    "marketing_event",
    "ad_campaign",
    "paid_search_campaign",
    "tracking_url",
    "qr_code",
    "tracking_number",
    "affiliate_link",
    "media",
    "document",
    "sequence",
    "sms",
    "survey",
)


def kind_of(column: str) -> str:
    """The kind of a column (`instant`, `date`, `amount`, …); the name decides it everywhere."""
    if column.endswith("_at"):
        return INSTANT
    if column in _DATES:
        return DATE
    if column in _AMOUNTS:
        return AMOUNT
    if column == "rate":
        return RATE
    if column in _INTEGERS:
        return INTEGER
    if column in _NUMBERS:
        return NUMBER
    if column.startswith("is_"):
        return BOOLEAN
    if column == "properties":
        return JSON
    return TEXT
