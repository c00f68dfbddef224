"""The event stream: runs of page views, and little stories around the edges of each rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.scenarios.contract import PAGE_TYPES
from tests.scenarios.spelling import is_plain_number
from tests.scenarios.urls import page_url, parameter, referrer, search, spell_value
from tests.scenarios.world import ENGAGED, GRACE, INACTIVITY, MICROSECOND, Row, World

_GAPS = (
    timedelta(0),
    ENGAGED - MICROSECOND,
    ENGAGED,
    timedelta(minutes=1),
    timedelta(minutes=10),
    INACTIVITY - MICROSECOND,
    INACTIVITY - MICROSECOND,
    INACTIVITY,
    INACTIVITY,
    INACTIVITY + MICROSECOND,
    timedelta(hours=2),
)

USER_AGENTS = (None, "Mozilla/5.0 (Macintosh)", "Mozilla/5.0 (X11) Firefox/140.0")

BOT_AGENTS = (
    "Googlebot/2.1",
    "Mozilla/5.0 (compatible; AhrefsBOT/7.0)",
    "my CRAWLER 1",
    "BaiduSpider",
    "Mozilla/5.0 HeadlessChrome/120",
    "cubot phone",
)

# Event types that name their asset by its type. Those of the page types are views.
_ASSET_EVENTS: dict[str, tuple[str, ...]] = {
    "form": ("form_submitted", "form_submitted", "form_viewed", "form_interacted"),
    "cta": ("cta_viewed", "cta_viewed", "cta_clicked"),
    "cta_legacy": ("cta_viewed", "cta_clicked"),
    "marketing_email": ("email_sent", "email_delivered", "email_opened", "email_clicked"),
    "social_post": ("social_post_interacted",),
    "workflow": ("workflow_enrolled",),
    "static_list": ("list_member_added",),
    "marketing_event": (
        "marketing_event_registered",
        "marketing_event_attended",
        "marketing_event_attended",
        "marketing_event_cancelled",
    ),
    "ad_campaign": ("ad_interaction",),
    "paid_search_campaign": ("ad_interaction",),
    "tracking_url": ("page_viewed",),
    "qr_code": ("qr_code_scanned",),
    "tracking_number": ("call_ended",),
    "affiliate_link": ("affiliate_link_clicked",),
    "media": ("media_played",),
    "document": ("document_shared", "document_viewed", "document_finished"),
    "sequence": ("sequence_enrolled", "sequence_finished"),
    "sms": ("sms_sent", "sms_clicked"),
    "survey": ("survey_responded",),
}

_PLAIN_EVENTS = (
    "call_started",
    "meeting_booked",
    "meeting_outcome_changed",
    "message_opened",
    "payment_succeeded",
    "sales_email_opened",
    "sales_email_clicked",
    "sales_email_replied",
    "email_subscription_updated",
    "pixel_fired",
    "app_opened",
    "cart_updated",
    "feature_used",
    "page_clicked",
    "page_scrolled",
    "page_error",
)

CONVERSIONS = ("form_submitted", "purchase_completed", "account_registered")

UNKNOWN_TYPE = "hologram_touched"


def add_event(world: World, event_type: str, occurred_at: datetime, **values: Any) -> Row:
    """Appends one event; columns that are not given are filled in believably."""
    row: Row = {
        "event_id": world.new_id("e"),
        "event_type": event_type,
        "occurred_at": occurred_at,
        "user_agent": world.pick(BOT_AGENTS) if world.chance(0.04) else world.pick(USER_AGENTS),
        "device_type": world.pick((None, "desktop", "mobile")),
        "browser": world.pick((None, "Firefox", "Safari")),
        "ip_country": world.pick((None, "DE", "US")),
        "ip_region": world.pick((None, None, "DE-BE")),
        "ip_city": world.pick((None, None, "Berlin")),
        "user_id": world.maybe(world.pick(world.users), 0.05),
        "received_at": world.maybe(occurred_at + world.pick((timedelta(0), GRACE)), 0.6),
        "properties": None,
    }
    row.update(values)
    return world.add("events", **row)


def actor(world: World) -> dict[str, str | None]:
    """Who acts: a visitor, a contact, or both — which need not fit one another."""
    kind = world.rng.choices(("visitor", "contact", "both", "orphan"), (5, 4, 3, 1))[0]
    visitor_id = world.pick(world.visitors)
    contact_id = world.pick(world.orphans if kind == "orphan" and world.orphans else world.contacts)
    if kind == "visitor":
        return {"visitor_id": visitor_id, "contact_id": world.pick((None, ""))}
    if kind == "both":
        return {"visitor_id": visitor_id, "contact_id": contact_id}
    return {"visitor_id": None, "contact_id": contact_id}


def visitor_of(world: World, contact_id: str) -> str | None:
    """A visitor once identified as the contact, if there is one."""
    visitors = [
        row["visitor_id"]
        for row in world.rows["visitor_identities"]
        if row["contact_id"] == contact_id
    ]
    return world.pick(visitors) if visitors else None


def view(world: World, at: datetime, who: dict[str, str | None], **chances: float) -> Row:
    """A page view that names its asset, lies at its URL, both, or neither."""
    way = world.rng.choices(
        ("id and url", "id", "url", "unknown id", "no page asset", "elsewhere"),
        (5, 2, 6, 1, 1, 2),
    )[0]
    pages = world.assets_of(*PAGE_TYPES)
    asset = world.pick(pages)
    page = world.pages[asset["asset_id"]] or world.host
    url: str | None = page_url(world, page, **chances)
    asset_id: str | None = asset["asset_id"]
    if way == "id":
        url = (
            world.pick((None, "")) if world.chance(0.3) else page_url(world, world.host, **chances)
        )
    elif way == "url":
        asset_id = None
    elif way == "unknown id":
        asset_id = f"{world.prefix}_unheard_of"
    elif way == "no page asset":
        asset_id = world.pick(world.assets)["asset_id"]
    elif way == "elsewhere":
        asset_id = None
        url = page_url(world, f"{world.host}/no-asset-here", **chances)
    return add_event(
        world,
        "page_viewed",
        at,
        asset_id=asset_id,
        url=url,
        referrer=referrer(world),
        properties=world.pick((None, {}, {"title": 'A "title"\nof two lines'})),
        **who,
    )


def add_page_view_runs(world: World) -> None:
    """Runs of page views per visitor whose gaps lie at and around the inactivity limit."""
    for visitor_id in world.visitors:
        for _ in range(world.rng.randint(1, 3)):
            at = world.moment(0, 9, exactly=0.8)
            who = {"visitor_id": visitor_id, "contact_id": None}
            for _ in range(world.rng.randint(1, 4)):
                if world.chance(0.1):
                    who = {**who, "contact_id": world.pick(world.everyone())}
                view(world, at, who)
                if world.chance(0.2):
                    beside = at + world.pick((timedelta(0), ENGAGED, *_GAPS[-5:]))
                    add_event(world, world.pick(_PLAIN_EVENTS[-5:]), beside, **who)
                at += world.pick(_GAPS)


def add_creation_story(world: World) -> None:
    """A contact's first page views and conversions close to its creation (N-1..N-5)."""
    contact_id = world.pick(world.contacts)
    created_at = world.created[contact_id]
    visitor_id = visitor_of(world, contact_id)
    who = {"visitor_id": visitor_id, "contact_id": world.maybe(contact_id, 0.5)}
    if visitor_id is None:
        who["contact_id"] = contact_id
    distance = world.pick((timedelta(0), timedelta(seconds=20), GRACE, GRACE + MICROSECOND))
    sides = world.pick(((-1,), (1,), (-1, 1), (-1, 1)))
    lead = world.pick((timedelta(0), timedelta(minutes=1), *_GAPS[-5:]))
    view(world, created_at - distance - lead, who, campaign=0.7, click=0.1)
    if world.chance(0.4):
        view(world, created_at + distance, who, campaign=0.5)
    for side in sides:
        at = created_at + side * distance
        event_type = world.pick(CONVERSIONS)
        asset_id = None
        if event_type == "form_submitted":
            asset_id = world.pick(world.assets_of("form"))["asset_id"]
        page = world.pick([page or world.host for page in world.pages.values()])
        url = world.maybe(page_url(world, page, campaign=0.6, click=0.1), 0.75)
        for _ in range(world.pick((1, 1, 1, 2))):
            add_event(world, event_type, at, asset_id=asset_id, url=url, **who)


