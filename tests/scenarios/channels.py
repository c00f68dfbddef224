"""What channels and KPIs are counted from (rules K): clicks and the sessions that they bring,
reports of pixels, carts, apps, clicks on pages, surveys, calls, and figures that come by day.

Each story is short and lies on the edges of one rule. A scenario has a few of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.scenarios.campaigns import AMOUNTS, CURRENCIES, add_asset, associate
from tests.scenarios.events import add_event
from tests.scenarios.urls import page_url
from tests.scenarios.world import DAY, ENGAGED, INACTIVITY, MICROSECOND, Row, World

SECOND = timedelta(seconds=1)

EMAIL_TYPES = (
    "email_sent",
    "email_delivered",
    "email_delivered",
    "email_bounced",
    "email_opened",
    "email_opened",
    "email_clicked",
    "email_reported_spam",
    "email_subscription_updated",
    "email_subscription_updated",
    "email_forwarded",
)

# What a click is of each kind, and the type of its asset.
CLICKS: tuple[tuple[str, str], ...] = (
    ("email_clicked", "marketing_email"),
    ("social_post_interacted", "social_post"),
    ("affiliate_link_clicked", "affiliate_link"),
)

CONVERSIONS = ("purchase_completed", "account_registered", "form_submitted")

# Places on a page: on the grid's lines, at its ends, beside the page, no numbers.
PLACES: tuple[tuple[Any, Any], ...] = (
    (0, 0),
    (1, 1),
    (0.05, 0.02),
    (0.049999999, 0.019999999),
    (0.049999999, 0.999999999),
    (0.0499999999, 0.5),
    (0.95, "0.98"),
    ("0.5", "5e-1"),
    (1.000000001, 0.5),
    (1.0000000001, 0.5),
    (-0.01, 0.5),
    (0.5, None),
    ("left", 0.5),
    (0.3, 1.5),
)
DEPTHS: tuple[Any, ...] = (0, 0.05, 0.1, 0.100000001, "0.2", 0.95, 1, 1.01, -0.1, None, "deep")

SCORES: dict[str, tuple[Any, ...]] = {
    "nps": (0, 6, 6.9999, "6.99999", 7, 8.5, 9, 10, 10.5, -1, None, "great"),
    "csat": (0, 0.9, 1, 2.9, 3, 3.99996, 4, 5, "5.1", None, "5"),
    "ces": (0, 1, 3.5, 4, 4.9999, 5, 7, 7.00001, "7.1", None, "1e0"),
    "NPS": (9, 10),
    "stars": (3, 5),
}

OUTCOMES = ("answered", "missed", "busy", "no_answer", "voicemail", "completed", "Answered", None)
DURATIONS: tuple[Any, ...] = (0, 61, 61.0005, "61.2345", -3, "1e2", 1e20, None, "", "a minute")

# Values in currencies with a rate, without one at some dates, and never with one.
VALUES: tuple[Any, ...] = (10, "99.99", 0.005, -5, 0, None, "free", 1234.5)

KPIS = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "closed_deals",
    "influenced_revenue",
    "revenue",
    "attributed_revenue",
    "impressions",
    "clicks",
    "ctr",
    "cpc",
    "conversion_rate",
    "search_rank",
    "spend",
    "cac",
    "roi",
    "roas",
)
UNKNOWN_KPIS = ("leads", "Sessions")
COMPANY = "all"

# The periods of the company's targets begin on days of their own: their key has no room for a
# prefix.
_BEFORE_ALL = date(1900, 1, 1)


# --- who and where ------------------------------------------------------------------------------


def _asset(world: World, asset_type: str) -> Row:
    """An asset of a type, made (and mostly associated) where the scenario has none."""
    assets = world.assets_of(asset_type)
    if assets:
        return world.pick(assets)
    asset = add_asset(world, asset_type)
    if world.chance(0.85):
        associate(world, asset)
    return asset


def _visitor(world: World, contact_id: str | None) -> str:
    """A visitor that was never here before; identified as the contact, if one is given."""
    visitor_id = world.new_id("v")
    world.visitors.append(visitor_id)
    if contact_id is not None:
        world.add(
            "visitor_identities",
            visitor_id=visitor_id,
            contact_id=contact_id,
            identified_at=world.moment(),
            source=None,
        )
    return visitor_id


def _actor(world: World) -> dict[str, str | None]:
    """A visitor of one's own or of old, a contact, both, or a contact id without a row."""
    contact_id = world.pick(world.contacts)
    kind = world.rng.choices(("new", "old", "contact", "both", "orphan"), (3, 3, 3, 2, 1))[0]
    if kind == "new":
        return {"visitor_id": _visitor(world, None), "contact_id": None}
    if kind == "old":
        return {"visitor_id": world.pick(world.visitors), "contact_id": None}
    if kind == "both":
        return {"visitor_id": world.pick(world.visitors), "contact_id": contact_id}
    if kind == "orphan":
        contact_id = world.pick(world.orphans or [f"{world.prefix}_gone"])
    return {"visitor_id": None, "contact_id": contact_id}


