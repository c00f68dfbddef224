"""Visitors and contacts: where they come from, and how the first become the second."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from orchestration.sample.company import (
    CAMPAIGNS,
    DEVICES,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    SALES_USERS,
    YEAR_END,
    Campaign,
)
from orchestration.sample.visits import Visits
from orchestration.sample.world import Person, Sample, any_hour, seconds

CONTACTS = 1200
ANONYMOUS_VISITORS = 500

_LAST_DAY = (YEAR_END - timedelta(days=9)).date()
_RUNNING = tuple(campaign for campaign in CAMPAIGNS if not campaign.is_deleted)


def day_of(rng: random.Random, campaign: Campaign) -> date:
    """A day of a campaign's run on which a visitor may come; early days are likelier."""
    last = min(campaign.end, _LAST_DAY)
    days = (last - campaign.start).days
    return campaign.start + timedelta(days=int(days * rng.random() ** 1.3))


def any_campaign(rng: random.Random) -> Campaign:
    """A campaign, by weight."""
    return rng.choices(_RUNNING, [campaign.weight for campaign in _RUNNING])[0]


def new_person(rng: random.Random, visitor_id: str) -> Person:
    """Somebody from some place with some device."""
    country, region, city, _, currency = rng.choices(PLACES, [place[3] for place in PLACES])[0]
    device_type, browser, user_agent, _ = rng.choices(DEVICES, [each[3] for each in DEVICES])[0]
    return Person(
        visitor_id=visitor_id,
        country=country,
        region=region,
        city=city,
        currency=currency,
        device_type=device_type,
        browser=browser,
        user_agent=user_agent,
    )


def add_people(sample: Sample, visits: Visits) -> list[tuple[Person, Campaign]]:
    """Adds all contacts with the visits that made them; returns each with its first campaign."""
    rng = sample.stream("people")
    found = []
    for number in range(1, CONTACTS + 1):
        campaign = any_campaign(rng)
        person = new_person(rng, f"v{number:05d}")
        person.contact_id = f"c{number:05d}"
        origin = rng.choices(("form", "sign-up", "purchase", "import"), (72, 9, 3, 16))[0]
        if origin == "import":
            person.created_at = any_hour(rng, day_of(rng, campaign))
        else:
            _come_and_convert(sample, visits, rng, person, campaign, origin)
        _add_contact(sample, rng, person, number, origin)
        found.append((person, campaign))
    sample.people = [person for person, _ in found]
    return found


def _come_and_convert(
    sample: Sample,
    visits: Visits,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    origin: str,
) -> None:
    """One to three visits, the last of which makes the visitor a contact."""
    at = any_hour(rng, day_of(rng, campaign))
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3)) - 1):
        visits.visit(person, at, visits.enter(campaign, visits.channel_of(campaign), at, person))
        at += timedelta(
            days=rng.randint(0, 3), hours=rng.randint(1, 20), seconds=rng.randint(0, 59)
        )
    channel = visits.channel_of(campaign)
    entry = visits.enter(campaign, channel, at, person)
    ended_at, page = visits.visit(person, at, entry, campaign)
    submitted_at = ended_at + seconds(rng, 15, 90)
    # The clocks of the tracker and the CRM differ by some seconds, now and then by a minute.
    delay = rng.choice((0, 0, 1, 2, 3, 8, -2, -5, 30, -30, 60, -60, 61, -95))
    person.created_at = submitted_at + timedelta(seconds=delay)
    person.identified_at = submitted_at
    known = {"contact_id": person.contact_id}
    if origin == "sign-up":
        sample.event("account_registered", submitted_at, person, **known)
        network = campaign.ad_network or "google"
        visits.pixel(person, submitted_at, network, "registration", 0, page["url"])
    elif origin == "purchase":
        value = rng.choice((49, 99, 199))
        bought = {"item": "starter plan", "value": value, "currency": person.currency}
        sample.event("cart_updated", submitted_at - seconds(rng, 5, 12), person, properties=bought)
        sample.event("purchase_completed", submitted_at, person, properties=bought, **known)
        network = campaign.ad_network or "facebook"
        visits.pixel(person, submitted_at, network, "purchase", value, page["url"])
    else:
        _submit_a_form(visits, rng, person, campaign, submitted_at, page["url"])
    source = "form" if origin == "form" else "app"
    sample.add(
        "visitor_identities",
        visitor_id=person.visitor_id,
        contact_id=person.contact_id,
        identified_at=submitted_at,
        source=source,
    )


