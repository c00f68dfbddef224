"""The published marts hold no e-mail address and no phone number, wherever a source puts them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest

from orchestration.publish.copy import copy_marts
from tests.conftest import run_command

EMAIL, PHONE = "ann.lee@example.com", "+49 170 1234567"
NUMBERS = ("491701234567", "01701234567", "4155552671")
SAID = f"{EMAIL} {PHONE} (415) 555-2671"
URL = (
    "https://ann.lee@shop.example/of/ann.lee%40example.com/?email=ann.lee%40example.com"
    "&Phone=01701234567&to=%2B491701234567&next=%2Fa%3Fe%3Dann.lee%2540example.com"
    "&utm_source={0}&utm_medium={0}&utm_campaign={0}&utm_term={0}&utm_content={0}#{0}"
).format("ann.lee%40example.com+%2B49+170+1234567")

DAY = "2025-05-01T09:00:{:02}Z"

PROPERTIES = dict.fromkeys(
    (
        *("title", "content_type", "network", "interaction_type", "placement", "outcome", "owner"),
        *("mail_client", "business_unit", "original_url", "event_name", "interaction", "feature"),
        *("pixel_event", "dedup_id", "item", "selector", "kind", "comment", "country", "email"),
        *("status", "source", EMAIL),
    ),
    SAID,
)

TYPES = (
    *("page_viewed", "page_viewed", "form_submitted", "ad_interaction", "email_sent", "call_ended"),
    *("email_opened", "social_post_interacted", "qr_code_scanned", "affiliate_link_clicked"),
    *("pixel_fired", "page_clicked", "survey_responded", "purchase_completed", f"a call of {SAID}"),
)

EVENTS = [
    {
        "event_id": f"{number}-{EMAIL}",
        "event_type": event_type,
        "occurred_at": DAY.format(number),
        "asset_id": EMAIL,
        "url": URL,
        "referrer": "https://www.google.com/search?q=ann.lee%40example.com",
        "properties": PROPERTIES,
        **dict.fromkeys(("visitor_id", "contact_id", "deal_id", "user_id"), EMAIL),
        **dict.fromkeys(("user_agent", "ip_country", "ip_region", "ip_city"), SAID),
        **dict.fromkeys(("device_type", "browser"), SAID),
    }
    for number, event_type in enumerate(TYPES)
]

TABLES: dict[str, list[dict[str, Any]]] = {
    # The last is bad, and goes to quarantine.
    "events": [*EVENTS, EVENTS[0] | {"event_id": "bad", "occurred_at": SAID}],
    "contacts": [
        {
            "contact_id": EMAIL,
            "created_at": DAY.format(5),
            "email": EMAIL,
            "phone": PHONE,
            SAID: "a column that nobody knows",
            **dict.fromkeys(("lifecycle_stage", "country", "salesforce_campaign_id"), SAID),
        }
    ],
    "contact_merges": [
        {"merged_contact_id": PHONE, "contact_id": EMAIL, "merged_at": DAY.format(6)}
    ],
    "deals": [
        {
            "deal_id": EMAIL,
            "created_at": DAY.format(7),
            "name": f"Laptops for {SAID}",
            "amount": 10,
            "currency": SAID,
            "stage_id": SAID,
            "closed_at": DAY.format(59),
        }
    ],
    "deal_contacts": [{"deal_id": EMAIL, "contact_id": EMAIL, "associated_at": DAY.format(7)}],
    "pipeline_stages": [{"pipeline_id": "p", "stage_id": SAID, "is_won": 1, "is_closed": 1}],
    "campaigns": [
        {
            "campaign_id": EMAIL,
            "name": SAID,
            "status": SAID,
            "created_at": "2025-01-01",
            "utm_campaign": f"{EMAIL} {PHONE}",
            "budget": 5,
            "currency": SAID,
        }
    ],
    "assets": [{"asset_id": EMAIL, "asset_type": "form", "name": SAID, "url": URL}],
    "campaign_assets": [
        {"campaign_id": EMAIL, "asset_id": EMAIL, "associated_at": "2025-01-01"},
        {"campaign_id": EMAIL, "asset_id": PHONE, "associated_at": "2025-01-01"},
    ],
    "campaign_keywords": [{"campaign_id": EMAIL, "keyword": SAID, "associated_at": "2025-01-01"}],
    "kpi_targets": [
        {
            **{"campaign_id": EMAIL, "kpi": SAID, "target": 1},
            **{"period_start": "2025-01-01", "period_end": "2025-12-31"},
        }
    ],
    "ad_stats": [
        {
            **{"asset_id": EMAIL, "network": SAID, "placement": SAID},
            **{"stat_date": "2025-05-01", "cost": 1},
        }
    ],
    "social_stats": [{"asset_id": EMAIL, "stat_date": "2025-05-01", "network": SAID, "reach": 1}],
    "search_rankings": [
        {"keyword": SAID, "engine": SAID, "stat_date": "2025-05-01", "position": 1, "url": URL}
    ],
    "affiliates": [{"asset_id": EMAIL, "partner": SAID}],
    f"notes of {EMAIL}": [{}],
}


def write(landing: Path) -> None:
    for table, rows in TABLES.items():
        (landing / table).mkdir(parents=True)
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (landing / table / f"{EMAIL}.ndjson").write_text(lines, encoding="utf-8")


def texts(connection: duckdb.DuckDBPyConnection, relation: str) -> Iterator[tuple[str, str]]:
    """Column and text of every value of a table, whatever it consists of."""
    found = connection.execute(f"select * from {relation}")
    columns = [column[0] for column in found.description]
    for row in found.fetchall():
        yield from ((column, str(value)) for column, value in zip(columns, row, strict=True))


def tells(text: str) -> bool:
    """Whether a text has an e-mail address or a phone number, escaped or not."""
    plain = unquote(unquote(text))
    digits = re.sub("[^0-9]", "", plain)
    return bool(re.search(r"[\w.]@\w", plain)) or any(number in digits for number in NUMBERS)


def test_no_text_of_a_published_mart_tells_an_address_or_a_number(tmp_path: Path) -> None:
    write(tmp_path / "landing")
    done = run_command(
        "orchestration.run",
        CAMPAIGN_LANDING=str(tmp_path / "landing"),
        CAMPAIGN_WAREHOUSE=str(tmp_path / "warehouse"),
    )
    assert done.returncode == 0, done.stderr
    published = tmp_path / "warehouse" / "published"
    told, hidden = [], set()
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as connection:
        marts = connection.execute("select table_name from duckdb_tables()").fetchall()
        for (mart,) in marts:
            for relation in (f"marts.{mart}", f"'{published}/parquet/{mart}.parquet'"):
                for column, text in texts(connection, relation):
                    if tells(text):
                        told.append(f"{relation}.{column}: {text}")
                    if "hidden-" in text:
                        hidden.add(f"{mart}.{column}")
        joined = connection.execute(
            "select count(*) from marts.campaign_sessions join marts.sessions using (session_id)"
            " join marts.campaigns using (campaign_id) join marts.contacts using (contact_id)"
        ).fetchone()
    assert told == []
    # Else the landing folder would no longer bring any there.
    assert hidden >= {
        *("sessions.entry_url", "sessions.exit_url", "sessions.utm_term", "sessions.visitor_id"),
        *("sessions.browser", "sessions.country", "contacts.contact_id", "contacts.country"),
        *("contacts.first_touch_url", "contacts.lifecycle_stage", "deals.name", "deals.currency"),
        *("assets.name", "campaigns.name", "campaigns.status", "search_rankings.keyword"),
        *("session_replays.events", "traffic_performance.entry_url", "utm_performance.utm_source"),
        *("ad_performance.network", "email_performance.mail_client", "qr_performance.city"),
        *("affiliate_performance.partner", "conversions.pixel_event", "feedback.kind"),
        *("data_quality_issues.key", "data_quality_issues.detail", "load_audit.file"),
        *("quarantine.file", "contact_timeline.campaign_ids", "contact_timeline.event_type"),
    }
    assert joined == (1,)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("https://a.example/?email=b%40c.example&x=1", "https://a.example/?email=hidden-…&x=1"),
        ("https://a.example/?x=1&EMAIL=b@c.example#e", "https://a.example/?x=1&EMAIL=hidden-…#e"),
        ("https://a.example/b@c.example/d", "https://a.example/hidden-…/d"),
        ("https://a.example/?tel=0170%20123", "https://a.example/?tel=hidden-…"),
        ("https://a.example/?first_name=Ann&n=1", "https://a.example/?first_name=hidden-…&n=1"),
        ("https://a.example/?q=call+%2B1+555+0101", "https://a.example/?q=call+hidden-…"),
        ("Ann <b@c.example>, B@C.example", "Ann <hidden-…>, hidden-…"),
        ("ü@exämple.de", "hidden-…"),
        ("Call +1 (415) 555-2671 or 0170 1234567", "Call hidden-… or hidden-…"),
        ("(415) 555-2671 and 415.555.2671", "hidden-… and hidden-…"),
        ("020 7946 0958", "hidden-…"),
    ],
)
def test_a_hash_stands_for_what_is_personal(tmp_path: Path, text: str, published: str) -> None:
    assert re.sub("hidden-[0-9a-f]{16}", "hidden-…", publish(tmp_path, text)) == published


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/@ann/posts/2024-05-31?utm_source=news&gclid=Cj0KCQjw_0170-1234567890abc",
        "https://a.example/?from=2024-05-31T10:00:00+02:00&to=1717171717000&page=01&hsa_acc=1234567890",
        "https://a.example/?emails=1&mailing=weekly&cellar=3&q=top+10+of+2024",
        "Webinar 31.05.2024 18:00, 01/06/2024 09:30, 2024-06-01 10:00",
        "6f1c2a10-4155-4267-8b1e-0170123456ab",
        "10 % @ 3 pm, package@1.2.3",
        "deal-0012345:stage:2025-05-01T09:00:00.000000Z",
    ],
)
def test_what_is_not_personal_stays(tmp_path: Path, text: str) -> None:
    assert publish(tmp_path, text) == text


def publish(folder: Path, text: str) -> str:
    """What is published of a text in a column, a list and a list of structs."""
    build = folder / "build.duckdb"
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.m as select text, [text] as texts,"
            " [{'url': text, 'n': 1}] as events, null::struct(url varchar)[] as none"
            " from (select ?::varchar as text)",
            [text],
        )
    copy_marts(build, folder / "published.duckdb", folder / "parquet", {"nodes": {}})
    with duckdb.connect() as connection:
        row = connection.execute(f"select * from '{folder}/parquet/m.parquet'").fetchone()
    assert row is not None
    plain, texts_of, events, none = row
    assert (texts_of, events, none) == ([plain], [{"url": plain, "n": 1}], None)
    return plain
