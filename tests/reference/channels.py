"""The channels' marts: ads, searches, emails, social posts, codes, calls, affiliates, conversions
of ad networks, traffic (K-1..K-13)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .deals import NO_CAMPAIGN
from .events import CONVERSIONS, Event
from .notions import (
    ZERO,
    Facts,
    Person,
    Table,
    asset_of,
    country_of,
    double_as_decimal,
    half_away,
    is_affiliate_click,
    is_email_click,
    is_social_click,
    number_property,
    per_unit,
    person_of,
    ratio,
)
from .values import words

Row = dict[str, Any]

# K-4, exactly these placements
BENCHMARK_CTR = {"search": 0.0664, "display": 0.0057}

# K-8: measure by event type; a changed subscription counts only where it says so
EMAIL_MEASURES = {
    "email_sent": "sent",
    "email_delivered": "delivered",
    "email_bounced": "bounced",
    "email_opened": "opened",
    "email_clicked": "clicked",
    "email_reported_spam": "spam",
    "email_subscription_updated": "unsubscribed",
    "email_forwarded": "forwarded",
}
# K-11
MISSED = words("missed busy no_answer")
# K-12
INTEREST, PAGE_VIEW = "cart_updated", "page_view"
PIXEL_CONVERSIONS = words("purchase form_submission registration")


# --- figures that sources report by day (K-1..K-4, K-10) ----------------------------------------


def ad_performance(facts: Facts) -> list[Row]:
    """K-1..K-5: one row per row of the networks' statistics, under the campaign of its date."""
    rows = []
    for row in facts.tables["ad_stats"]:
        day, impressions, clicks = row["stat_date"], row["impressions"] or 0, row["clicks"] or 0
        cost = facts.rates.convert(row["cost"], row["currency"], day) or ZERO
        conversions = float(row["reported_conversions"] or 0)
        rows.append(
            {
                "campaign_id": facts.holder_on(row["asset_id"], day),
                "asset_id": row["asset_id"],
                "network": row["network"],
                "placement": row["placement"],
                "date": day,
                "impressions": impressions,
                "clicks": clicks,
                "cost": cost,
                "conversions": conversions,
                "ctr": ratio(clicks, impressions),
                "benchmark_ctr": BENCHMARK_CTR.get(row["placement"] or ""),
                "cpc": per_unit(cost, clicks),
                "conversion_rate": ratio(conversions, clicks),
            }
        )
    return rows


def position_of(row: Row) -> Decimal | None:
    """K-2: the position of a row of the search rankings."""
    return double_as_decimal(row["position"], 4)


def mean(numbers: list[Decimal]) -> float | None:
    """The mean of numbers; None of none."""
    return ratio(sum(numbers, Decimal(0)), len(numbers))


def search_rankings(facts: Facts) -> list[Row]:
    """K-2: one row per keyword, engine and month that has a position."""
    positions: dict[tuple[str, str, date], list[Decimal]] = defaultdict(list)
    for row in facts.tables["search_rankings"]:
        position = position_of(row)
        if position is not None:
            month = row["stat_date"].replace(day=1)
            positions[row["keyword"], row["engine"], month].append(position)
    return [
        {
            "keyword": keyword,
            "engine": engine,
            "month": month,
            "mean_position": mean(found),
            "best_position": float(min(found)),
            "days": len(found),
            "position_sum": sum(found),
            "first_page_share": ratio(sum(1 <= each <= 10 for each in found), len(found)),
        }
        for (keyword, engine, month), found in positions.items()
    ]


def social_performance(facts: Facts) -> list[Row]:
    """K-10: statistics, interactions and conversions by network and post."""
    table = Table(
        ("campaign_id", "network", "asset_id", "date"),
        dict.fromkeys(
            ("reach", "impressions", "mentions", "engagements", "clicks", "conversions"), 0
        ),
    )
    for row in facts.tables["social_stats"]:
        campaign_id = facts.holder_on(row["asset_id"], row["stat_date"])
        measures = table.at(campaign_id, row["network"], row["asset_id"], row["stat_date"])
        for name in ("reach", "impressions", "mentions"):
            measures[name] += row[name] or 0
    for event in facts.of_types("social_post_interacted"):
        for campaign_id in facts.campaigns(event):
            measures = table.at(campaign_id, *_network_and_post(event), facts.date_of(event))
            measures["engagements"] += 1
            measures["clicks"] += is_social_click(event)
    for click, conversion in facts.brought(is_social_click):
        for campaign_id in facts.campaigns(click):
            key = (campaign_id, *_network_and_post(click), facts.date_of(conversion))
            table.at(*key)["conversions"] += 1
    return table.rows(lambda row: {"engagement_rate": ratio(row["engagements"], row["reach"])})


