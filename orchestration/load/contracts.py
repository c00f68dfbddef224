"""The contracts of the raw tables: their columns, in order, and what each must hold.

The one place that knows them. Everything else (parsing, quarantine, duplicates, the layout of the
raw Parquet files) follows from this data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from orchestration.errors import UsageError

GIVEN = "given"
SNAPSHOT = "snapshot"


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INSTANT = "instant"
    DATE = "date"
    AMOUNT = "amount"
    RATE = "rate"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"

    @property
    def sql_type(self) -> str:
        """The DuckDB type of a column of this kind in the raw layer."""
        return _SQL_TYPES[self]


_SQL_TYPES = {
    Kind.TEXT: "varchar",
    Kind.INSTANT: "timestamp",  # UTC, microseconds
    Kind.DATE: "date",
    Kind.AMOUNT: "decimal(18, 2)",
    Kind.RATE: "decimal(23, 16)",  # an amount of 15 digits times it still is exact
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double",
    Kind.BOOLEAN: "boolean",
    Kind.JSON: "varchar",  # the text of a JSON object
}


@dataclass(frozen=True)
class Column:
    """A column of a raw table."""

    name: str
    kind: Kind
    required: bool = False
    allowed: tuple[str, ...] | None = None  # None: any text
    reserved: tuple[str, ...] = ()  # any text but these


@dataclass(frozen=True)
class Table:
    """A raw table.

    ``key``: the columns that identify a row. ``earliest_received_counts``: of several rows with
    one key the first received counts (events), not the newest. ``interval``: begin and end column
    of an interval that must not end before it begins. ``association_time``: the column that a row
    may do without where association times follow from what each load saw.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    interval: tuple[str, str] | None = None
    needs_visitor_or_contact: bool = False
    earliest_received_counts: bool = False
    association_time: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the contract's columns, in contract order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def without_association_time(self) -> Table:
        """The table with its association time as a column that may be missing."""
        columns = tuple(
            replace(column, required=False) if column.name == self.association_time else column
            for column in self.columns
        )
        return replace(self, columns=columns)


# Columns that stand behind the contract's own in every raw file.
BOOKKEEPING_COLUMNS = (
    ("_extra", "varchar"),  # unknown columns as a JSON object, null if there are none
    ("_file", "varchar"),  # path relative to the landing folder
    ("_row_number", "bigint"),
    ("_load_id", "bigint"),
)

QUARANTINE_COLUMNS = (
    ("file", "varchar"),
    ("table_name", "varchar"),
    ("content_sha256", "varchar"),
    ("row_number", "bigint"),
    ("column_name", "varchar"),
    ("reason", "varchar"),
    ("row_sha256", "varchar"),
    ("row_text", "varchar"),
)

