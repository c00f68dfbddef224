"""The sample's files: mostly CSV, some NDJSON and Parquet, to show what a landing folder takes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.sample.mishaps import BrokenLine, bad_rows
from orchestration.sample.world import Row, Sample

COLUMNS: dict[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "events": (
            "event_id event_type occurred_at visitor_id contact_id deal_id asset_id url referrer "
            "user_agent ip_country ip_region ip_city device_type browser user_id received_at "
            "properties"
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
            "asset_id network stat_date placement impressions clicks cost currency "
            "reported_conversions"
        ),
        "social_stats": "asset_id stat_date network impressions reach mentions followers",
        "search_rankings": "keyword engine stat_date position url",
        "affiliates": "asset_id partner commission_rate commission_fixed currency",
    }.items()
}

FileRow = Row | BrokenLine


@dataclass(frozen=True)
class Form:
    """How a file is written; `name` ends as the form demands (`.csv`, `.ndjson.gz`, …)."""

    name: str
    delimiter: str = ","
    has_bom: bool = False

    @property
    def kind(self) -> str:
        """`csv`, `ndjson` or `parquet`."""
        return self.name.removesuffix(".gz").rpartition(".")[2]


# Tables whose files are not one plain CSV. Events have one file a month, see `_event_forms`.
_FORMS: dict[str, tuple[Form, ...]] = {
    "contacts": (Form("crm-1.csv"), Form("crm-2.csv", has_bom=True)),
    "exchange_rates": (Form("rates.csv", delimiter=";"),),
    "users": (Form("users.csv", delimiter="\t"),),
    "social_stats": (Form("social.ndjson"),),
    "search_rankings": (Form("rankings.parquet"),),
    "ad_stats": (Form("ads.csv.gz"),),
    "kpi_targets": (Form("targets.ndjson"),),
}

_EVENT_FORMS = {3: ".ndjson.gz", 6: ".parquet", 9: ".csv.gz", 11: ".csv.gz", 12: ".ndjson.gz"}


def write_landing(sample: Sample, folder: Path) -> None:
    """Writes one folder per table, with the bad rows among the good ones."""
    bad = bad_rows()
    for table, columns in COLUMNS.items():
        for form, rows in _files_of(table, sample.rows[table]):
            path = folder / table / form.name
            path.parent.mkdir(parents=True, exist_ok=True)
            # The first file of a table takes its bad rows, after the first good ones.
            mixed: list[FileRow] = [*rows[:3], *bad.pop(table, []), *rows[3:]]
            path.write_bytes(_content(table, columns, mixed, form))


def _files_of(table: str, rows: list[Row]) -> list[tuple[Form, list[Row]]]:
    if table == "events":
        months: dict[int, list[Row]] = {}
        for row in rows:
            months.setdefault(row["occurred_at"].month, []).append(row)
        return [
            (Form(f"2025-{month:02d}{_EVENT_FORMS.get(month, '.csv')}"), months[month])
            for month in sorted(months)
        ]
    forms = _FORMS.get(table, (Form(f"{table.replace('_', '-')}.csv"),))
    share = -(-len(rows) // len(forms))
    return [(form, rows[n * share : (n + 1) * share]) for n, form in enumerate(forms)]


def _content(table: str, columns: Sequence[str], rows: list[FileRow], form: Form) -> bytes:
    if form.kind == "csv":
        content = _csv(table, columns, rows, form)
    elif form.kind == "ndjson":
        content = _ndjson(columns, rows)
    else:
        content = _parquet(columns, [row for row in rows if not isinstance(row, BrokenLine)])
    # Without a time of writing, the same rows give the same bytes.
    return gzip.compress(content, mtime=0) if form.name.endswith(".gz") else content


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        precision = "milliseconds" if value.microsecond else "seconds"
        return value.isoformat(timespec=precision).replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return _json(value)
    return str(value)


def _json(value: dict[str, Any]) -> str:
    known = {key: each for key, each in value.items() if each is not None}
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def _csv(table: str, columns: Sequence[str], rows: list[FileRow], form: Form) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=form.delimiter, lineterminator="\n")
    used = list(columns)
    # One file of contacts has a column that the contract does not know.
    has_score = table == "contacts" and form.has_bom
    writer.writerow([*used, "lead_score"] if has_score else used)
    for number, row in enumerate(rows):
        if isinstance(row, BrokenLine):
            buffer.write(row.text + "\n")
            continue
        fields = [_text(row.get(column)) for column in used]
        writer.writerow([*fields, str(number * 37 % 101)] if has_score else fields)
    return buffer.getvalue().encode("utf-8-sig" if form.has_bom else "utf-8")


def _ndjson(columns: Sequence[str], rows: list[FileRow]) -> bytes:
    lines = []
    for row in rows:
        if isinstance(row, BrokenLine):
            lines.append(row.text)
            continue
        record: dict[str, Any] = {}
        for column in columns:
            value = row.get(column)
            if isinstance(value, datetime):
                record[column] = int(value.timestamp()) * 1000 + value.microsecond // 1000
            elif isinstance(value, date):
                record[column] = value.isoformat()
            elif value is not None:
                record[column] = value
        lines.append(_json(record))
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(columns: Sequence[str], rows: list[Row]) -> bytes:
    arrays = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        present = next((value for value in values if value is not None), None)
        if isinstance(present, datetime):
            arrays[column] = pa.array(values, pa.timestamp("us", "UTC"))
        elif isinstance(present, date):
            arrays[column] = pa.array(values, pa.date32())
        elif isinstance(present, int):
            arrays[column] = pa.array(values, pa.int64())
        else:
            arrays[column] = pa.array([_text(value) or None for value in values], pa.string())
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays), buffer, compression="zstd")
    return buffer.getvalue()