def add_cta_story(world: World) -> None:
    """Views of a CTA, and submissions of its form before, at and after the view (I-11, I-12)."""
    ctas = world.assets_of("cta", "cta", "cta_legacy")
    if not ctas:
        return
    cta = world.pick(ctas)
    who = actor(world)
    at = world.moment(2, 7)
    add_event(world, "cta_viewed", at, asset_id=cta["asset_id"], **who)
    forms = world.assets_of("form")
    form_id = cta["form_id"] or world.pick(forms)["asset_id"]
    for _ in range(world.rng.randint(1, 2)):
        offset = world.pick((timedelta(0), timedelta(0), ENGAGED, INACTIVITY))
        submitted_at = at + world.pick((1, 1, -1)) * offset
        if world.chance(0.3):
            # The CTA may have changed hands in between.
            submitted_at = world.moment(3, 9)
        contact_id = who["contact_id"] or world.maybe(world.pick(world.contacts), 0.3)
        someone = {"visitor_id": who["visitor_id"], "contact_id": contact_id}
        add_event(world, "form_submitted", submitted_at, asset_id=form_id, **someone)


def add_email_story(world: World) -> None:
    """An email sent (by a workflow or not), opened and clicked, across its associations."""
    emails = world.assets_of("marketing_email")
    if not emails:
        return
    email_id = world.pick(emails)["asset_id"]
    workflows = [asset["asset_id"] for asset in world.assets_of("workflow")]
    workflow = world.pick([*workflows, f"{world.prefix}_wf", f"77{world.seed:06d}1"])
    number = int(workflow) if is_plain_number(workflow) else workflow
    by_workflow: tuple[Row, ...] = ({"workflow_id": workflow}, {"workflow_id": number})
    by_hand: tuple[Row | None, ...] = ({"workflow_id": ""}, {"workflow_id": None}, {}, None)
    properties = world.pick((*by_workflow, *by_workflow, *by_hand))
    contact_id = world.pick(world.everyone())
    who = {"visitor_id": None, "contact_id": contact_id}
    at = world.moment(1, 7)
    add_event(world, "email_sent", at, asset_id=email_id, properties=properties, **who)
    at += world.pick((timedelta(0), timedelta(minutes=1)))
    for event_type in world.some(("email_opened", "email_clicked"), 2):
        add_event(world, event_type, at, asset_id=email_id, **who)
        at = world.moment(2, 8)
    visitor_id = visitor_of(world, contact_id)
    if visitor_id and world.chance(0.6):
        url = page_url(world, world.host, campaign=0.5, click=0)
        url = url.partition("#")[0]
        url += ("&" if "?" in url else "?") + f"_hsmi={email_id}"
        add_event(world, "page_viewed", at, visitor_id=visitor_id, contact_id=None, url=url)


