"""What events tell beyond who, when and which asset: the properties that journeys filter by.

Values of every kind stand in them, right and wrong ones: numbers as text, texts that are almost
numbers, flags in several spellings, missing and empty values, keys that only look like a property.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

from tests.scenarios.contract import PAGE_TYPES
from tests.scenarios.events import UNKNOWN_TYPE, add_event, visitor_of
from tests.scenarios.urls import page_url
from tests.scenarios.world import ENGAGED, INACTIVITY, MICROSECOND, Row, World

# The columns of an event that are properties under names of their own.
ASSET, USER = "asset_id", "user_id"

NUMBERS = ("duration_s", "seconds", "amount", "value", "x", "y", "scroll_depth", "score")
FLAGS = ("is_dead",)

# Properties that every event has, with the column that they are; those of the URL's parameters
# apart. country and content_type may stand among the JSON properties, too, and campaign_id is what
# the event counts for.
SHARED_COLUMNS = {
    "browser": "browser",
    "country": "ip_country",
    "device_type": "device_type",
    "region": "ip_region",
    "url": "url",
}
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

_MAIL = {"email_content_id": ASSET, "business_unit": ""}
_BY_USER = {"user_id": USER}
_PAYMENT = {"amount": "", "currency": "", "method": ""}
_SEQUENCE = {"sequence_id": ASSET, "enrolled_by": USER, "template_id": ""}
_SMS = {"sms": ASSET, "original_url": ""}
_FORM = {"content_id": "", "form_id": ASSET}
_GOODS = {"item": "", "value": "", "currency": "", "feature": ""}
_PAGE = {"x": "", "y": "", "selector": "", "is_dead": "", "scroll_depth": ""}
_EVENT = {"event_name": "", "origin": ""}

# Event type: its own properties, each with the column that it is (empty: a JSON property).
PROPERTIES: dict[str, dict[str, str]] = {
    "ad_interaction": {
        "ad_campaign_id": ASSET,
        "network": "",
        "interaction_type": "",
        "placement": "",
    },
    "call_started": {"owner": USER, "country": "", "direction": ""},
    "call_ended": {
        "owner": USER,
        "country": "",
        "direction": "",
        "outcome": "",
        "duration_s": "",
        "tracking_number": ASSET,
    },
    "cta_viewed": {"content_id": "", "cta": ASSET},
    "cta_clicked": {"content_id": "", "cta": ASSET},
    "document_shared": {"document": ASSET, "user_id": USER},
    "document_viewed": {"document": ASSET},
    "document_finished": {"document": ASSET},
    "form_viewed": _FORM,
    "form_popup_viewed": _FORM,
    "form_interacted": _FORM,
    "form_submitted": _FORM,
    "email_sent": {**_MAIL, "workflow_id": ""},
    "email_delivered": _MAIL,
    "email_opened": {**_MAIL, "mail_client": ""},
    "email_clicked": {**_MAIL, "original_url": ""},
    "email_bounced": {**_MAIL, "bounce_type": ""},
    "email_reported_spam": _MAIL,
    "email_subscription_updated": {"business_unit": "", "status": ""},
    "email_forwarded": {"email_content_id": ASSET},
    "marketing_event_registered": _EVENT,
    "marketing_event_attended": _EVENT,
    "marketing_event_cancelled": _EVENT,
    "media_played": {"content_id": "", "media": ASSET, "seconds": ""},
    "meeting_booked": {"booked_through": "", "form_id": "", "owner": USER, "meeting_type": ""},
    "meeting_outcome_changed": {"outcome": "", "owner": USER, "meeting_type": ""},
    **{f"message_{what}": _BY_USER for what in ("sent", "delivered", "opened", "failed")},
    **{f"payment_{what}": _PAYMENT for what in ("initiated", "succeeded", "failed")},
    **{f"payment_refund_{what}": _PAYMENT for what in ("started", "completed", "failed")},
    **{
        f"sales_email_{what}": {"user_id": USER}
        for what in ("sent", "opened", "clicked", "replied")
    },
    **{
        f"sequence_{what}": _SEQUENCE
        for what in (
            "enrolled",
            "step_executed",
            "meeting_booked",
            "email_bounced",
            "email_unsubscribed",
            "unenrolled",
            "manually_unenrolled",
            "errored",
            "finished",
        )
    },
    **{f"sms_{what}": _SMS for what in ("sent", "delivered", "clicked", "dropped", "failed")},
    "page_viewed": {"content_id": ASSET, "content_type": "", "title": ""},
    "workflow_enrolled": {"workflow_id": ASSET},
    "list_member_added": {"list_id": ASSET},
    "social_post_interacted": {"network": "", "interaction": ""},
    "qr_code_scanned": {"qr_code": ASSET},
    "affiliate_link_clicked": {"affiliate_link": ASSET},
    "pixel_fired": {
        "pixel_event": "",
        "network": "",
        "source": "",
        "dedup_id": "",
        "value": "",
        "currency": "",
    },
    **dict.fromkeys(
        (
            "account_registered",
            "purchase_completed",
            "subscription_started",
            "cart_updated",
            "cart_abandoned",
            "app_opened",
            "app_closed",
            "feature_used",
        ),
        _GOODS,
    ),
    **dict.fromkeys(("page_clicked", "page_scrolled", "page_error"), _PAGE),
    "survey_responded": {"survey": ASSET, "kind": "", "score": "", "comment": ""},
}

# What a visitor without a contact may do.
ANONYMOUS = (
    "ad_interaction",
    "cta_viewed",
    "cta_clicked",
    "form_viewed",
    "form_popup_viewed",
    "form_interacted",
    "media_played",
    "page_viewed",
    "social_post_interacted",
    "qr_code_scanned",
    "affiliate_link_clicked",
    "pixel_fired",
    *(event_type for event_type, own in PROPERTIES.items() if own is _GOODS or own is _PAGE),
    "survey_responded",
)

# The type of the assets that an event may name, by what its type begins with.
_ASSETS_OF: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ad_", ("ad_campaign", "paid_search_campaign")),
    ("call_", ("tracking_number",)),
    ("cta_", ("cta", "cta_legacy")),
    ("document_", ("document",)),
    ("form_", ("form",)),
    ("email_", ("marketing_email",)),
    ("marketing_event_", ("marketing_event",)),
    ("media_", ("media",)),
    ("sequence_", ("sequence",)),
    ("sms_", ("sms",)),
    ("page_viewed", PAGE_TYPES),
    ("workflow_", ("workflow",)),
    ("list_", ("static_list",)),
    ("social_", ("social_post",)),
    ("qr_", ("qr_code",)),
    ("affiliate_", ("affiliate_link",)),
    ("survey_", ("survey",)),
)

_TEXTS: dict[str, tuple[str, ...]] = {
    "booked_through": ("meeting_link", "contact_record"),
    "bounce_type": ("hard", "soft"),
    "business_unit": ("EMEA", "emea", "North America"),
    "comment": ("good", 'it\'s "fine"\nthanks', "100 % _good_"),
    "content_id": ("c-1", "C-1", "007"),
    "content_type": ("landing_page", "blog_post", "Webinar"),
    "country": ("DE", "FR", "de"),
    "currency": ("EUR", "USD", "eur"),
    "dedup_id": ("k1", "k2", "1e2"),
    "direction": ("inbound", "outbound"),
    "event_name": ("Friday webinar", "friday webinar", "Fair 2025", "Größe & Maß"),
    "feature": ("export", "Export", "import"),
    "form_id": ("form-1", "form_1"),
    "interaction": ("click", "like", "comment", "share", "mention"),
    "interaction_type": ("site_visit", "form_submission"),
    "item": ("mug", "Mug", "a;b,c\td"),
    "kind": ("nps", "csat", "ces"),
    "mail_client": ("Gmail", "Outlook"),
    "meeting_type": ("round_robin", "personal", "group"),
    "method": ("card", "sepa"),
    "network": ("linkedin", "LinkedIn", "facebook", "x"),
    "origin": ("online", "in_person"),
    "original_url": ("https://a.example/?utm_source=news", "https://a.example/"),
    "outcome": ("answered", "missed", "busy", "no_answer", "completed"),
    "pixel_event": ("page_view", "purchase", "form_submission", "registration"),
    "placement": ("search", "display"),
    "selector": ("#buy", ".a > b", "#BUY"),
    "source": ("browser", "server"),
    "status": ("subscribed", "unsubscribed"),
    "template_id": ("t1", "0012"),
    "title": ("Offer", "offer", 'A "title"\nof two lines'),
    "workflow_id": ("wf-1", "0077"),
}

# What stands where a text is looked for; the empty one and the null are missing.
_ODD_TEXTS: tuple[Any, ...] = (
    "",
    None,
    5,
    "5",
    5.5,
    True,
    "true",
    False,
    "  padded  ",
    "NULL",
    "back\\slash",
    9007199254740993,
)

_NUMBERS: tuple[Any, ...] = (0, 0.25, 0.5, 1, 5, 9, 10, 30, 60, 60.0, 59.5, 100, 2500.75, -3)
# Numbers as text, texts that are no number, and numbers that are easily misread.
_ODD_NUMBERS: tuple[Any, ...] = (
    "60",
    "61.25",
    "1e2",
    "1E+2",
    "-3.5",
    "0060",
    "-0",
    1e-07,
    "",
    None,
    "many",
    "NaN",
    "inf",
    " 60",
    "60 ",
    "+5",
    "1.",
    ".5",
    "1_000",
    "0x1f",
    "1,5",
    True,
)

_FLAGS: tuple[Any, ...] = (True, True, False, False, 1, 0, "1", "0", "true", "TRUE", "False")
_ODD_FLAGS: tuple[Any, ...] = ("yes", "No", "YES", "on", "", None, 2, "y", " true", 1.0)

# Keys with the name of a column or of another type's property, none of which is a property. Besides
# them, those of the event's own properties that are columns.
_DECOYS = (
    "asset_id",
    "browser",
    "campaign_id",
    "device_type",
    "outcome",
    "region",
    "region",
    "score",
    "stage_id",
    "url",
    "user_id",
    "utm_source",
)
_JSON = sorted({name for own in PROPERTIES.values() for name, column in own.items() if not column})
_DECOY_VALUES = ("c-1", "c-1", "decoy", "DE-BY", 5, "", None)

# Numbers as a careful source writes them; whoever reads and writes them again loses that.
_SPELLED = ("2.50", "60.0", "1E2", "-0.0", "5e-1", "100000000000000000000", "0.10")


def _property(rng: random.Random, name: str) -> Any:
    """A value of a JSON property, most often a believable one."""
    is_odd = rng.random() < 0.25
    if name in NUMBERS:
        return rng.choice(_ODD_NUMBERS if is_odd else _NUMBERS)
    if name in FLAGS:
        return rng.choice(_ODD_FLAGS if is_odd else _FLAGS)
    return rng.choice(_ODD_TEXTS if is_odd else _TEXTS[name])


def add_properties(world: World) -> None:
    """Tells more of every event. What stands in a row stays; one event that came twice tells the
    same twice."""
    for row in world.rows["events"]:
        rng = random.Random(f"properties {world.seed} {row['event_id']}")
        _tell_more(world, row, rng)


def _tell_more(world: World, row: Row, rng: random.Random) -> None:
    own = PROPERTIES.get(row["event_type"], {})
    if row.get("user_id") is None and rng.random() < 0.5:
        row["user_id"] = rng.choice((*world.users, f"{world.prefix}_u9", ""))
    if row.get("deal_id") is None and rng.random() < 0.15:
        ids = [deal["deal_id"] for deal in world.deals]
        row["deal_id"] = rng.choice((*ids, *ids, *ids, f"{world.prefix}_nodeal", ""))
    if row.get("ip_region") is None and rng.random() < 0.3:
        row["ip_region"] = rng.choice(("DE-BE", "DE-BY", "US-CA", ""))
    if rng.random() < 0.2:
        return
    found = dict(row["properties"] or {})
    wanted = [name for name, column in own.items() if not column]
    # An email is sent by a workflow where its own story says so.
    missing = [name for name in wanted if name not in found and name != "workflow_id"]
    found |= {name: _property(rng, name) for name in missing if rng.random() < 0.75}
    if "dedup_id" in missing and found.get("dedup_id") in _TEXTS["dedup_id"]:
        # Most are the scenario's own.
        found["dedup_id"] = f"{world.prefix}-{found['dedup_id']}"
    for name in ("country", "content_type"):
        if rng.random() < 0.12:
            found[name] = _property(rng, name)
    if rng.random() < 0.4:
        columns = [name for name, column in own.items() if column]
        decoys = [name for name in (*_DECOYS, *rng.sample(_JSON, 8)) if name not in own]
        name = rng.choice((*columns, *columns, *columns, *decoys))
        found.setdefault(name, rng.choice(_DECOY_VALUES))
    row["properties"] = found or row["properties"]
    numbers = [name for name in found if name in NUMBERS and name in wanted]
    if numbers and rng.random() < 0.15:
        row["properties"] = _spelled(found, rng.choice(numbers), rng.choice(_SPELLED))


def _spelled(properties: Row, name: str, number: str) -> str:
    """The text of properties with a number as it is spelled."""
    mark = "\N{WHITE SQUARE}"
    text = json.dumps({**properties, name: mark}, ensure_ascii=False)
    return text.replace(f'"{mark}"', number)


def properties_of(row: Row) -> Row:
    """The JSON properties of an event's row, where they stand as text, too."""
    properties = row.get("properties") or {}
    if isinstance(properties, str):
        found: Row = json.loads(properties, parse_int=str, parse_float=str)
        return found
    return dict(properties)