def _view(world: World, at: datetime, who: dict[str, str | None], campaign: float = 0.6) -> Row:
    """A page view that often counts for a campaign, seldom excluded from all."""
    page = world.pick([page or world.host for page in world.pages.values()])
    url = page_url(world, page, campaign=campaign, click=0.05)
    return add_event(world, "page_viewed", at, asset_id=None, url=url, **who)


def _midnight(world: World) -> datetime:
    """A midnight of UTC, or of New York, within the scenario's days."""
    day = world.anchor(0).replace(hour=0) + world.pick((1, 2, 3)) * DAY
    return day + timedelta(hours=world.pick((0, 0, 4, 5)))


def _start(world: World) -> datetime:
    """When a story begins: at an anchor, or about a midnight."""
    if world.chance(0.3):
        return _midnight(world) - world.pick((timedelta(0), MICROSECOND, ENGAGED))
    return world.moment(1, 7)


# --- stories ------------------------------------------------------------------------------------


def add_scans(world: World) -> None:
    """A code scanned by few people at few places, again and at once (K-9)."""
    code = _asset(world, "qr_code")["asset_id"]
    people = [_actor(world) for _ in range(2)]
    start = _start(world)
    places = world.some(
        (("DE", "DE-BE", "Berlin"), ("DE", "DE-BY", "München"), ("US", "US-NY", None)), 2
    )
    for _ in range(world.rng.randint(2, 5)):
        at = start + world.pick((timedelta(0), timedelta(0), MICROSECOND, timedelta(hours=1), DAY))
        row = add_event(
            world,
            "qr_code_scanned",
            at,
            asset_id=world.maybe(code, 0.9),
            url=world.maybe(page_url(world, world.host, campaign=0.7), 0.3),
            **world.pick(people),
        )
        row["ip_country"], row["ip_region"], row["ip_city"] = world.pick(places)
        row["device_type"] = world.pick(("mobile", "mobile", None))
        row["properties"] = world.pick(({"country": None}, {"country": "FR"}, {"country": ""}))


def add_brought_sessions(world: World) -> None:
    """Clicks, then a page view within, at and beyond the inactivity limit, then conversions in and
    outside the session (K-8, K-10, K-13)."""
    contact_id = world.pick(world.contacts)
    is_known = world.chance(0.6)
    visitor_id = _visitor(world, contact_id if is_known else None)
    visitor = {"visitor_id": visitor_id, "contact_id": world.maybe(contact_id, 0.2)}
    contact = {"visitor_id": None, "contact_id": contact_id}
    click_by = contact if is_known and world.chance(0.5) else visitor
    at = _start(world)
    event_type, asset_type = world.pick(CLICKS)
    asset = _asset(world, asset_type)
    if world.chance(0.2):
        # The session has begun already: its entry is no page view after the click.
        _view(world, at - world.pick((ENGAGED, MICROSECOND)), visitor)
    for number in range(world.pick((1, 1, 2, 3))):
        if number and world.chance(0.3):
            event_type, asset_type = world.pick(CLICKS)
            asset = _asset(world, asset_type)
        interaction = world.rng.choices(("click", "like"), (6, 1))[0]
        row = add_event(world, event_type, at, asset_id=asset["asset_id"], **click_by)
        if event_type == "social_post_interacted":
            row["properties"] = {
                "network": world.pick(("linkedin", "x", None)),
                "interaction": interaction,
            }
        if event_type == "email_clicked":
            row["properties"] = {"mail_client": world.pick(("Gmail", "Outlook", None))}
        if number == 0:
            at += world.pick((timedelta(0), MICROSECOND, timedelta(minutes=5)))
    near = (timedelta(0), MICROSECOND, timedelta(minutes=1), INACTIVITY - MICROSECOND)
    viewed_at = at + world.pick((*near, INACTIVITY - MICROSECOND, INACTIVITY, INACTIVITY))
    if world.chance(0.15):
        viewed_at = at + INACTIVITY + MICROSECOND
    for _ in range(world.pick((1, 1, 2))):
        _view(world, viewed_at, visitor)
    after = (timedelta(0), ENGAGED, INACTIVITY - MICROSECOND, INACTIVITY)
    for wait in world.some(after, 2):
        add_event(
            world,
            world.pick(CONVERSIONS),
            viewed_at + wait,
            asset_id=None,
            **world.pick((visitor, visitor, visitor, contact)),
        )


