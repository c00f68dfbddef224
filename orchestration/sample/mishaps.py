"""What real data has and nobody asks for: bots, tests, duplicates, merges, erasures, bad rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orchestration.sample.company import BOTS, SITE
from orchestration.sample.people import any_campaign, day_of, new_person
from orchestration.sample.visits import Visits
from orchestration.sample.world import Person, Row, Sample, any_hour


@dataclass(frozen=True)
class BrokenLine:
    """A line that stands in a file as it is and is no row."""

    text: str


def add_unwanted_traffic(sample: Sample, visits: Visits) -> None:
    """Bots of every kind on the list, and the company's own tests."""
    rng = sample.stream("unwanted traffic")
    for number in range(36):
        bot = new_person(rng, f"b{number:04d}")
        bot.user_agent = BOTS[number % len(BOTS)]
        campaign = any_campaign(rng)
        at = any_hour(rng, day_of(rng, campaign))
        for page in rng.sample([*visits.catalog.pages(campaign), *visits.site_pages], 3):
            at += timedelta(seconds=1)
            agent = {"user_agent": bot.user_agent}
            sample.event(
                "page_viewed", at, bot, asset_id=page["asset_id"], url=page["url"], **agent
            )
    tester = new_person(rng, "internal-test-visitor")
    for _ in range(15):
        campaign = any_campaign(rng)
        at = any_hour(rng, day_of(rng, campaign))
        visits.visit(tester, at, visits.enter(campaign, "direct", at, tester), campaign)


def add_identity_trouble(sample: Sample, visits: Visits) -> None:
    """Shared devices, merges (chains and a cycle), erasures, an orphan, deleted contacts."""
    rng = sample.stream("identity trouble")
    people = [person for person in sample.people if person.identified_at is not None]
    _share_devices(sample, visits, rng.sample(people, 12))
    chosen = iter(rng.sample(people, 40))

    def merge(merged: Person, survivor: Person) -> None:
        late = max(merged.created_at or _NOON, survivor.created_at or _NOON) + timedelta(days=3)
        sample.add(
            "contact_merges",
            merged_contact_id=merged.contact_id,
            contact_id=survivor.contact_id,
            merged_at=late,
        )

    for _ in range(8):
        merge(next(chosen), next(chosen))
    first, second, third = next(chosen), next(chosen), next(chosen)
    merge(first, second)
    merge(second, third)
    # Two systems disagreed which of the two is left: bad input, both stay apart.
    one, other, victim = next(chosen), next(chosen), next(chosen)
    merge(one, other)
    merge(other, one)
    merge(victim, one)
    for person in (next(chosen), next(chosen)):
        requested_at = (person.created_at or _NOON) + timedelta(days=40)
        sample.add("contact_erasures", contact_id=person.contact_id, requested_at=requested_at)
    # The CRM never sent this contact, though its events arrived.
    orphan = new_person(rng, "v99001")
    orphan.contact_id = "c99001"
    campaign = any_campaign(rng)
    at = any_hour(rng, day_of(rng, campaign))
    visits.visit(orphan, at, visits.enter(campaign, "direct", at, orphan), campaign)
    known = {"visitor_id": orphan.visitor_id, "contact_id": orphan.contact_id}
    sample.add("visitor_identities", **known, identified_at=at + timedelta(minutes=4))
    sample.crm_event("email_opened", at, orphan, asset_id="email-digest")
    deleted = {next(chosen).contact_id for _ in range(6)}
    for row in sample.rows["contacts"]:
        if row["contact_id"] in deleted:
            row["is_deleted"] = True
            row["updated_at"] = row["created_at"] + timedelta(days=60)


_NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)


def _share_devices(sample: Sample, visits: Visits, people: list[Person]) -> None:
    """Devices that several contacts used in turn; on the tablet of the fair, two at once."""
    pairs = zip(people[:8:2], people[1:8:2], strict=True)
    for owner, guest in pairs:
        at = max(owner.created_at or _NOON, guest.created_at or _NOON) + timedelta(days=2)
        sample.add(
            "visitor_identities",
            visitor_id=owner.visitor_id,
            contact_id=guest.contact_id,
            identified_at=at,
            source="form",
        )
        visits.look_around(owner, at + timedelta(minutes=1))
    tablet = datetime(2025, 4, 8, 10, tzinfo=UTC)
    kiosk = new_person(sample.stream("kiosk"), "v-fair-tablet")
    for number, person in enumerate(people[8:]):
        at = tablet + timedelta(hours=min(number, 2))
        sample.add(
            "visitor_identities",
            visitor_id=kiosk.visitor_id,
            contact_id=person.contact_id,
            identified_at=at,
            source="form",
        )
        visits.look_around(kiosk, at + timedelta(minutes=2))