def _network_and_post(event: Event) -> tuple[str | None, str | None]:
    return event.property_text("network"), asset_of(event)


# --- emails, codes, calls (K-8, K-9, K-11) ------------------------------------------------------


def email_measure(event: Event) -> str | None:
    """K-8: what an event is counted as; None: not at all."""
    if event.event_type == "email_subscription_updated":
        status = event.property_text("status") or ""
        return "unsubscribed" if status.lower() == "unsubscribed" else None
    return EMAIL_MEASURES.get(event.event_type)


def email_performance(facts: Facts) -> list[Row]:
    """K-8: events of marketing emails and the conversions that clicks in them brought."""
    table = Table(
        ("campaign_id", "asset_id", "device_type", "mail_client", "country", "date"),
        {**dict.fromkeys(EMAIL_MEASURES.values(), 0), "conversions": 0},
    )

    def dimensions(event: Event) -> tuple[str | None, ...]:
        mail_client = event.property_text("mail_client")
        return asset_of(event), event.device_type, mail_client, country_of(event)

    for event in facts.events:
        measure = email_measure(event)
        if measure is not None:
            for campaign_id in facts.campaigns(event):
                table.at(campaign_id, *dimensions(event), facts.date_of(event))[measure] += 1
    for click, conversion in facts.brought(is_email_click):
        for campaign_id in facts.campaigns(click):
            key = (campaign_id, *dimensions(click), facts.date_of(conversion))
            table.at(*key)["conversions"] += 1
    return table.rows(
        lambda row: {
            "open_rate": ratio(row["opened"], row["delivered"]),
            "click_rate": ratio(row["clicked"], row["delivered"]),
            "click_through_rate": ratio(row["clicked"], row["opened"]),
            "conversion_rate": ratio(row["conversions"], row["clicked"]),
        }
    )


def qr_performance(facts: Facts) -> list[Row]:
    """K-9: scans by place and device; a person is unique at its first scan of a code under a
    campaign."""
    table = Table(
        ("campaign_id", "asset_id", "country", "region", "city", "device_type", "date"),
        {"scans": 0, "unique_visitors": 0},
    )
    seen: set[tuple[str, str | None, Person]] = set()
    for scan in facts.of_types("qr_code_scanned"):
        for campaign_id in facts.campaigns(scan):
            measures = table.at(
                campaign_id,
                asset_of(scan),
                country_of(scan),
                scan.region,
                scan.city,
                scan.device_type,
                facts.date_of(scan),
            )
            scanner = (campaign_id, asset_of(scan), person_of(scan))
            measures["scans"] += 1
            measures["unique_visitors"] += scanner not in seen
            seen.add(scanner)
    return table.rows()


def qr_heatmap(facts: Facts) -> list[Row]:
    """K-9: scans by weekday and hour of the report's clocks."""
    table = Table(("campaign_id", "asset_id", "weekday", "hour"), {"scans": 0})
    for scan in facts.of_types("qr_code_scanned"):
        local = facts.calendar.local(scan.at)
        for campaign_id in facts.campaigns(scan):
            table.at(campaign_id, asset_of(scan), local.isoweekday(), local.hour)["scans"] += 1
    return table.rows()


def call_performance(facts: Facts) -> list[Row]:
    """K-11: calls that ended, by tracking number, colleague and country."""
    table = Table(
        ("campaign_id", "asset_id", "owner", "country", "date"),
        {
            **dict.fromkeys(("calls", "answered", "missed", "voicemail", "timed_calls"), 0),
            "duration_s": Decimal("0.000"),
        },
    )
    for call in facts.of_types("call_ended"):
        outcome = call.property_text("outcome")
        duration = number_property(call, "duration_s", 3)
        for campaign_id in facts.campaigns(call):
            measures = table.at(
                campaign_id, asset_of(call), call.user_id, country_of(call), facts.date_of(call)
            )
            measures["calls"] += 1
            measures["answered"] += outcome == "answered"
            measures["missed"] += outcome in MISSED
            measures["voicemail"] += outcome == "voicemail"
            if duration is not None:
                measures["timed_calls"] += 1
                measures["duration_s"] += duration
    return table.rows(lambda row: {"mean_duration_s": ratio(row["duration_s"], row["timed_calls"])})


# --- affiliates (K-13) --------------------------------------------------------------------------