def _submit_a_form(
    visits: Visits,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    submitted_at: datetime,
    url: str,
) -> None:
    sample, catalog = visits.sample, visits.catalog
    form = catalog.of(campaign, "form")[0]
    if rng.random() < 0.2:
        form = rng.choice(catalog.shared["form"])
    seen_at = submitted_at - seconds(rng, 5, 14)
    about = {"asset_id": form["asset_id"]}
    if rng.random() < 0.15:
        for cta in catalog.of(campaign, "cta")[:1]:
            sample.event("cta_viewed", seen_at, person, asset_id=cta["asset_id"])
    shown = "form_popup_viewed" if rng.random() < 0.2 else "form_viewed"
    if rng.random() < 0.5:
        sample.event(shown, seen_at, person, **about)
    if rng.random() < 0.25:
        sample.event("form_interacted", seen_at + seconds(rng, 1, 4), person, **about)
    if rng.random() < 0.35:
        url += f"?utm_campaign={campaign.utm.lower()}"
    sample.event(
        "form_submitted", submitted_at, person, contact_id=person.contact_id, url=url, **about
    )
    if campaign.ad_network and rng.random() < 0.2:
        visits.pixel(person, submitted_at, campaign.ad_network, "form_submission", 0, url)


def _add_contact(
    sample: Sample, rng: random.Random, person: Person, number: int, origin: str
) -> None:
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
    email = f"{first}.{last}{number if number > 1100 else ''}@example.com"
    stage = {"purchase": "customer", "import": "lead"}.get(origin, "subscriber")
    sample.add(
        "contacts",
        contact_id=person.contact_id,
        created_at=person.created_at,
        email=email if rng.random() < 0.1 else email.lower(),
        phone=f"+1 555 01{number % 100:02d}" if rng.random() < 0.3 else None,
        lifecycle_stage=stage,
        country=person.country,
        owner_id=rng.choice(SALES_USERS) if rng.random() < 0.4 else None,
        salesforce_campaign_id=f"sf-{number % 5 + 1}" if rng.random() < 0.2 else None,
        is_deleted=False,
        updated_at=None,
    )


def add_anonymous_visitors(sample: Sample, visits: Visits) -> None:
    """Visitors who never say who they are: they look, fill carts, leave them, click ads."""
    rng = sample.stream("anonymous")
    for number in range(1, ANONYMOUS_VISITORS + 1):
        campaign = any_campaign(rng)
        person = new_person(rng, f"w{number:05d}")
        at = any_hour(rng, day_of(rng, campaign))
        if rng.random() < 0.2:
            at, page = visits.look_around(person, at)
        else:
            entry = visits.enter(campaign, visits.channel_of(campaign), at, person)
            at, page = visits.visit(person, at, entry, campaign)
        if rng.random() < 0.25:
            network = campaign.ad_network or "facebook"
            visits.pixel(person, at, network, "page_view", 0, page["url"])
        if rng.random() < 0.14:
            _fill_a_cart(sample, visits, rng, person, at, page["url"])
        if rng.random() < 0.1:
            at += timedelta(days=rng.randint(1, 9))
            visits.look_around(person, at)


def _fill_a_cart(
    sample: Sample, visits: Visits, rng: random.Random, person: Person, at: datetime, url: str
) -> None:
    value = rng.choice((49, 99, 199))
    cart = {"item": rng.choice(("starter plan", "team plan")), "value": value, "currency": "EUR"}
    at += seconds(rng, 10, 100)
    sample.event("cart_updated", at, person, properties=cart)
    if rng.random() < 0.7:
        sample.event("cart_abandoned", at + timedelta(minutes=20), person, properties=cart)
    else:
        bought_at = at + seconds(rng, 60, 300)
        sample.event("purchase_completed", bought_at, person, properties=cart)
        visits.pixel(person, bought_at, "facebook", "purchase", value, url)