def add_ways(world: World) -> None:
    """People and deals that do a lot in few instants, events of every type among it."""
    for _ in range(world.pick((1, 2, 2))):
        _add_way(world)


def _add_way(world: World) -> None:
    kind = world.rng.choices(("contact", "visitor", "waiting", "deal"), (5, 3, 1, 3))[0]
    deal = world.pick(world.deals)
    contacts = [
        row["contact_id"]
        for row in world.rows["deal_contacts"]
        if row["deal_id"] == deal["deal_id"]
    ]
    contact_id = world.pick(contacts or world.contacts)
    who: Row = {"visitor_id": None, "contact_id": contact_id}
    types: tuple[str, ...] = tuple(PROPERTIES)
    if kind == "visitor":
        # Of those who were there before, most are somebody.
        visitor_id = world.new_id("v") if world.chance(0.6) else world.pick(world.visitors)
        who = {"visitor_id": visitor_id, "contact_id": None}
        types = ANONYMOUS
    elif kind == "waiting":
        # A contact id without a row: nobody's event but the visitor's, as long as it waits.
        orphan = world.pick(world.orphans or [f"{world.prefix}_gone"])
        who = {"visitor_id": world.pick(world.visitors), "contact_id": orphan}
        types = ANONYMOUS
    elif kind == "contact":
        visitor_id = visitor_of(world, contact_id)
        who = {"visitor_id": visitor_id, "contact_id": world.maybe(contact_id, 0.7)}
        if visitor_id is None:
            who["contact_id"] = contact_id
    # Few types, so that one comes again; one of the frequent ones, that others know, too.
    few = [world.pick(types) for _ in range(world.rng.randint(3, 6))]
    few += ["page_viewed", world.pick(("form_submitted", "cta_viewed", "ad_interaction"))]
    entries = [
        row["entered_at"]
        for row in world.rows["deal_stage_history"]
        if row["deal_id"] == deal["deal_id"]
    ]
    start = world.moment(0, 6)
    steps = (timedelta(0), MICROSECOND, ENGAGED, INACTIVITY, timedelta(hours=12), timedelta(days=1))
    instants = [start + step for step in world.some(steps, 4)] + world.some(entries or [start], 2)
    for _ in range(world.rng.randint(5, 11)):
        event_type = world.pick(few)
        if world.chance(0.04):
            # What the stream says of deals' stages, and what no catalogue knows.
            event_type = world.pick(("deal_stage_entered", UNKNOWN_TYPE))
        someone = who
        values: Row = {"asset_id": None}
        if kind == "deal" and world.chance(0.6):
            values["deal_id"] = deal["deal_id"]
            if world.chance(0.3):
                visitor_id = world.pick(world.visitors)
                someone = {"visitor_id": visitor_id, "contact_id": None}
        assets = world.assets_of(*_asset_types(event_type))
        if assets and world.chance(0.8):
            values["asset_id"] = world.pick(assets)["asset_id"]
        if event_type == "page_viewed" or world.chance(0.3):
            values["url"] = page_url(world, world.host, campaign=0.5, click=0.05)
        if event_type == "email_sent" and world.chance(0.3):
            values["properties"] = {"workflow_id": world.pick(_TEXTS["workflow_id"])}
        row = add_event(world, event_type, world.pick(instants), **values, **someone)
        row["device_type"] = world.pick((None, "desktop", "mobile", "tablet", "other"))
        row["browser"] = world.pick((None, "Firefox", "firefox", "Safari"))


def _asset_types(event_type: str) -> tuple[str, ...]:
    return next((types for start, types in _ASSETS_OF if event_type.startswith(start)), ())
