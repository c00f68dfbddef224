"""Data-quality issues over the rows that count."""

from typing import Any

from .deals import Stages
from .events import EVENT_TYPES
from .identity import Identity
from .kpis import COMPANY, KPIS

Row = dict[str, Any]

# table: its columns that refer to a row of another table
REFERENCES = {
    "events": ("contact_id", "asset_id", "deal_id"),
    "visitor_identities": ("contact_id",),
    "contact_merges": ("contact_id",),
    "deal_stage_history": ("deal_id",),
    "deal_contacts": ("deal_id", "contact_id"),
    "campaign_assets": ("campaign_id", "asset_id"),
    "campaign_keywords": ("campaign_id",),
    "campaign_spend": ("campaign_id",),
    "kpi_targets": ("campaign_id",),
    "ad_stats": ("asset_id",),
    "social_stats": ("asset_id",),
    "affiliates": ("asset_id",),
}
REFERRED = {
    "contact_id": "contacts",
    "asset_id": "assets",
    "deal_id": "deals",
    "campaign_id": "campaigns",
}


def unknown_references(tables: dict[str, list[Row]], identity: Identity) -> set[tuple[str, str]]:
    """(table, ``column=value``) of every reference to a row that isn't there; a deleted row is
    there. What names an erased contact is left out (ID-6)."""
    known = {column: {row[column] for row in tables[table]} for column, table in REFERRED.items()}
    found = set()
    for table, columns in REFERENCES.items():
        for row in tables[table]:
            for column in columns:
                value = row[column]
                if value is None or value in known[column]:
                    continue
                if table == "kpi_targets" and value == COMPANY:
                    continue
                if column == "contact_id" and identity.survivor(value) in identity.erased:
                    continue
                found.add((table, f"{column}={value}"))
    return found


def unknown_stages(tables: dict[str, list[Row]], stages: Stages) -> set[tuple[str, str]]:
    """(table, stage id) of every stage that is given and not listed (D-1)."""
    found = set()
    pipeline_of = {}
    for row in tables["deals"]:
        pipeline_of[row["deal_id"]] = row["pipeline_id"]
        if row["stage_id"] is not None and not stages.find(row["pipeline_id"], row["stage_id"]):
            found.add(("deals", row["stage_id"]))
    for row in tables["deal_stage_history"]:
        if row["deal_id"] not in pipeline_of:
            continue  # the entry waits for its deal, and so for its pipeline
        pipeline_id = row["pipeline_id"] or pipeline_of[row["deal_id"]]
        if not stages.find(pipeline_id, row["stage_id"]):
            found.add(("deal_stage_history", row["stage_id"]))
    return found


def data_quality_issues(
    tables: dict[str, list[Row]],
    extra_columns: set[tuple[str, str]],
    identity: Identity,
    stages: Stages,
    unconverted: set[tuple[str, str]],
) -> list[Row]:
    """All issues, each once.

    Args:
        tables: the rows that count.
        extra_columns: (table, column) unknown to the contract.
        identity: resolves merges.
        stages: the listed stages.
        unconverted: (table, key) of what lacks a rate (D-8): deals, campaigns, spend and
            affiliates by their id, costs of ads and values of events by their currency.
    """
    issues: set[tuple[str, str, str]] = set()
    for row in tables["events"]:
        if row["event_type"] not in EVENT_TYPES:
            issues.add(("unknown_event_type", "events", row["event_type"]))
    for contact_id in identity.cycles:
        if contact_id not in identity.erased:
            issues.add(("merge_cycle", "contact_merges", contact_id))
    for row in tables["kpi_targets"]:
        if row["kpi"] not in KPIS:
            issues.add(("unknown_kpi", "kpi_targets", row["kpi"]))
    issues.update(("missing_exchange_rate", *key) for key in unconverted)
    issues.update(("extra_column", *key) for key in extra_columns)
    issues.update(("unknown_stage", *key) for key in unknown_stages(tables, stages))
    issues.update(("unknown_reference", *key) for key in unknown_references(tables, identity))
    return [
        {"rule": rule, "table_name": table, "key": key, "severity": "warning"}
        for rule, table, key in sorted(issues)
    ]
