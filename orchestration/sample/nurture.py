"""What marketing does with contacts: lists, workflows, emails, posts, webinars, messages."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta

from orchestration.sample.catalog import Catalog
from orchestration.sample.company import CAMPAIGNS, YEAR_END, Campaign
from orchestration.sample.visits import Visits
from orchestration.sample.world import Person, Sample, office_hours, seconds

_MAIL_CLIENTS = ("Apple Mail", "Gmail", "Outlook", "Thunderbird")
_BUSINESS_UNITS = {"US": "Americas", "CA": "Americas"}


def nurture(
    sample: Sample, catalog: Catalog, visits: Visits, people: list[tuple[Person, Campaign]]
) -> None:
    """Adds what the campaigns that run after a contact's creation do with it."""
    rng = sample.stream("nurture")
    for person, first in people:
        created_at = person.created_at
        if created_at is None:
            continue
        later = [
            campaign
            for campaign in CAMPAIGNS
            if not campaign.is_deleted
            and campaign.end > created_at.date()
            and campaign is not first
        ]
        number = min(len(later), rng.choice((0, 0, 1, 1)))
        for campaign in [first, *rng.sample(later, number)]:
            begin = max(
                created_at + timedelta(hours=rng.randint(2, 60)),
                datetime.combine(campaign.start, time(9), UTC),
            )
            if begin < YEAR_END:
                _run_campaign(sample, catalog, visits, rng, person, campaign, begin)
        _small_things(sample, catalog, rng, person, created_at)


def _run_campaign(
    sample: Sample,
    catalog: Catalog,
    visits: Visits,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    begin: datetime,
) -> None:
    if rng.random() < 0.3:
        members = catalog.of(campaign, "static_list")[0]
        sample.crm_event("list_member_added", begin, person, asset_id=members["asset_id"])
    workflow = None
    if rng.random() < 0.4:
        workflow = catalog.of(campaign, "workflow")[0]["asset_id"]
        if rng.random() < 0.25:
            workflow = rng.choice(catalog.shared["workflow"])["asset_id"]
        sample.crm_event("workflow_enrolled", begin, person, asset_id=workflow)
    at = begin + timedelta(minutes=rng.randint(5, 300))
    for email in catalog.of(campaign, "marketing_email"):
        if rng.random() < 0.62:
            # The second email of a campaign is what its workflow sends.
            by = workflow if email["asset_id"].endswith("-2") else None
            _send(sample, visits, rng, person, campaign, email["asset_id"], at, by)
        at += timedelta(days=rng.randint(3, 12), hours=rng.randint(0, 5))
    if rng.random() < 0.12:
        for post in visits.some_posts(campaign):
            network = post["properties"]["network"]
            interaction = rng.choice(("like", "like", "comment", "share", "mention", "click"))
            sample.crm_event(
                "social_post_interacted",
                begin + timedelta(days=rng.randint(0, 9), minutes=rng.randint(0, 600)),
                person,
                asset_id=post["asset_id"],
                properties={"network": network, "interaction": interaction},
            )
    for webinar in catalog.of(campaign, "marketing_event"):
        if rng.random() < 0.5:
            _invite(sample, rng, person, campaign, webinar["asset_id"], begin)
    if rng.random() < 0.2:
        at = office_hours(rng, begin.date()) + timedelta(days=rng.randint(1, 15))
        entry = visits.enter(campaign, visits.channel_of(campaign), at, person)
        visits.visit(person, at, entry, campaign)
    banners = catalog.of(campaign, "cta_legacy")
    banners = banners + [cta for cta in catalog.of(campaign, "cta") if "form_id" not in cta]
    if banners and person.identified_at is None and rng.random() < 0.3:
        # Seen in a partner's newsletter, before anything else.
        at = begin - timedelta(minutes=rng.randint(5, 50))
        banner = rng.choice(banners)["asset_id"]
        sample.crm_event("cta_viewed", at, person, asset_id=banner)
        if rng.random() < 0.4:
            clicked_at = at + seconds(rng, 5, 40)
            sample.crm_event("cta_clicked", clicked_at, person, asset_id=banner)
    if rng.random() < 0.06:
        at = begin - timedelta(minutes=rng.randint(51, 90))
        for cta in catalog.of(campaign, "cta")[:1]:
            sample.event("cta_viewed", at, person, asset_id=cta["asset_id"])
            submitted_at = at + seconds(rng, 0, 40)
            known = {"contact_id": person.contact_id, "asset_id": cta["form_id"]}
            sample.event("form_submitted", submitted_at, person, **known)