class Affiliates:
    """K-13: the affiliates' links, what their clicks brought, and the commissions for it."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._links = {row["asset_id"]: row for row in facts.tables["affiliates"]}
        self._brought = facts.brought(is_affiliate_click)
        self._credits = [
            each
            for each in facts.attribution.default_credits()
            if is_affiliate_click(each.credit.event)
        ]

    def fixed(self, asset_id: str | None, day: date) -> Decimal | None:
        """The commission per conversion at the rate of a date; None where there is none, or no
        rate."""
        link = self._links.get(asset_id or "")
        if link is None:
            return None
        return self._facts.rates.convert(link["commission_fixed"], link["currency"], day)

    def commission(
        self, asset_id: str | None, day: date, conversions: int, revenue: Decimal
    ) -> Decimal:
        """Fixed per conversion and a share of the revenue, rounded once."""
        link = self._links.get(asset_id or "")
        if link is None:
            return ZERO
        share = double_as_decimal(link["commission_rate"], 6) or ZERO
        fixed = self.fixed(asset_id, day) or ZERO
        return half_away(Fraction(fixed) * conversions + Fraction(share) * Fraction(revenue), 2)

    def rows(self) -> list[Row]:
        """The mart: clicks, conversions and revenue by link under each campaign."""
        facts = self._facts
        table = Table(
            ("campaign_id", "asset_id", "partner", "date"),
            {"clicks": 0, "conversions": 0, "revenue": ZERO},
        )

        def at(campaign_id: str, click: Event, day: date) -> Row:
            asset_id = asset_of(click)
            partner = self._links.get(asset_id or "", {}).get("partner")
            return table.at(campaign_id, asset_id, partner, day)

        for click in filter(is_affiliate_click, facts.events):
            for campaign_id in facts.campaigns(click):
                at(campaign_id, click, facts.date_of(click))["clicks"] += 1
        for click, conversion in self._brought:
            for campaign_id in facts.campaigns(click):
                at(campaign_id, click, facts.date_of(conversion))["conversions"] += 1
        for each in self._credits:
            measures = at(each.credit.campaign_id, each.credit.event, self._closed_on(each))
            measures["revenue"] += each.revenue or ZERO
        rows = table.rows()
        for row in rows:
            commission = self.commission(
                row["asset_id"], row["date"], row["conversions"], row["revenue"]
            )
            row["commission"] = commission
            row["roi"] = ratio(row["revenue"] - commission, commission)
        return rows

    def _closed_on(self, each: Any) -> date:
        return self._facts.calendar.date_of(each.deal.won_at)

    def company_commissions(self) -> dict[date, Decimal]:
        """K-6, the row ``all``: commissions by date, each conversion and each revenue once."""
        table = Table(("asset_id", "date"), {"conversions": 0, "revenue": ZERO})
        for click, conversion in self._brought:
            day = self._facts.date_of(conversion)
            table.at(asset_of(click), day)["conversions"] += 1
        for each in self._credits:
            measures = table.at(asset_of(each.credit.event), self._closed_on(each))
            measures["revenue"] += each.revenue or ZERO
        by_date: dict[date, Decimal] = defaultdict(lambda: ZERO)
        for row in table.rows():
            by_date[row["date"]] += self.commission(
                row["asset_id"], row["date"], row["conversions"], row["revenue"]
            )
        return by_date

    def without_rate(self) -> set[str]:
        """The links of which a conversion fell on a date without a rate for what is paid for it."""
        found = set()
        for click, conversion in self._brought:
            link = self._links.get(asset_of(click) or "")
            if link is not None and link["commission_fixed"] is not None:
                day = self._facts.date_of(conversion)
                if self.fixed(link["asset_id"], day) is None:
                    found.add(link["asset_id"])
        return found


# --- conversions of ad networks (K-12) ----------------------------------------------------------


@dataclass(frozen=True)
class PixelConversion:
    """K-12: one conversion: its reports in order of time and event id."""

    reports: list[Event]

    @property
    def sources(self) -> set[str]:
        """Who reported it; what the server did not report the browser did."""
        return {
            "server" if report.property_text("source") == "server" else "browser"
            for report in self.reports
        }

    def campaigns(self, facts: Facts) -> list[str]:
        """Those of any of its reports, ``no campaign`` only where no report has one."""
        found = {campaign_id for report in self.reports for campaign_id in facts.campaigns(report)}
        return sorted(found - {NO_CAMPAIGN}) or [NO_CAMPAIGN]

    def value(self, facts: Facts) -> Decimal:
        """The value of the earliest report that has one that converts."""
        values = (facts.value_of(report) for report in self.reports)
        return next((value for value in values if value is not None), ZERO)


def pixel_conversions(facts: Facts) -> list[PixelConversion]:
    """K-12: reports with one network and dedup id are one conversion, a report without a dedup id
    one by itself."""
    reports: dict[tuple[str | None, ...], list[Event]] = defaultdict(list)
    for event in facts.of_types("pixel_fired"):
        if event.property_text("pixel_event") != PAGE_VIEW:
            dedup_id = event.property_text("dedup_id")
            network = event.property_text("network")
            alone = None if dedup_id is not None else event.event_id
            reports[network, dedup_id, alone].append(event)
    return [PixelConversion(found) for found in reports.values()]


def conversions(facts: Facts) -> list[Row]:
    """K-12: conversions that pixels and servers reported, with each source's own share."""
    table = Table(
        ("campaign_id", "network", "pixel_event", "date"),
        {
            **dict.fromkeys(("conversions", "browser_only", "server_only", "both"), 0),
            "value": ZERO,
        },
    )
    for conversion in pixel_conversions(facts):
        first = conversion.reports[0]
        network, kind = first.property_text("network"), first.property_text("pixel_event")
        sources = conversion.sources
        source = "both" if len(sources) == 2 else f"{sources.pop()}_only"
        for campaign_id in conversion.campaigns(facts):
            measures = table.at(campaign_id, network, kind, facts.date_of(first))
            measures["conversions"] += 1
            measures[source] += 1
            measures["value"] += conversion.value(facts)
    return table.rows()