def add_emails(world: World) -> None:
    """What happens to an email, on few devices and in few mail clients (K-8)."""
    email = _asset(world, "marketing_email")["asset_id"]
    at = _start(world)
    contacts = world.some(world.everyone(), 2)
    device_type, mail_client = world.pick((None, "mobile")), world.pick(("Gmail", "Outlook", None))
    for event_type in world.rng.sample(EMAIL_TYPES, 7):
        row = add_event(
            world,
            event_type,
            at + world.pick((timedelta(0), ENGAGED, ENGAGED, ENGAGED, DAY)),
            asset_id=world.maybe(email, 0.9),
            visitor_id=None,
            contact_id=world.pick(contacts),
        )
        row["device_type"], row["ip_country"] = device_type, "DE"
        row["properties"] = {"mail_client": mail_client, "country": None}
        if world.chance(0.2):
            row["device_type"], row["properties"]["mail_client"] = "desktop", "Gmail"
        if event_type == "email_subscription_updated":
            states = ("unsubscribed", "Unsubscribed", "UNSUBSCRIBED", "subscribed", None)
            row["properties"]["status"] = world.pick(states)


def add_calls(world: World) -> None:
    """Calls of every outcome and of odd lengths, on a number and on none (K-11)."""
    number = _asset(world, "tracking_number")["asset_id"]
    at = _start(world)
    owner = world.pick(world.users)
    who = _actor(world)
    for outcome in world.rng.sample(OUTCOMES, world.rng.randint(2, 5)):
        event_type = world.rng.choices(("call_ended", "call_started"), (8, 1))[0]
        row = add_event(
            world,
            event_type,
            at + world.pick((timedelta(0), ENGAGED, DAY)),
            asset_id=world.maybe(number, 0.8),
            **world.pick((who, _actor(world))),
        )
        row["user_id"] = world.pick((owner, owner, ""))
        row["ip_country"] = "DE"
        row["properties"] = {
            "outcome": outcome,
            "duration_s": world.pick(DURATIONS),
            "country": world.pick((None, None, "AT")),
        }


def add_reports(world: World) -> None:
    """Reports of conversions by browser and server, and pages that pixels saw (K-12)."""
    who = _actor(world)
    others = (who, who, who, _actor(world))
    at = _midnight(world) if world.chance(0.4) else world.moment(1, 7)
    dedup_ids = (
        *(3 * (f"{world.prefix}-o1",)),
        *(f"{world.prefix}-o2", "", None, 7_000_000 + world.seed),
    )
    for _ in range(world.rng.randint(3, 6)):
        kind = world.rng.choices(
            ("purchase", "registration", "form_submission", "page_view", "refund", None),
            (6, 2, 1, 3, 1, 1),
        )[0]
        add_event(
            world,
            "pixel_fired",
            at + world.pick((timedelta(0), MICROSECOND, -MICROSECOND, ENGAGED, -ENGAGED)),
            asset_id=None,
            url=world.maybe(page_url(world, world.host, campaign=0.4, click=0)),
            **world.pick(others),
            properties={
                "pixel_event": kind,
                "network": world.rng.choices(("meta", "google", None), (5, 2, 1))[0],
                "source": world.pick(("browser", "server", "server", "Server", None)),
                "dedup_id": world.pick(dedup_ids),
                "value": world.pick(VALUES),
                "currency": world.pick(("", "EUR", "USD", "GBP", "CHF", "usd")),
            },
        )
    if who["visitor_id"] and world.chance(0.8):
        _view(world, at - ENGAGED, who, campaign=0.9)


