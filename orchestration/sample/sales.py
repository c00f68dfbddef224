"""Deals: who sells what to whom, how it ends, and what customers do afterwards."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from orchestration.sample.catalog import Catalog
from orchestration.sample.company import SALES_USERS, YEAR_END, Campaign
from orchestration.sample.visits import Visits
from orchestration.sample.world import Person, Row, Sample, office_hours, seconds

DEALS = 300

# Stages of a deal on its way, by pipeline, and the won stage that ends it.
_PATHS = {
    "new-business": (("qualified", "demo-held", "proposal-sent"), "contract-signed"),
    "expansion": (("upgrade-asked", "offer-made"), "upgraded"),
}

_AMOUNTS = (990, 1490, 2400, 2400, 3600, 4800, 4800, 7200, 9600, 12000, 18500, 36000)


def sell(
    sample: Sample, catalog: Catalog, visits: Visits, people: list[tuple[Person, Campaign]]
) -> None:
    """Adds deals with their stages and contacts, and what sales and customers do."""
    rng = sample.stream("sales")
    chosen = rng.sample(people, DEALS)
    for number, (person, campaign) in enumerate(chosen, 1):
        colleagues = [other for other, _ in rng.sample(people, 2) if other is not person]
        _sell_one(sample, catalog, visits, rng, number, person, campaign, colleagues)


def _sell_one(
    sample: Sample,
    catalog: Catalog,
    visits: Visits,
    rng: random.Random,
    number: int,
    person: Person,
    campaign: Campaign,
    colleagues: list[Person],
) -> None:
    if person.created_at is None:
        return
    owner = rng.choice(SALES_USERS)
    first_day = (person.created_at + timedelta(days=rng.randint(1, 21))).date()
    created_at = office_hours(rng, first_day)
    pipeline = rng.choices(("new-business", "expansion"), (8, 2))[0]
    open_stages, won_stage = _PATHS[pipeline]
    ending = rng.choices(("won", "lost", "open"), (48, 28, 24))[0]
    stages = list(open_stages[: rng.randint(1, 3)])
    if ending != "open":
        stages.append(won_stage if ending == "won" else "closed-lost")
    entries = [(stages[0], created_at)]
    for stage in stages[1:]:
        entries.append((stage, office_hours(rng, entries[-1][1].date() + _days(rng, 3, 24))))
    # What lies beyond the year has not happened.
    entries = [(stage, at) for stage, at in entries if at < YEAR_END]
    if not entries:
        return
    deal_id = f"d{number:04d}"
    deal = _add_deal(sample, rng, deal_id, person, owner, pipeline, entries)
    for stage, at in entries:
        sample.add(
            "deal_stage_history",
            deal_id=deal_id,
            stage_id=stage,
            entered_at=at,
            pipeline_id=pipeline if rng.random() < 0.9 else None,
        )
    on_deal = [person]
    for colleague in colleagues[: rng.choice((0, 0, 1, 2))]:
        if colleague.created_at is not None and colleague.created_at < entries[-1][1]:
            on_deal.append(colleague)
    for contact in on_deal:
        _put_on_deal(sample, rng, deal_id, contact, created_at, entries[-1][1])
    _talk(sample, catalog, rng, deal_id, person, owner, created_at)
    if entries[-1][0] == won_stage:
        closed_at = deal["closed_at"] or entries[-1][1]
        _become_customer(sample, visits, rng, deal, person, closed_at)


def _days(rng: random.Random, least: int, most: int) -> timedelta:
    return timedelta(days=rng.randint(least, most))


def _add_deal(
    sample: Sample,
    rng: random.Random,
    deal_id: str,
    person: Person,
    owner: str,
    pipeline: str,
    entries: list[tuple[str, datetime]],
) -> Row:
    stage, entered_at = entries[-1]
    is_closed = stage in ("contract-signed", "upgraded", "closed-lost")
    amount = rng.choice(_AMOUNTS) * rng.choice((1, 1, 2))
    cents = rng.choice(("00", "00", "50", "99"))
    closed_at = entered_at if is_closed and rng.random() < 0.8 else None
    if closed_at is not None and rng.random() < 0.1:
        # Backdated by whoever tidied up.
        closed_at -= timedelta(days=1)
    return sample.add(
        "deals",
        deal_id=deal_id,
        created_at=entries[0][1],
        name=f"Larchboard for {amount // 12 // 10 + 1} people",
        amount=f"{amount}.{cents}" if rng.random() < 0.96 else None,
        currency=person.currency if rng.random() < 0.92 else None,
        pipeline_id=pipeline if rng.random() < 0.94 else None,
        stage_id=stage,
        closed_at=closed_at,
        owner_id=owner,
        is_deleted=False,
        updated_at=entered_at + timedelta(minutes=5),
    )


def _put_on_deal(
    sample: Sample,
    rng: random.Random,
    deal_id: str,
    contact: Person,
    created_at: datetime,
    last_at: datetime,
) -> None:
    associated_at = max(created_at, contact.created_at or created_at) + seconds(rng, 0, 7200)
    removed_at = None
    if rng.random() < 0.05:
        removed_at = max(last_at - timedelta(days=1), associated_at)
    sample.add(
        "deal_contacts",
        deal_id=deal_id,
        contact_id=contact.contact_id,
        associated_at=associated_at,
        removed_at=removed_at,
    )


def _talk(
    sample: Sample,
    catalog: Catalog,
    rng: random.Random,
    deal_id: str,
    person: Person,
    owner: str,
    begin: datetime,
) -> None:
    """Meetings, calls, emails, documents and sequences around a deal."""

    def say(event_type: str, at: datetime, **values: object) -> None:
        sample.crm_event(event_type, at, person, deal_id=deal_id, user_id=owner, **values)

    if rng.random() < 0.4:
        at = begin - timedelta(hours=2)
        kind = rng.choice(("round_robin", "personal", "group"))
        booked = {"booked_through": "meeting_link", "meeting_type": kind, "form_id": "form-contact"}
        if rng.random() < 0.4:
            booked = {"booked_through": "contact_record", "meeting_type": kind}
        say("meeting_booked", at, properties=booked)
        outcome = rng.choice(("completed", "completed", "completed", "no_show", "rescheduled"))
        result = {"outcome": outcome, "meeting_type": kind}
        say("meeting_outcome_changed", at + _days(rng, 1, 6), properties=result)
    if rng.random() < 0.45:
        _call(sample, rng, person, owner, deal_id, begin + timedelta(hours=rng.randint(3, 90)))
    if rng.random() < 0.5:
        at = begin + timedelta(hours=rng.randint(1, 60))
        say("sales_email_sent", at)
        for event_type in ("sales_email_opened", "sales_email_clicked", "sales_email_replied"):
            if rng.random() < 0.5:
                at += timedelta(minutes=rng.randint(3, 600))
                say(event_type, at)
    if rng.random() < 0.35:
        document = rng.choice(catalog.shared["document"])["asset_id"]
        at = begin + _days(rng, 1, 8)
        say("document_shared", at, asset_id=document)
        if rng.random() < 0.7:
            say("document_viewed", at + timedelta(hours=3), asset_id=document)
            if rng.random() < 0.5:
                say("document_finished", at + timedelta(hours=3, minutes=9), asset_id=document)
    if rng.random() < 0.18:
        _run_sequence(sample, catalog, rng, person, owner, begin)


def _call(
    sample: Sample, rng: random.Random, person: Person, owner: str, deal_id: str, at: datetime
) -> None:
    number = rng.choice(("phone-sales", "phone-sales", "tracking-number-hall-9"))
    about = {"direction": rng.choice(("inbound", "outbound")), "country": person.country}
    outcome = rng.choice(("answered", "answered", "answered", "missed", "busy", "voicemail"))
    length = rng.randint(40, 1500) if outcome == "answered" else 0
    common = {"deal_id": deal_id, "user_id": owner}
    sample.crm_event("call_started", at, person, properties=about, **common)
    ended = about | {"outcome": outcome, "duration_s": length}
    ended_at = at + timedelta(seconds=length + 12)
    sample.crm_event("call_ended", ended_at, person, asset_id=number, properties=ended, **common)


def _run_sequence(
    sample: Sample, catalog: Catalog, rng: random.Random, person: Person, owner: str, at: datetime
) -> None:
    sequence = rng.choice(catalog.shared["sequence"])["asset_id"]
    template = f"tpl-{1 + SALES_USERS.index(owner) % 2}"
    about = {"asset_id": sequence, "user_id": owner, "properties": {"template_id": template}}
    sample.crm_event("sequence_enrolled", at, person, **about)
    for _ in range(rng.randint(1, 3)):
        at += timedelta(days=2)
        sample.crm_event("sequence_step_executed", at, person, **about)
    ending = rng.choice(
        (
            "sequence_finished",
            "sequence_finished",
            "sequence_meeting_booked",
            "sequence_email_bounced",
            "sequence_email_unsubscribed",
            "sequence_unenrolled",
            "sequence_manually_unenrolled",
            "sequence_errored",
        )
    )
    sample.crm_event(ending, at + timedelta(hours=4), person, **about)


def _become_customer(
    sample: Sample,
    visits: Visits,
    rng: random.Random,
    deal: Row,
    person: Person,
    closed_at: datetime,
) -> None:
    """Payments, the app in use, a survey."""
    person.is_customer = True
    at = closed_at + timedelta(hours=rng.randint(1, 30))
    method = rng.choice(("card", "card", "transfer"))
    amount = float(deal["amount"]) if deal["amount"] else None
    paid = {"amount": amount, "currency": person.currency, "method": method}
    about = {"deal_id": deal["deal_id"], "properties": paid}
    sample.crm_event("payment_initiated", at, person, **about)
    if rng.random() < 0.1:
        sample.crm_event("payment_failed", at + seconds(rng, 2, 30), person, **about)
        at += timedelta(days=1)
    sample.crm_event("payment_succeeded", at + seconds(rng, 2, 30), person, **about)
    if rng.random() < 0.08:
        refund_at = at + _days(rng, 3, 15)
        sample.crm_event("payment_refund_started", refund_at, person, **about)
        ending = rng.choice(("payment_refund_completed", "payment_refund_failed"))
        sample.crm_event(ending, refund_at + timedelta(hours=5), person, **about)
    known = {"contact_id": person.contact_id}
    plan = {"item": "team plan", "value": 240, "currency": person.currency}
    if rng.random() < 0.6:
        sample.event("account_registered", at, person, **known)
    sample.event("subscription_started", at, person, properties=plan, **known)
    _use_the_app(sample, rng, person, at)
    if rng.random() < 0.5:
        _answer(sample, visits, rng, person, at + _days(rng, 5, 40))


def _use_the_app(sample: Sample, rng: random.Random, person: Person, begin: datetime) -> None:
    known = {"contact_id": person.contact_id}
    for _ in range(rng.randint(1, 5)):
        begin += _days(rng, 1, 12)
        sample.event("app_opened", begin, person, **known)
        for _ in range(rng.randint(0, 2)):
            feature = {"feature": rng.choice(("board", "timeline", "export", "share"))}
            used_at = begin + seconds(rng, 20, 1500)
            sample.event("feature_used", used_at, person, properties=feature, **known)
        sample.event("app_closed", begin + seconds(rng, 1501, 4000), person, **known)


def _answer(
    sample: Sample, visits: Visits, rng: random.Random, person: Person, at: datetime
) -> None:
    """A survey, answered on a page of the site."""
    visits.visit(person, at, visits.start_page(), most_pages=2)
    kind, survey, most = rng.choice(
        (
            ("nps", "survey-nps", 10),
            ("nps", "survey-nps", 10),
            ("csat", "survey-support", 5),
            ("ces", "survey-support", 7),
        )
    )
    score = max(1, most - int(most * rng.random() ** 2))
    comment = rng.choice((None, None, "Works well, thank you.", "The export is slow."))
    sample.event(
        "survey_responded",
        at + seconds(rng, 1, 25),
        person,
        contact_id=person.contact_id,
        asset_id=survey,
        properties={"kind": kind, "score": score, "comment": comment},
    )