def _send(
    sample: Sample,
    visits: Visits,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    email_id: str,
    at: datetime,
    workflow_id: str | None,
) -> None:
    """One email to one contact, and what becomes of it."""
    about = {"asset_id": email_id}
    unit = {"business_unit": _BUSINESS_UNITS.get(person.country, "Europe")}
    sent = unit | {"workflow_id": workflow_id} if workflow_id else unit
    sample.crm_event("email_sent", at, person, properties=sent, **about)
    if rng.random() < 0.03:
        bounced = {"bounce_type": rng.choice(("hard", "soft"))}
        sample.crm_event(
            "email_bounced", at + seconds(rng, 1, 9), person, properties=bounced, **about
        )
        return
    sample.crm_event("email_delivered", at + seconds(rng, 1, 9), person, **about)
    if rng.random() > 0.42:
        return
    at += timedelta(minutes=rng.randint(2, 900), seconds=rng.randint(0, 59))
    client = {"mail_client": rng.choice(_MAIL_CLIENTS)}
    device = {"device_type": person.device_type, "ip_country": person.country}
    sample.crm_event("email_opened", at, person, properties=client, **about, **device)
    chance = rng.random()
    if chance < 0.02:
        sample.crm_event("email_reported_spam", at + seconds(rng, 5, 60), person, **about)
    elif chance < 0.06:
        left = {"status": "unsubscribed"} | unit
        sample.crm_event(
            "email_subscription_updated", at + seconds(rng, 5, 60), person, properties=left
        )
    elif chance < 0.09:
        sample.crm_event("email_forwarded", at + seconds(rng, 5, 60), person, **about)
    elif chance < 0.42:
        _click(
            sample, visits, rng, person, campaign, email_id, at + seconds(rng, 5, 90), workflow_id
        )


def _click(
    sample: Sample,
    visits: Visits,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    email_id: str,
    at: datetime,
    workflow_id: str | None,
) -> None:
    """A click in an email, and the visit that it leads to."""
    sample.crm_event(
        "email_clicked",
        at,
        person,
        asset_id=email_id,
        device_type=person.device_type,
        ip_country=person.country,
        properties={"original_url": visits.catalog.pages(campaign)[0]["url"]},
    )
    if person.identified_at is None:
        # The link tells the tracker who an imported contact is.
        person.identified_at = at
        sample.add(
            "visitor_identities",
            visitor_id=person.visitor_id,
            contact_id=person.contact_id,
            identified_at=at,
            source="email",
        )
    entry = visits.enter(campaign, "email", at, person)
    entry.parameters = [
        f"_hsmi={email_id}" if piece.startswith("_hsmi") else piece for piece in entry.parameters
    ]
    if workflow_id and rng.random() < 0.4:
        entry.parameters = ["utm_source=hs_automation", "utm_medium=email"]
    ended_at, _ = visits.visit(person, at + seconds(rng, 1, 4), entry, campaign, most_pages=3)
    _buy_at_once(sample, person, ended_at)


def _buy_at_once(sample: Sample, person: Person, at: datetime) -> None:
    """Now and then a visit from an email ends with a purchase."""
    rng = sample.stream(f"purchase {person.contact_id} {at}")
    if rng.random() > 0.12:
        return
    at += seconds(rng, 20, 200)
    bought = {"item": "team plan", "value": rng.choice((99, 199)), "currency": person.currency}
    known = {"contact_id": person.contact_id}
    sample.event("purchase_completed", at, person, properties=bought, **known)


def _invite(
    sample: Sample,
    rng: random.Random,
    person: Person,
    campaign: Campaign,
    event_id: str,
    begin: datetime,
) -> None:
    about = {
        "asset_id": event_id,
        "properties": {
            "event_name": campaign.event_name,
            "origin": "in_person" if "qr_code" in campaign.channels else "online",
        },
    }
    registered_at = begin + timedelta(hours=rng.randint(1, 40))
    sample.crm_event("marketing_event_registered", registered_at, person, **about)
    at = office_hours(rng, (registered_at + timedelta(days=rng.randint(1, 10))).date())
    chance = rng.random()
    if chance < 0.62:
        sample.crm_event("marketing_event_attended", at, person, **about)
    elif chance < 0.75:
        sample.crm_event("marketing_event_cancelled", at - timedelta(hours=6), person, **about)


def _small_things(
    sample: Sample, catalog: Catalog, rng: random.Random, person: Person, created_at: datetime
) -> None:
    """The newsletter, text messages, chats, an old banner: of no campaign."""
    if rng.random() < 0.25:
        sample.crm_event("list_member_added", created_at, person, asset_id="list-newsletter")
    if rng.random() < 0.07:
        at = created_at + timedelta(days=rng.randint(1, 50))
        reminder = catalog.shared["sms"][0]["asset_id"]
        sample.crm_event("sms_sent", at, person, asset_id=reminder)
        outcome = rng.choice(("sms_delivered", "sms_delivered", "sms_dropped", "sms_failed"))
        sample.crm_event(outcome, at + seconds(rng, 1, 20), person, asset_id=reminder)
        if outcome == "sms_delivered" and rng.random() < 0.6:
            clicked_at = at + seconds(rng, 30, 900)
            link = {"original_url": "https://www.larchboard.example/contact"}
            sample.crm_event("sms_clicked", clicked_at, person, asset_id=reminder, properties=link)
    if rng.random() < 0.06:
        at = created_at + timedelta(days=rng.randint(1, 60))
        sample.crm_event("message_sent", at, person, user_id="u-05")
        if rng.random() < 0.15:
            sample.crm_event("message_failed", at + seconds(rng, 1, 9), person, user_id="u-05")
        else:
            sample.crm_event("message_delivered", at + seconds(rng, 1, 9), person, user_id="u-05")
            opened_at = at + seconds(rng, 30, 4000)
            sample.crm_event("message_opened", opened_at, person, user_id="u-05")
    if rng.random() < 0.04:
        at = created_at + timedelta(days=rng.randint(0, 40))
        sample.event("cta_viewed", at, person, asset_id="cta-old-banner")
