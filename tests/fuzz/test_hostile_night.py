"""Values and names that read as code go through a whole night as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import PROJECT, run_command
from tests.fuzz.values import COLUMNS, TEXTS
from tests.load.folder import raw, write_table

# Those that a campaign may not be called are left out, and one of each that are equal.
NAMES = [
    text for text in dict.fromkeys(TEXTS) if text not in ("all", "no campaign", "unattributed")
]
IDS = {text: f"hostile-{position}" for position, text in enumerate(NAMES)}

# Unknown columns, among them the loader's own names; names count once whatever their case.
EXTRA = list({name.strip().lower(): name.strip() for name in COLUMNS if name.strip()}.values())

FILES = (
    "campaigns/'; drop table campaigns; --{{ x.y }}.csv",
    "contacts/${HOME} [a-z]*?.ndjson",
    'assets/"new\nline" `id` $(id).parquet',
    "campaign_assets/%s%n \\ =cmd|.csv",
    "events/{% raw %} month=5 é\u202e.ndjson",
    "campaign_keywords/--help; #.parquet",
)


def write_parquet(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    """Write rows of texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = [pa.array([row[position] for row in rows]) for position in range(len(columns))]
    pq.write_table(pa.Table.from_arrays(arrays, columns), path)


def write_hostile_files(landing: Path) -> None:
    """A campaign, a contact and an asset per text, and a page view of that contact there."""
    campaigns, contacts, assets, campaign_assets, events, keywords = (landing / n for n in FILES)
    write_table(
        campaigns,
        ["campaign_id", "name", "created_at", "utm_campaign", *EXTRA],
        [[IDS[text], text, "2025-01-01", text, *EXTRA] for text in NAMES],
    )
    write_table(
        contacts,
        ["contact_id", "created_at", "email", "country"],
        [[text, "2025-06-01T00:00:10Z", text, text] for text in NAMES],
    )
    write_parquet(
        assets,
        ["asset_id", "asset_type", "name", "url", *EXTRA],
        [[text, "landing_page", text, text, *EXTRA] for text in NAMES],
    )
    write_table(
        campaign_assets,
        ["campaign_id", "asset_id", "associated_at"],
        [[IDS[text], text, "2025-01-01"] for text in NAMES],
    )
    columns = (
        "event_id event_type occurred_at visitor_id contact_id asset_id url referrer user_agent"
    )
    write_table(
        events,
        [*columns.split(), "ip_country", "device_type", "browser", "properties"],
        [
            [
                *(text, "page_viewed", "2025-06-01T00:00:00Z", text, text, text),
                f"https://shop.example/?utm_source={text}&utm_campaign={text}#{text}",
                *(text, text, text, text, text, json.dumps({text: text})),
            ]
            for text in NAMES
        ],
    )
    write_parquet(
        keywords,
        ["campaign_id", "keyword", "associated_at"],
        [[IDS[text], text, "2025-01-01"] for text in NAMES],
    )


@pytest.fixture(scope="module")
def hostile_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that the main command built from the sample and hostile files."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(PROJECT / "seeds" / "sample", folder / "landing")
    write_hostile_files(folder / "landing")
    done = run_command(
        "orchestration.run",
        CAMPAIGN_LANDING=str(folder / "landing"),
        CAMPAIGN_WAREHOUSE=str(folder / "warehouse"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "warehouse"


def ask(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query of the published warehouse."""
    with duckdb.connect(warehouse / "published" / "current.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_hostile_values_and_names_are_published_as_they_are(
    hostile_warehouse: Path, sample_warehouse: Path
) -> None:
    def of(sql: str) -> list[tuple[Any, ...]]:
        return ask(hostile_warehouse, sql)

    is_hostile = "campaign_id like 'hostile-%'"
    named = dict(of(f"select campaign_id, name from marts.campaigns where {is_hostile}"))
    assert named == {IDS[text]: text for text in NAMES}
    assert set(NAMES) <= {text for (text,) in of("select contact_id from marts.contacts")}
    assert set(NAMES) <= {text for (text,) in of("select asset_id from marts.assets")}
    influenced = of(
        f"select campaign_id, contact_id from marts.campaign_contacts where {is_hostile}"
    )
    # utm_campaign is compared without regard to case.
    alike = {
        (IDS[text], other) for text in NAMES for other in NAMES if text.lower() == other.lower()
    }
    assert set(influenced) == alike
    audited = dict(of("select file, status from marts.load_audit"))
    told = {name.replace("\\", "\\\\") for name in FILES}
    assert {name: audited.get(name) for name in told} == dict.fromkeys(told, "loaded")
    for table in ("campaigns", "assets"):
        (name,) = [name for name in told if name.startswith(f"{table}/")]
        extra = [
            json.loads(text)
            for text, file in raw(hostile_warehouse, table, "_extra, _file")
            if file == name
        ]
        assert extra == [dict(zip(EXTRA, EXTRA, strict=True))] * len(NAMES)
    events = {
        (row[0], row[1], row[2], json.dumps(json.loads(row[3])))
        for row in raw(
            hostile_warehouse, "events", "event_id, user_agent, browser, properties, _file"
        )
        if row[4].startswith("events/{%")
    }
    assert events == {(text, text, text, json.dumps({text: text})) for text in NAMES}

    # The campaigns of the sample have the figures that they have without all these.
    figures = "select campaign_id, columns('sessions|contacts|deals|revenue')"
    figures += " from marts.campaigns order by campaign_id"
    of_sample = ask(sample_warehouse, figures)
    assert [row for row in of(figures) if not row[0].startswith("hostile-")] == of_sample