ASSET_TYPES = (
    "website_page",
    "landing_page",
    "blog_post",
    "blog_listing",
    "knowledge_article",
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

_DATES = {
    "start_date",
    "end_date",
    "spent_on",
    "period_start",
    "period_end",
    "stat_date",
    "valid_from",
}
_AMOUNTS = {"amount", "budget", "cost", "commission_fixed"}
_INTEGERS = {"display_order", "impressions", "clicks", "reach", "mentions", "followers"}
_NUMBERS = {"target", "reported_conversions", "position", "commission_rate"}


def _kind(name: str) -> Kind:
    if name.endswith("_at"):
        return Kind.INSTANT
    if name in _DATES:
        return Kind.DATE
    if name in _AMOUNTS:
        return Kind.AMOUNT
    if name == "rate":
        return Kind.RATE
    if name in _INTEGERS:
        return Kind.INTEGER
    if name in _NUMBERS:
        return Kind.NUMBER
    if name.startswith("is_"):
        return Kind.BOOLEAN
    if name == "properties":
        return Kind.JSON
    return Kind.TEXT


# Rows of the marts that are of no campaign go by these.
RESERVED_CAMPAIGN_IDS = ("all", "no campaign", "unattributed")


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from their names in order; a star marks those that a row must have."""
    columns = []
    for word in text.split():
        name = word.rstrip("*")
        allowed = ASSET_TYPES if name == "asset_type" else None
        columns.append(Column(name, _kind(name), word.endswith("*"), allowed))
    return tuple(columns)


_TABLES = (
    Table(
        "events",
        _columns(
            "event_id* event_type* occurred_at* visitor_id contact_id deal_id asset_id url referrer"
            " user_agent ip_country ip_region ip_city device_type browser user_id received_at"
            " properties"
        ),
        key=("event_id",),
        needs_visitor_or_contact=True,
        earliest_received_counts=True,
    ),
    # CRM
    Table(
        "contacts",
        _columns(
            "contact_id* created_at* email phone lifecycle_stage country owner_id"
            " salesforce_campaign_id is_deleted updated_at"
        ),
        key=("contact_id",),
    ),
    Table(
        "contact_merges",
        _columns("merged_contact_id* contact_id* merged_at*"),
        key=("merged_contact_id",),
    ),
    Table(
        "visitor_identities",
        _columns("visitor_id* contact_id* identified_at* source"),
        key=("visitor_id", "contact_id", "identified_at"),
    ),
    Table(
        "contact_erasures",
        _columns("contact_id* requested_at*"),
        key=("contact_id",),
    ),
    Table(
        "deals",
        _columns(
            "deal_id* created_at* name amount currency pipeline_id stage_id closed_at owner_id"
            " is_deleted updated_at"
        ),
        key=("deal_id",),
    ),
    Table(
        "deal_stage_history",
        _columns("deal_id* stage_id* entered_at* pipeline_id"),
        key=("deal_id", "stage_id", "entered_at"),
    ),
    Table(
        "deal_contacts",
        _columns("deal_id* contact_id* associated_at* removed_at"),
        key=("deal_id", "contact_id", "associated_at"),
        interval=("associated_at", "removed_at"),
        association_time="associated_at",
    ),
    Table(
        "pipeline_stages",
        _columns("pipeline_id* stage_id* label display_order is_won* is_closed*"),
        key=("pipeline_id", "stage_id"),
    ),
    Table(
        "exchange_rates",
        _columns("currency* valid_from* rate*"),
        key=("currency", "valid_from"),
    ),
    Table(
        "users",
        _columns("user_id* name team business_unit"),
        key=("user_id",),
    ),
    # Campaigns
    Table(
        "campaigns",
        (
            Column("campaign_id", Kind.TEXT, required=True, reserved=RESERVED_CAMPAIGN_IDS),
            *_columns(
                "name* created_at* utm_campaign start_date end_date budget currency owner_id"
                " status is_deleted updated_at"
            ),
        ),
        key=("campaign_id",),
        interval=("start_date", "end_date"),
    ),
    Table(
        "assets",
        _columns(
            "asset_id* asset_type* name url published_at created_at form_id properties updated_at"
        ),
        key=("asset_id",),
    ),
    Table(
        "campaign_assets",
        _columns("campaign_id* asset_id* associated_at* removed_at"),
        key=("campaign_id", "asset_id", "associated_at"),
        interval=("associated_at", "removed_at"),
        association_time="associated_at",
    ),
    Table(
        "campaign_keywords",
        _columns("campaign_id* keyword* associated_at* removed_at"),
        key=("campaign_id", "keyword", "associated_at"),
        interval=("associated_at", "removed_at"),
        association_time="associated_at",
    ),
    Table(
        "campaign_spend",
        _columns("spend_id* spent_on* amount* campaign_id currency category"),
        key=("spend_id",),
    ),
    Table(
        "kpi_targets",
        _columns("campaign_id* kpi* period_start* period_end* target*"),
        key=("campaign_id", "kpi", "period_start"),
        interval=("period_start", "period_end"),
    ),
    Table(
        "ad_stats",
        _columns(
            "asset_id* network* stat_date* placement impressions clicks cost currency"
            " reported_conversions"
        ),
        key=("asset_id", "network", "placement", "stat_date"),
    ),
    Table(
        "social_stats",
        _columns("asset_id* stat_date* network impressions reach mentions followers"),
        key=("asset_id", "stat_date"),
    ),
    Table(
        "search_rankings",
        _columns("keyword* engine* stat_date* position url"),
        key=("keyword", "engine", "stat_date"),
    ),
    Table(
        "affiliates",
        _columns("asset_id* partner commission_rate commission_fixed currency"),
        key=("asset_id",),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def tables(association_history: str) -> dict[str, Table]:
    """The contracts under ``given`` (TABLES) or ``snapshot`` association times.

    UsageError for anything else.
    """
    if association_history == GIVEN:
        return TABLES
    if association_history == SNAPSHOT:
        return {name: table.without_association_time() for name, table in TABLES.items()}
    raise UsageError(
        f"association_history is {association_history!r}: set it to {GIVEN} or {SNAPSHOT}."
    )