def is_pixel(event: Event, kinds: frozenset[str]) -> bool:
    """Whether a pixel of one of some kinds fired."""
    return event.event_type == "pixel_fired" and event.property_text("pixel_event") in kinds


def retargeting_audience(facts: Facts) -> list[Row]:
    """K-12: visitors that showed interest under a campaign and never converted; those ever
    identified as an erased contact have no row (ID-6)."""
    converted = {
        event.visitor_id
        for event in facts.events
        if event.event_type in CONVERSIONS or is_pixel(event, PIXEL_CONVERSIONS)
    }
    left_out = converted | facts.identity.erased_visitors
    interest: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in facts.events:
        is_interest = event.event_type == INTEREST or is_pixel(event, words(PAGE_VIEW))
        if is_interest and event.visitor_id is not None and event.visitor_id not in left_out:
            for campaign_id in facts.campaigns(event):
                interest[campaign_id, event.visitor_id].append(event)
    return [
        {
            "campaign_id": campaign_id,
            "visitor_id": visitor_id,
            "first_interest_at": found[0].at,
            "last_interest_at": found[-1].at,
            "pages": len(
                {event.url for event in found if event.event_type != INTEREST and event.url}
            ),
            "carts": sum(event.event_type == INTEREST for event in found),
        }
        for (campaign_id, visitor_id), found in interest.items()
    ]


# --- traffic ------------------------------------------------------------------------------------


def traffic_performance(facts: Facts) -> list[Row]:
    """K-5: sessions by entry; a visitor counts once per campaign and date, at its first session
    there."""
    table = Table(
        (
            *("campaign_id", "entry_channel", "entry_url"),
            *("device_type", "country", "browser", "date"),
        ),
        dict.fromkeys(
            (
                *("sessions", "engaged_sessions", "visitors", "converting_visitors"),
                *("page_views", "conversions"),
            ),
            0,
        ),
    )
    converting = {
        (campaign_id, facts.date_of(session.entry), session.visitor_id)
        for number, session in enumerate(facts.sessions)
        if facts.session_conversions(session)
        for campaign_id in facts.session_campaigns(number)
    }
    seen: set[tuple[str, date, str]] = set()
    in_order = sorted(
        range(len(facts.sessions)),
        key=lambda number: (facts.sessions[number].started_at, facts.sessions[number].session_id),
    )
    for number in in_order:
        session = facts.sessions[number]
        entry, day = session.entry, facts.date_of(session.entry)
        for campaign_id in facts.session_campaigns(number):
            measures = table.at(
                campaign_id,
                session.channel,
                entry.url,
                entry.device_type,
                entry.country,
                entry.browser,
                day,
            )
            visitor = (campaign_id, day, session.visitor_id)
            measures["sessions"] += 1
            measures["engaged_sessions"] += session.is_engaged
            measures["visitors"] += visitor not in seen
            measures["converting_visitors"] += visitor not in seen and visitor in converting
            measures["page_views"] += len(session.page_views)
            measures["conversions"] += len(facts.session_conversions(session))
            seen.add(visitor)
    return table.rows(
        lambda row: {
            "bounce_rate": ratio(row["sessions"] - row["engaged_sessions"], row["sessions"])
        }
    )