def add_interest(world: World) -> None:
    """Pages that pixels saw and carts of a visitor, who may convert long before or after (K-12)."""
    contact_id = world.maybe(world.pick(world.contacts), 0.3)
    who = {"visitor_id": _visitor(world, contact_id), "contact_id": None}
    at = _start(world)
    urls = [page_url(world, world.host, campaign=0.6, click=0) for _ in range(2)]
    if world.chance(0.5):
        _view(world, at, who)
    for _ in range(world.rng.randint(2, 4)):
        at += world.pick((timedelta(0), ENGAGED, DAY))
        event_type = world.pick(("pixel_fired", "pixel_fired", "cart_updated"))
        row = add_event(world, event_type, at, asset_id=None, url=world.pick((*urls, None)), **who)
        if event_type == "pixel_fired":
            row["properties"] = {"pixel_event": "page_view", "source": "browser"}
    if world.chance(0.25):
        row = add_event(world, "pixel_fired", at + 3 * DAY, asset_id=None, **who)
        row["properties"] = {"pixel_event": world.pick(("purchase", "registration", "refund"))}


def add_carts(world: World) -> None:
    """Carts filled, abandoned and bought, by one person with several visitors (K-14)."""
    contact_id = world.pick(world.contacts)
    people: list[dict[str, str | None]] = [
        {"visitor_id": _visitor(world, contact_id), "contact_id": None},
        {"visitor_id": _visitor(world, contact_id), "contact_id": None},
        {"visitor_id": None, "contact_id": contact_id},
    ]
    if world.chance(0.4):
        people = [_actor(world)]
    at = _start(world)
    steps = (timedelta(0), timedelta(0), MICROSECOND, ENGAGED, INACTIVITY)
    if world.chance(0.6):
        # Most often the second change lies behind midnight.
        at = _midnight(world) - world.pick((MICROSECOND, ENGAGED))
        steps = (timedelta(0), MICROSECOND, ENGAGED, 2 * ENGAGED, INACTIVITY)
    if people[0]["visitor_id"] and world.chance(0.6):
        _view(world, at - world.pick((MICROSECOND, ENGAGED)), people[0])
    changes = world.rng.choices(
        ("cart_updated", "cart_abandoned", "purchase_completed"), (5, 3, 2), k=world.pick((3, 4, 6))
    )
    if world.chance(0.5):
        changes = ["cart_updated", "cart_abandoned", *changes[2:]]
    for event_type in changes:
        add_event(
            world,
            event_type,
            at,
            asset_id=None,
            url=world.maybe(page_url(world, world.host, click=0), 0.2),
            **world.pick(people),
            properties={"value": world.pick(VALUES), "currency": world.pick(("EUR", "USD", "CHF"))},
        )
        at += world.pick(steps)


def add_uses(world: World) -> None:
    """An app opened and closed, with closings missing, on days a week and a month apart (K-14)."""
    contact_id = world.pick(world.contacts)
    people: list[dict[str, str | None]] = [
        {"visitor_id": _visitor(world, contact_id), "contact_id": None},
        {"visitor_id": None, "contact_id": contact_id},
        _actor(world),
    ]
    start = _start(world)
    asset_id = world.maybe(world.pick(world.assets)["asset_id"], 0.6)
    days = world.some((1, 6, 7, 29, 30), 2)
    for back in [0, 0, 0, *days]:
        at = start + back * DAY + world.pick((timedelta(0), ENGAGED, MICROSECOND))
        event_type = world.pick(("app_opened", "app_opened", "app_closed", "feature_used"))
        person = world.rng.choices(people, (5, 2, 1))[0]
        add_event(world, event_type, at, asset_id=asset_id, **person)


