"""A small shop for hand-made cases of channels and KPIs, and its marts.

Campaign A holds an asset of every type since the year began, B holds none, X is deleted. ann and
bob are contacts; va and vb are their visitors, every other visitor is nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.reference import compute
from tests.reference.values import words

Marts = dict[str, list[dict[str, Any]]]

COLUMNS = words(
    "url referrer device_type browser ip_country ip_region ip_city user_id deal_id user_agent"
)

TABLES = {
    "campaigns": """
        campaign_id,name,created_at,utm_campaign,is_deleted
        A,a,2025-01-01,a,
        B,b,2025-01-01,b,
        X,x,2025-01-01,x,true
        """,
    "assets": """
        asset_id,asset_type,url
        page,landing_page,https://shop.example/a
        mail,marketing_email,
        post,social_post,
        link,affiliate_link,
        code,qr_code,
        number,tracking_number,
        survey,survey,
        ad,ad_campaign,
        free,ad_campaign,
        """,
    "campaign_assets": """
        campaign_id,asset_id,associated_at,removed_at
        A,page,2025-01-01,
        A,mail,2025-01-01,
        A,post,2025-01-01,
        A,link,2025-01-01,
        A,code,2025-01-01,
        A,number,2025-01-01,
        A,survey,2025-01-01,
        A,ad,2025-01-01,
        """,
    "contacts": """
        contact_id,created_at
        ann,2025-01-05T10:00:00Z
        bob,2025-01-06T10:00:00Z
        """,
    "visitor_identities": """
        visitor_id,contact_id,identified_at
        va,ann,2025-01-05T10:00:00Z
        vb,bob,2025-01-06T10:00:00Z
        """,
    "pipeline_stages": """
        pipeline_id,stage_id,is_won,is_closed
        p,won,true,true
        """,
    "exchange_rates": """
        currency,valid_from,rate
        USD,2025-01-05,0.5
        USD,2025-01-06,0.8
        """,
}


def event(what: str, **told: Any) -> dict[str, Any]:
    """An event of January 2025.

    Args:
        what: event id, type, day and time, who, and perhaps an asset. Who is a visitor where it
            begins with ``v``, else a contact, and both with ``+`` between them.
        told: columns of the event, and what is no column among its properties.
    """
    event_id, event_type, at, who, *asset = what.split()
    people = who.split("+")
    return {
        "event_id": event_id,
        "event_type": event_type,
        "occurred_at": f"2025-01-{at}Z",
        "visitor_id": next((name for name in people if name.startswith("v")), None),
        "contact_id": next((name for name in people if not name.startswith("v")), None),
        "asset_id": asset[0] if asset else None,
        **{name: told[name] for name in COLUMNS if name in told},
        "properties": {name: value for name, value in told.items() if name not in COLUMNS},
    }


def marts_of(
    folder: Path, *events: dict[str, Any], settings: dict[str, Any] | None = None, **tables: str
) -> Marts:
    """The marts of the shop with some events.

    Args:
        folder: an empty folder.
        events: all its events.
        settings: of the reference.
        tables: tables that are not the shop's usual ones, as CSV.
    """
    landing = folder / "landing"
    for table, text in {**TABLES, **tables}.items():
        (landing / table).mkdir(parents=True)
        lines = [line.strip() for line in text.strip().split("\n")]
        (landing / table / "part.csv").write_text("\n".join(lines) + "\n")
    (landing / "events").mkdir(parents=True)
    (landing / "events" / "part.ndjson").write_text(
        "".join(json.dumps(row) + "\n" for row in events)
    )
    marts = compute([landing], **(settings or {}))
    assert not marts["quarantine"]
    assert {row["status"] for row in marts["load_audit"]} == {"loaded"}
    return marts


def told(marts: Marts, mart: str, columns: str, **wanted: Any) -> list[tuple[Any, ...]]:
    """Some columns of a mart's rows, in order of the mart's key.

    Args:
        marts: all marts.
        mart: its name.
        columns: their names.
        wanted: values of other columns that the rows must have.
    """
    return [
        tuple(row[name] for name in columns.split())
        for row in marts[mart]
        if all(row[name] == value for name, value in wanted.items())
    ]