def add_association_story(world: World) -> None:
    """Events of an asset exactly at the ends of its associations, and one microsecond beside."""
    rows = world.rows["campaign_assets"]
    if not rows:
        return
    row = world.pick(rows)
    assets = [asset for asset in world.assets if asset["asset_id"] == row["asset_id"]]
    if not assets:
        return
    ends = [row["associated_at"], row["removed_at"] or row["associated_at"]]
    ends += [other["associated_at"] for other in rows if other["asset_id"] == row["asset_id"]]
    who = actor(world)
    for end in world.some(ends, 2):
        at = end + world.pick((timedelta(0), timedelta(0), -MICROSECOND, MICROSECOND))
        add_asset_event(world, assets[0], at, who)


def add_campaign_story(world: World) -> None:
    """A utm visit exactly at a campaign's creation, or one microsecond beside it (T-2)."""
    campaign = world.pick(world.rows["campaigns"])
    value = (campaign["utm_campaign"] or "").strip() or world.pick(world.utm_values)
    at = campaign["created_at"] + world.pick((timedelta(0), -MICROSECOND, MICROSECOND))
    url = f"https://{world.host}/?" + parameter(world, "utm_campaign", spell_value(world, value))
    if world.chance(0.7):
        add_event(world, "page_viewed", at, url=url, **actor(world))
        return
    scans = {"qr_code": "qr_code_scanned", "affiliate_link": "affiliate_link_clicked"}
    for asset in world.assets_of(*scans)[:1]:
        event_type = scans[asset["asset_type"]]
        url_or_none = world.maybe(url)
        add_event(
            world, event_type, at, asset_id=asset["asset_id"], url=url_or_none, **actor(world)
        )


def add_keyword_story(world: World) -> None:
    """A search for a keyword at or beside the ends of its association (S-5, N-3, I-9)."""
    row = world.pick(world.rows["campaign_keywords"])
    end = world.pick((row["associated_at"], row["removed_at"] or row["associated_at"]))
    at = end + world.pick((timedelta(0), timedelta(0), -MICROSECOND, MICROSECOND))
    page = view(world, at, actor(world), campaign=0.2)
    if world.chance(0.8):
        page["referrer"] = search(world, row["keyword"].strip())
    else:
        term = parameter(world, "utm_term", spell_value(world, row["keyword"].strip()))
        page["referrer"], page["url"] = None, f"https://{world.host}/?{term}"