def add_clicks_on_pages(world: World) -> None:
    """Clicks in a row on one cell, on its neighbour and elsewhere, scrolls and errors (K-15)."""
    who = {"visitor_id": _visitor(world, None), "contact_id": None}
    at = _start(world)
    page = _view(world, at, who)
    url = page["url"]
    place = world.pick(PLACES)
    third = world.pick((SECOND, SECOND, SECOND, *(2 * (SECOND + MICROSECOND,)), SECOND / 2))
    for wait in (timedelta(0), SECOND / 2, third, *world.some((third, 2 * third), 1)):
        row = add_event(
            world, "page_clicked", at + wait, asset_id=None, url=url, user_agent=None, **who
        )
        x, y = place
        if world.chance(0.08):
            x, y = world.pick(PLACES)
        row["device_type"] = page["device_type"]
        row["properties"] = {"x": x, "y": y, "is_dead": world.pick((True, "yes", 0, None, "on"))}
        if world.chance(0.06):
            row["url"] = world.pick((None, page_url(world, world.host)))
    for _ in range(world.pick((1, 2))):
        asset_id = world.maybe(world.pick(world.assets)["asset_id"], 0.3)
        row = add_event(world, "page_scrolled", at + ENGAGED, asset_id=asset_id, url=url, **who)
        row["properties"] = {"scroll_depth": world.pick(DEPTHS)}
    if world.chance(0.5):
        add_event(world, "page_error", at + world.pick((ENGAGED, INACTIVITY)), **who)


def add_visits(world: World) -> None:
    """Sessions that look the same, by one visitor and by another, on a day and the next (K-5)."""
    url = page_url(world, world.pick([page for page in world.pages.values() if page]), click=0.05)
    visitors = [_visitor(world, None) for _ in range(2)]
    at = _start(world)
    for _ in range(world.rng.randint(3, 4)):
        who = {"visitor_id": world.pick(visitors), "contact_id": None}
        row = add_event(world, "page_viewed", at, asset_id=None, url=url, user_agent=None, **who)
        row["device_type"], row["browser"], row["ip_country"] = "mobile", "Firefox", "DE"
        if world.chance(0.25):
            add_event(world, "account_registered", at + ENGAGED, asset_id=None, **who)
        at += world.pick((timedelta(0), INACTIVITY, timedelta(hours=2), DAY))


def add_responses(world: World) -> None:
    """Answers to surveys of each kind, on the borders of its scale, in sessions and outside
    (K-16)."""
    survey = _asset(world, "survey")["asset_id"]
    kind = world.rng.choices(tuple(SCORES), (8, 8, 8, 1, 1))[0]
    who = _actor(world)
    at = _start(world)
    if who["visitor_id"]:
        _view(world, at - world.pick((timedelta(0), ENGAGED, INACTIVITY)), who, campaign=0.8)
    for score in world.rng.sample(SCORES[kind], min(6, len(SCORES[kind]))):
        row = add_event(
            world,
            "survey_responded",
            at,
            asset_id=world.maybe(survey, 0.85),
            **world.rng.choices((who, _actor(world)), (5, 1))[0],
        )
        row["properties"] = {
            "kind": world.rng.choices((kind, None), (9, 1))[0],
            "score": score,
        }


_STORIES: tuple[Callable[[World], None], ...] = (
    add_scans,
    add_brought_sessions,
    add_visits,
    add_emails,
    add_calls,
    add_reports,
    add_reports,
    add_interest,
    add_carts,
    add_uses,
    add_clicks_on_pages,
    add_clicks_on_pages,
    add_responses,
    add_responses,
)


# --- figures by day -----------------------------------------------------------------------------


def _days_of(world: World, asset_id: str) -> list[date]:
    """Days on which an asset changed hands or was touched or deals closed, and those beside."""
    days = [world.base.date() + back * DAY for back in (0, 1, 5)]
    for row in world.rows["campaign_assets"]:
        if row["asset_id"] == asset_id:
            for at in (row["associated_at"], row["removed_at"]):
                if at is not None:
                    days += [at.date(), at.date(), at.date() - DAY, at.date() + DAY]
    for row in world.rows["events"]:
        if row.get("asset_id") == asset_id:
            days += 2 * [row["occurred_at"].date()]
    return days + 3 * _days_of_closes(world)


def _days_of_closes(world: World) -> list[date]:
    return [deal["closed_at"].date() for deal in world.deals if deal["closed_at"] is not None]