def add_deal_trouble(sample: Sample) -> None:
    """Deals that were deleted, reopened, won twice, or are in a currency without a rate."""
    deals = {row["deal_id"]: row for row in sample.rows["deals"]}
    won = [row for row in deals.values() if row["stage_id"] == "contract-signed"]
    for deal in won[:3]:
        deal["is_deleted"] = True
    won[3]["currency"] = "CHF"
    won[3]["amount"] = "5200.00"
    won[4]["amount"] = "-480.00"
    won[5]["amount"] = "0.00"
    won[6]["pipeline_id"] = "retired-pipeline"
    won[7]["stage_id"] = None
    for deal in won[8:10]:
        at = _last_entry(sample, deal) + timedelta(days=4)
        _enter(sample, deal, "proposal-sent", at)
        deal["stage_id"] = "proposal-sent"
    for deal in won[10:12]:
        at = _last_entry(sample, deal) + timedelta(days=4)
        _enter(sample, deal, "proposal-sent", at)
        _enter(sample, deal, "contract-signed", at + timedelta(days=2))
    without_history = {deal["deal_id"] for deal in won[12:16]}
    sample.rows["deal_stage_history"] = [
        row for row in sample.rows["deal_stage_history"] if row["deal_id"] not in without_history
    ]
    # An older and a newer state of one deal; the newer counts.
    sample.rows["deals"].append({**won[16], "amount": "1.00", "updated_at": won[16]["created_at"]})
    sample.add(
        "deal_contacts",
        deal_id=won[17]["deal_id"],
        contact_id="c99002",
        associated_at=won[17]["created_at"],
        removed_at=None,
    )


def _last_entry(sample: Sample, deal: Row) -> datetime:
    entered: datetime = max(
        row["entered_at"]
        for row in sample.rows["deal_stage_history"]
        if row["deal_id"] == deal["deal_id"]
    )
    return entered


def _enter(sample: Sample, deal: Row, stage_id: str, at: datetime) -> None:
    sample.add(
        "deal_stage_history",
        deal_id=deal["deal_id"],
        stage_id=stage_id,
        entered_at=at,
        pipeline_id="new-business",
    )


def add_odd_events(sample: Sample) -> None:
    """An event type that nobody knows yet, an unknown asset, duplicates, a late first arrival."""
    events = sample.rows["events"]
    at = datetime(2025, 5, 14, 9, 30, tzinfo=UTC)
    visitor = {"visitor_id": "v00011"}
    sample.add(
        "events", event_type="hologram_touched", occurred_at=at, asset_id="page-home", **visitor
    )
    sample.add(
        "events",
        event_type="page_viewed",
        occurred_at=at + timedelta(seconds=20),
        asset_id="page-not-yet-known",
        url=f"{SITE}/soon",
        **visitor,
    )
    for number in (400, 401):
        events.append(dict(events[number]))
    first = events[500]
    first["received_at"] = first["occurred_at"] + timedelta(minutes=9)
    again = {**first, "received_at": first["occurred_at"] + timedelta(days=2), "browser": "Other"}
    events.append(again)


def bad_rows() -> dict[str, list[Row | BrokenLine]]:
    """Rows that break their table's contract, by table: they end in quarantine."""

    def bad_event(number: int, **values: str | None) -> Row:
        event = {"event_id": f"e99900{number}", "event_type": "page_viewed"}
        common = {"occurred_at": "2025-01-20T10:00:00Z", "visitor_id": "v00007"}
        return {**event, **common, "asset_id": "page-home", **values}

    def backwards(**values: str) -> Row:
        return {"associated_at": "2025-08-01", "removed_at": "2025-07-01", **values}

    return {
        "events": [
            bad_event(1, occurred_at="2025-02-31T10:00:00Z"),
            bad_event(2, visitor_id=None),
            bad_event(3, event_type=None),
            bad_event(4, properties="[0.2, 0.7]"),
            BrokenLine("e999005,page_viewed,2025-01-20T11:0"),
        ],
        "contacts": [
            {"contact_id": "c99003", "email": "no.date@example.com"},
            {"contact_id": "c99004", "created_at": "2025-03-01", "is_deleted": "perhaps"},
        ],
        "deals": [{"deal_id": "d9001", "created_at": "2025-03-01", "amount": "12.400,00"}],
        "assets": [{"asset_id": "page-oddity", "asset_type": "web_page", "name": "Oddity"}],
        "campaign_assets": [backwards(campaign_id="camp-stories", asset_id="page-features")],
        "campaign_spend": [{"spend_id": "sp9001", "spent_on": "end of May", "amount": "120.00"}],
        "exchange_rates": [{"currency": "CHF", "valid_from": "2025-01-01", "rate": "0"}],
    }