def add_asset_event(world: World, asset: Row, at: datetime, who: dict[str, str | None]) -> Row:
    """One event of a type that fits the asset's type."""
    asset_type = asset["asset_type"]
    event_type = world.pick(_ASSET_EVENTS.get(asset_type, ("page_viewed",)))
    values: dict[str, Any] = {"asset_id": asset["asset_id"]}
    if event_type == "page_viewed":
        values["url"] = page_url(world, world.pages[asset["asset_id"]] or world.host)
        values["referrer"] = referrer(world)
    elif event_type in ("qr_code_scanned", "affiliate_link_clicked"):
        values["url"] = world.maybe(page_url(world, world.host, campaign=0.7), 0.5)
    elif event_type == "social_post_interacted":
        kinds = ("click", "click", "like", "comment", "share", "mention")
        values["properties"] = {"network": "linkedin", "interaction": world.pick(kinds)}
    elif event_type == "call_ended":
        values["properties"] = {"outcome": "answered", "duration_s": 61}
    return add_event(world, event_type, at, **values, **who)


def add_tracking_url_story(world: World) -> None:
    """Visits of a tracking URL by its id, by its URL, and by a URL that lacks a utm value."""
    for asset in world.assets_of("tracking_url"):
        if not world.chance(0.7):
            continue
        who = actor(world)
        at = world.moment(0, 8)
        way = world.pick(("id", "url", "url and more", "url and more", "part of it"))
        asset_id = asset["asset_id"] if way == "id" else None
        url = None
        if way == "url":
            url = asset["url"]
        elif way == "url and more":
            url = asset["url"] + "&utm_content=x&n=1#there"
        elif way == "part of it":
            url = asset["url"].partition("?")[0] + "?utm_source=news"
        add_event(world, "page_viewed", at, asset_id=asset_id, url=url, **who)


def add_deal_story(world: World) -> None:
    """Interactions of a deal's contacts before, exactly at and just after its close (D-2, D-6)."""
    deal = world.pick(world.deals)
    deal_id = deal["deal_id"]
    entries = [
        row["entered_at"] for row in world.rows["deal_stage_history"] if row["deal_id"] == deal_id
    ]
    closes = [at for at in (deal["closed_at"], *entries) if at is not None]
    contacts = [
        row["contact_id"] for row in world.rows["deal_contacts"] if row["deal_id"] == deal_id
    ]
    if not closes:
        return
    close = world.pick(closes[:1] + closes)
    for contact_id in world.some(contacts, 2):
        who = {"visitor_id": visitor_of(world, contact_id), "contact_id": contact_id}
        at = close + world.pick((timedelta(0), timedelta(0), MICROSECOND, -INACTIVITY))
        asset = world.pick(world.assets)
        add_asset_event(world, asset, at, who)
        if world.chance(0.4):
            view(world, at, who, campaign=0.6)
    if world.chance(0.3):
        add_event(
            world,
            world.pick(("payment_initiated", "payment_succeeded", "payment_failed")),
            close,
            contact_id=world.pick(contacts),
            deal_id=world.pick((deal_id, f"{world.prefix}_nodeal")),
            properties={"amount": 99.5, "currency": "EUR"},
        )


def add_anything(world: World) -> None:
    """An event of any type at any instant, unknown types among them."""
    at = world.moment(1, 9)
    who = actor(world)
    if world.chance(0.06):
        asset_id = world.pick(world.assets)["asset_id"]
        add_event(world, UNKNOWN_TYPE, at, asset_id=world.maybe(asset_id), **who)
    elif world.chance(0.75):
        add_asset_event(world, world.pick(world.assets), at, who)
    elif world.chance(0.5):
        add_event(world, world.pick(CONVERSIONS[1:]), at, **who)
    else:
        add_event(world, world.pick(_PLAIN_EVENTS), at, **who)


def repeat_events(world: World) -> None:
    """Events that came twice: the same, or other content under the same id."""
    events = world.rows["events"]
    for row in world.rng.sample(events, min(len(events), world.rng.randint(1, 4))):
        copy = dict(row)
        if world.chance(0.6):
            received_at = row.get("received_at") or row["occurred_at"]
            copy["received_at"] = world.pick((received_at, received_at + GRACE, None))
            copy["occurred_at"] = world.near(row["occurred_at"], 0.3)
            if world.chance(0.2):
                row["received_at"] = copy["received_at"]
        events.insert(world.rng.randint(0, len(events)), copy)


_STORIES: tuple[tuple[Callable[[World], None], int], ...] = (
    (add_creation_story, 3),
    (add_cta_story, 2),
    (add_email_story, 2),
    (add_association_story, 6),
    (add_campaign_story, 2),
    (add_keyword_story, 3),
    (add_tracking_url_story, 1),
    (add_deal_story, 4),
    (add_anything, 14),
)


def add_events(world: World) -> None:
    """About 40 to 120 events."""
    add_page_view_runs(world)
    for story, times in _STORIES:
        for _ in range(times):
            if world.chance(0.85):
                story(world)
    world.rng.shuffle(world.rows["events"])
    repeat_events(world)