def _add_ad_stats(world: World) -> None:
    ad = _asset(world, world.pick(("ad_campaign", "paid_search_campaign")))["asset_id"]
    for _ in range(world.rng.randint(2, 5)):
        world.add(
            "ad_stats",
            asset_id=ad,
            network=world.pick(("google", "meta", "Google")),
            stat_date=world.pick(_days_of(world, ad)),
            placement=world.pick((None, "search", "display", "video", "Search")),
            impressions=world.pick((None, 0, 1000, 2000)),
            clicks=world.pick((None, 0, 3, 37)),
            cost=world.pick(AMOUNTS),
            currency=world.pick(CURRENCIES),
            reported_conversions=world.pick((None, 0, 2, 1.5)),
        )


def _add_social_stats(world: World) -> None:
    post = _asset(world, "social_post")["asset_id"]
    for day in set(world.some(_days_of(world, post), 3)):
        world.add(
            "social_stats",
            asset_id=post,
            stat_date=day,
            network=world.pick((None, "linkedin", "linkedin", "x")),
            impressions=world.pick((None, 0, 100)),
            reach=world.pick((None, 0, 80, 80)),
            mentions=world.pick((None, 3)),
            followers=1200,
        )


def _add_rankings(world: World) -> None:
    row = world.pick(world.rows["campaign_keywords"])
    keyword = row["keyword"].strip().lower()
    days = [world.base.date(), world.base.date() + 20 * DAY]
    for at in (row["associated_at"], row["removed_at"]):
        if at is not None:
            days += [at.date(), at.date() - DAY, at.date() + DAY]
    spellings = (keyword, keyword, keyword.upper(), f" {keyword} ", f"{world.prefix} other")
    for _ in range(world.rng.randint(2, 6)):
        world.add(
            "search_rankings",
            keyword=world.pick(spellings),
            engine=world.pick(("google", "google", "bing")),
            stat_date=world.pick(days),
            position=world.pick((None, 0, 1, 1, 3.5, 10, 10.5, 11, 10.00004, 0.9)),
            url=None,
        )


def _add_spend(world: World) -> None:
    days = [world.base.date() + back * DAY for back in range(8)] + 2 * _days_of_closes(world)
    for _ in range(2):
        campaigns = [*world.campaigns, *world.campaigns, None, f"{world.prefix}_unheard_of"]
        world.add(
            "campaign_spend",
            spend_id=world.new_id("sp"),
            spent_on=world.pick(days),
            amount=world.pick(AMOUNTS[2:]),
            campaign_id=world.pick(campaigns),
            currency=world.pick(CURRENCIES),
            category=None,
        )


def _add_targets(world: World) -> None:
    day = world.base.date()
    for _ in range(world.rng.randint(1, 3)):
        campaign_id, kpi = world.pick(world.campaigns), world.pick((*KPIS, *UNKNOWN_KPIS))
        for begin in world.some((0, 1, 2, 4), 2):
            world.add(
                "kpi_targets",
                campaign_id=campaign_id,
                kpi=kpi,
                period_start=day + begin * DAY,
                period_end=day + (begin + world.pick((0, 1, 9))) * DAY,
                target=world.pick((0, 10, 12.5, -1)),
            )
    if world.chance(0.5):
        world.add(
            "kpi_targets",
            campaign_id=COMPANY,
            kpi=world.pick((*KPIS, "leads")),
            period_start=_BEFORE_ALL + world.seed * DAY,
            period_end=day + world.pick((0, 3, 60)) * DAY,
            target=world.pick((0, 1000, 12.5)),
        )


def _add_affiliates(world: World) -> None:
    """What is paid for links: fixed, a rate, both or nothing, in any currency."""
    known = {row["asset_id"] for row in world.rows["affiliates"]}
    for link in world.assets_of("affiliate_link"):
        if link["asset_id"] in known or world.chance(0.2):
            continue
        world.add(
            "affiliates",
            asset_id=link["asset_id"],
            partner=world.pick((None, "Partner & Co")),
            commission_rate=world.pick((None, 0, 0.1, 0.0333335)),
            commission_fixed=world.pick((None, Decimal("0"), Decimal("2.50"), Decimal("7.005"))),
            currency=world.pick((None, "USD", "GBP", "CHF")),
        )


def add_channels(world: World) -> None:
    """Some 15 to 25 events, and a few rows of each of the figures that come by day."""
    for story in (add_brought_sessions, *world.rng.sample(_STORIES, 3)):
        story(world)
    for figures in (_add_ad_stats, _add_social_stats, _add_rankings, _add_spend, _add_targets):
        if world.chance(0.7):
            figures(world)
    _add_affiliates(world)
