"""The marts, put together from what the other modules find."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from .attribution import ATTRIBUTION_MODELS, Attribution
from .behaviour import (
    behavior_daily,
    contact_timeline,
    feedback,
    page_heatmap,
    session_replays,
)
from .channels import (
    Affiliates,
    ad_performance,
    call_performance,
    conversions,
    email_performance,
    qr_heatmap,
    qr_performance,
    retargeting_audience,
    search_rankings,
    social_performance,
    traffic_performance,
)
from .dates import Calendar
from .deals import (
    NO_CAMPAIGN,
    Deal,
    Rates,
    RevenueInteractions,
    build_deals,
    contacts_with_revenue,
    revenue_of_deal,
)
from .events import Event, counting_events, workflow_email_ids
from .identity import Identity
from .influence import Influences, find_influences
from .journeys import Journeys
from .kpis import Kpis
from .load import load_all
from .new_contacts import NewContacts, session_rules
from .notions import Facts, per_unit, ratio
from .quality import data_quality_issues
from .sessions import build_sessions
from .touches import Touches
from .urls import UTM_NAMES, entry_channel
from .values import BLANKS
from .visibility import asset_visibility

Row = dict[str, Any]
ZERO = Decimal("0.00")

COUNTS = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "unique_marketing_influences",
    "closed_deals",
    "contacts_with_revenue",
    "contacts_with_attributed_revenue",
    "customers",
)
SUMS = ("influenced_revenue", "revenue", "attributed_revenue", "spend", "ad_cost")


class Reference:
    """Everything that the rules derive from the loads, computed once; the marts are methods."""

    def __init__(
        self,
        loads: Sequence[Path],
        *,
        report_timezone: str,
        session_inactivity_minutes: float,
        session_split_on_new_source: bool,
        contact_creation_grace_seconds: float,
        company_currency: str,
        social_post_limit: int,
        excluded_visitors: Sequence[str],
        association_history: str,
        load_instants: Sequence[datetime | None],
        default_attribution_model: str,
        attribution_lookback_days: float | None,
        attribution_models: Sequence[Row],
        journeys: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.loaded = load_all(
            loads, association_history=association_history, load_instants=load_instants
        )
        tables = self.tables = self.loaded.tables
        self.calendar = Calendar(report_timezone)
        self.assets: dict[str, Row] = {row["asset_id"]: row for row in tables["assets"]}
        self.identity = Identity(tables)
        self.events, self.removed = counting_events(
            tables["events"], self.assets, self.identity, excluded_visitors
        )
        workflow_emails = workflow_email_ids(self.events)
        self.session_list = build_sessions(
            self.events,
            timedelta(minutes=session_inactivity_minutes),
            session_split_on_new_source,
            workflow_emails,
        )
        grace = timedelta(seconds=contact_creation_grace_seconds)
        self.touches = Touches(tables, self.assets, social_post_limit)
        self.session_rules = [session_rules(session, self.touches) for session in self.session_list]
        self.new_contacts = NewContacts(
            self.events,
            self.session_list,
            self.identity,
            self.touches,
            workflow_emails,
            grace,
        )
        self.influences: Influences = find_influences(
            self.events, self.new_contacts.first_view, self.touches
        )
        self.rates = Rates(tables["exchange_rates"], company_currency)
        self.deal_list, self.stages = build_deals(tables, self.identity, self.rates, self.calendar)
        interactions = self.interactions = RevenueInteractions(self.events, self.touches)
        self.with_revenue = contacts_with_revenue(self.deal_list, interactions)
        self.revenue = {
            deal.deal_id: revenue_of_deal(deal, interactions) for deal in self.deal_list
        }
        self.closed_deals = self._closed_deals()
        self.attribution = Attribution(
            self.events,
            self.session_list,
            self.touches,
            self.identity,
            self.deal_list,
            self.calendar,
            grace=grace,
            models=attribution_models,
            default_model=default_attribution_model,
            lookback_days=attribution_lookback_days,
        )
        self.attributed = self.attribution.default_revenue()
        self.journeys = Journeys(
            journeys,
            self.events,
            self.deal_list,
            tables["deal_stage_history"],
            self.identity,
            self.touches,
            self.calendar,
        )
        self.facts = Facts(
            tables=tables,
            events=self.events,
            sessions=self.session_list,
            session_rules=self.session_rules,
            identity=self.identity,
            touches=self.touches,
            calendar=self.calendar,
            rates=self.rates,
            deals=self.deal_list,
            attribution=self.attribution,
            inactivity=timedelta(minutes=session_inactivity_minutes),
        )
        self.affiliates = Affiliates(self.facts)
        self.ads = ad_performance(self.facts)
        self.social = social_performance(self.facts)
        self.kpis = Kpis(
            self.facts,
            self.ads,
            self.social,
            self.affiliates,
            interactions,
            self.influences,
            self.new_contacts,
            self.closed_deals,
            self.revenue,
        )
        self.measures = self._measures()

    def _closed_deals(self) -> dict[tuple[str, str], tuple[Deal, str]]:
        """D-2..D-4: by (campaign, deal) the deal and the contact of its earliest influence."""
        campaigns_of: dict[str, list[str]] = defaultdict(list)
        for campaign_id, contact in self.influences:
            campaigns_of[contact].append(campaign_id)
        found: dict[tuple[str, str], tuple[Deal, str]] = {}
        for deal in self.deal_list:
            if deal.won_at is None:
                continue
            earliest: dict[str, tuple[Any, str]] = {}
            for contact in deal.contacts:
                for campaign_id in campaigns_of[contact]:
                    influenced = self.influences[campaign_id, contact]
                    if influenced.first_at <= deal.won_at:
                        candidate = (influenced.first_event, contact)
                        earliest[campaign_id] = min(earliest.get(campaign_id, candidate), candidate)
            for campaign_id, (_, contact) in earliest.items():
                found[campaign_id, deal.deal_id] = (deal, contact)
        return found

    # --- campaigns ----------------------------------------------------------------------

    def _measures(self) -> dict[tuple[str, date], Row]:
        """The measures of every campaign and date."""
        days: dict[tuple[str, date], Row] = defaultdict(
            lambda: dict.fromkeys(COUNTS, 0) | dict.fromkeys(SUMS, ZERO)
        )
        date_of = self.calendar.date_of
        for session, rules in zip(self.session_list, self.session_rules, strict=True):
            for campaign_id in rules:
                days[campaign_id, date_of(session.started_at)]["sessions"] += 1
        for name, pairs in (
            ("new_contacts_first_touch", self.new_contacts.first_touch),
            ("new_contacts_last_touch", self.new_contacts.last_touch),
        ):
            for campaign_id, contact in pairs:
                days[campaign_id, date_of(self.identity.created_at[contact])][name] += 1
        for (campaign_id, _), influenced in self.influences.items():
            days[campaign_id, date_of(influenced.first_at)]["influenced_contacts"] += 1
            for pair in influenced.pairs.values():
                assert pair.first is not None
                day = days[campaign_id, date_of(pair.first[0])]
                day["unique_marketing_influences"] += 1
        for (campaign_id, _), (deal, _) in self.closed_deals.items():
            assert deal.closed_at is not None
            day = days[campaign_id, date_of(deal.closed_at)]
            day["closed_deals"] += 1
            day["influenced_revenue"] += deal.amount or ZERO
        for (campaign_id, _), closed_at in self.with_revenue.items():
            days[campaign_id, date_of(closed_at)]["contacts_with_revenue"] += 1
        for deal in self.deal_list:
            for campaign_id, revenue in self.revenue[deal.deal_id].items():
                assert deal.closed_at is not None
                if campaign_id != NO_CAMPAIGN:
                    days[campaign_id, date_of(deal.closed_at)]["revenue"] += revenue
        with_attributed = self.attribution.contacts_with_attributed_revenue()
        for (campaign_id, _), closed_at in with_attributed.items():
            days[campaign_id, date_of(closed_at)]["contacts_with_attributed_revenue"] += 1
        for (campaign_id, _), (closed_on, revenue) in self.attributed.items():
            days[campaign_id, closed_on]["attributed_revenue"] += revenue
        for name, money in (("spend", self.kpis.spend), ("ad_cost", self.kpis.ad_cost)):
            for key, amount in money.items():
                days[key][name] += amount
        for key, contacts in self.kpis.customers.items():
            days[key]["customers"] += len(contacts)
        return days

    def campaign_daily(self) -> list[Row]:
        """One row per campaign and date with something to say."""
        return [
            {"campaign_id": campaign_id, "date": day, **measures, **cost_ratios(measures)}
            for (campaign_id, day), measures in self.measures.items()
            if any(measures.values())
        ]

    def campaigns(self) -> list[Row]:
        """One row per campaign that is not deleted."""
        rows = {}
        for campaign_id, row in self.touches.campaigns.items():
            rows[campaign_id] = {
                "campaign_id": campaign_id,
                **{
                    name: row[name]
                    for name in ("name", "status", "start_date", "end_date", "created_at")
                },
                **dict.fromkeys(COUNTS, 0),
                **dict.fromkeys(SUMS, ZERO),
                "budget": self._budget(row),
            }
        for (campaign_id, _), measures in self.measures.items():
            for name, value in measures.items():
                rows[campaign_id][name] += value
        return [{**row, **cost_ratios(row)} for row in rows.values()]

    def _budget(self, row: Row) -> Decimal | None:
        """A campaign's budget at the rate of its start date, else its creation."""
        on = row["start_date"] or self.calendar.date_of(row["created_at"])
        return self.rates.convert(row["budget"], row["currency"], on)

    def campaign_contacts(self) -> list[Row]:
        """One row per campaign and contact that it influenced or any flag of which is true."""
        flags = (
            self.new_contacts.first_touch,
            self.new_contacts.last_touch,
            set(self.with_revenue),
        )
        rows = []
        for key in set(self.influences).union(*flags):
            campaign_id, contact = key
            if contact in self.identity.erased:
                continue
            found = self.influences.get(key)
            rows.append(
                {
                    "campaign_id": campaign_id,
                    "contact_id": contact,
                    "first_influenced_at": found and found.first_at,
                    "first_influence_rule": f"I-{found.first[1]}" if found else None,
                    "first_asset_id": (found.first[3] or None) if found else None,
                    "last_influenced_at": found and found.last_at,
                    "influences": len(found.pairs) if found else 0,
                    "is_new_first_touch": key in flags[0],
                    "is_new_last_touch": key in flags[1],
                    "has_revenue": key in flags[2],
                }
            )
        return rows

    def campaign_influences(self) -> list[Row]:
        """I-16: one row per campaign, contact and asset (or utm, or keyword)."""
        rows = []
        for (campaign_id, contact), found in self.influences.items():
            if contact in self.identity.erased:
                continue
            for pair in found.pairs.values():
                assert pair.first is not None
                rows.append(
                    {
                        "campaign_id": campaign_id,
                        "contact_id": contact,
                        "asset_type": pair.asset_type,
                        "asset_id": pair.asset_id,
                        "first_influenced_at": pair.first[0],
                        "interactions": len(pair.event_ids),
                    }
                )
        return rows

    def campaign_assets(self) -> list[Row]:
        """One row per campaign and asset: measures since association (T-6) and, where it is now,
        the counters that travel (T-5)."""
        rows: dict[tuple[str, str], Row] = {}
        for interval in self.touches.associations:
            if interval.is_refused:
                continue
            key = (interval.campaign_id, interval.asset_id)
            row = rows.setdefault(
                key,
                {
                    "campaign_id": interval.campaign_id,
                    "asset_id": interval.asset_id,
                    "asset_type": self.assets[interval.asset_id]["asset_type"],
                    "is_current": False,
                    **dict.fromkeys(ASSET_MEASURES, 0),
                    "influenced_contacts": 0,
                    **dict.fromkeys(TRAVELLING, None),
                },
            )
            row["is_current"] = row["is_current"] or interval.end is None
        for event in self.events:
            for campaign_id in self.touches.by_asset(event):
                for name in measures_of(event):
                    rows[campaign_id, event.asset or ""][name] += 1
        for (campaign_id, _), found in self.influences.items():
            for pair in found.pairs.values():
                if pair.asset_id is not None:
                    rows[campaign_id, pair.asset_id]["influenced_contacts"] += 1
        history = self._whole_history()
        for row in rows.values():
            if not row["is_current"]:
                continue
            counts = history[row["asset_id"]]
            if row["asset_type"] == "marketing_email":
                row["travelling_sent"] = counts["sent"]
                row["travelling_opens"] = counts["opens"]
                row["travelling_clicks"] = counts["clicks"]
            if row["asset_type"] == "social_post":
                row["travelling_clicks"] = counts["clicks"]
                row["travelling_interactions"] = counts["interactions"]
        return list(rows.values())

    def _whole_history(self) -> dict[str, Counter[str]]:
        """T-6: the measures of every asset over its whole history."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for event in self.events:
            if event.asset is not None:
                counts[event.asset].update(measures_of(event))
                counts[event.asset]["sent"] += event.event_type == "email_sent"
        return counts

    def assets_mart(self) -> list[Row]:
        """One row per asset with its whole history (T-6)."""
        history = self._whole_history()
        contacts: dict[str, set[str]] = defaultdict(set)
        for event in self.events:
            if event.asset is not None and event.contact is not None:
                contacts[event.asset].add(event.contact)
        rows = []
        for asset_id, row in self.assets.items():
            current = self.touches.current_campaigns(asset_id)
            rows.append(
                {
                    "asset_id": asset_id,
                    "asset_type": row["asset_type"],
                    "name": row["name"],
                    "campaign_id": next(iter(current)) if len(current) == 1 else None,
                    **{name: history[asset_id][name] for name in ASSET_MEASURES},
                    "contacts": len(contacts[asset_id]),
                }
            )
        return rows

    def campaign_deals(self) -> list[Row]:
        """D-2..D-4: one row per campaign and closed deal."""
        rows = []
        for (campaign_id, deal_id), (deal, contact) in self.closed_deals.items():
            rows.append(
                {
                    "campaign_id": campaign_id,
                    "deal_id": deal_id,
                    "amount": deal.amount,
                    "closed_at": deal.closed_at,
                    "contact_id": self.identity.published(contact),
                    "influenced_at": self.influences[campaign_id, contact].first_at,
                    "revenue": self.revenue[deal_id].get(campaign_id, ZERO),
                    "attributed_revenue": self.attributed.get((campaign_id, deal_id), (None, ZERO))[
                        1
                    ],
                }
            )
        return rows

    def campaign_revenue(self) -> list[Row]:
        """D-7: one row per campaign (or ``no campaign``) and deal."""
        return [
            {
                "campaign_id": campaign_id,
                "deal_id": deal.deal_id,
                "closed_at": deal.closed_at,
                "revenue": revenue,
            }
            for deal in self.deal_list
            for campaign_id, revenue in self.revenue[deal.deal_id].items()
        ]

    # --- people, sessions, deals --------------------------------------------------------

    def contacts(self) -> list[Row]:
        """One row per contact; merged-away and erased ones have none (ID-5, ID-6)."""
        deals: dict[str, list[Deal]] = defaultdict(list)
        for deal in self.deal_list:
            if deal.won_at is not None:
                for contact in deal.contacts:
                    deals[contact].append(deal)
        campaigns = Counter(contact for _, contact in self.influences)
        rows = []
        for contact, created_at in self.identity.created_at.items():
            if contact in self.identity.erased:
                continue
            row = self.identity.rows[contact]
            view = self.new_contacts.first_view.get(contact)
            conversion = self.new_contacts.conversion.get(contact)
            email = (row["email"] or "").strip(BLANKS).lower()
            rows.append(
                {
                    "contact_id": contact,
                    "created_at": created_at,
                    "is_deleted": bool(row["is_deleted"]),
                    "email_sha256": hashlib.sha256(email.encode()).hexdigest() if email else None,
                    "salesforce_campaign_id": row["salesforce_campaign_id"],
                    "country": row["country"],
                    "lifecycle_stage": row["lifecycle_stage"],
                    "first_touch_channel": entry_channel(view.url, view.referrer) if view else None,
                    "first_touch_url": view.url if view else None,
                    "first_touch_utm_campaign": view.params.get("utm_campaign") if view else None,
                    "last_touch_url": conversion.url if conversion else None,
                    "influencing_campaigns": campaigns[contact],
                    "deals": len(deals[contact]),
                    "revenue": sum((deal.amount or ZERO for deal in deals[contact]), ZERO),
                }
            )
        return rows

    def contact_aliases(self) -> list[Row]:
        """ID-5: one row per merged contact with the contact that survives it."""
        return [
            {"merged_contact_id": merged, "contact_id": survivor}
            for merged, survivor in self.identity.aliases.items()
            if survivor not in self.identity.erased
        ]

    def sessions(self) -> list[Row]:
        """One row per session; an erased contact's show neither contact nor visitor (ID-6)."""
        rows = []
        for session in self.session_list:
            entry = session.entry
            is_erased = session.visitor_id in self.identity.erased_visitors
            rows.append(
                {
                    "session_id": session.session_id,
                    "visitor_id": None if is_erased else session.visitor_id,
                    "contact_id": self.identity.published(entry.contact),
                    "started_at": session.started_at,
                    "ended_at": session.ended_at,
                    "page_views": len(session.page_views),
                    "entry_url": entry.url,
                    "exit_url": session.page_views[-1].url,
                    "entry_channel": session.channel,
                    **dict(zip(UTM_NAMES, entry.utm, strict=True)),
                    "device_type": entry.device_type,
                    "browser": entry.browser,
                    "country": entry.country,
                    "is_excluded_from_campaigns": session.is_excluded,
                    "is_engaged": session.is_engaged,
                }
            )
        return rows

    def campaign_sessions(self) -> list[Row]:
        """S-6: one row per campaign and session that counts for it."""
        return [
            {
                "campaign_id": campaign_id,
                "session_id": session.session_id,
                "rules": sorted(rules),
            }
            for session, by_campaign in zip(self.session_list, self.session_rules, strict=True)
            for campaign_id, rules in by_campaign.items()
        ]

    def deals(self) -> list[Row]:
        """One row per deal that is not deleted."""
        campaigns = Counter(deal_id for _, deal_id in self.closed_deals)
        return [
            {
                "deal_id": deal.deal_id,
                "name": deal.row["name"],
                "amount": deal.amount,
                "amount_original": deal.row["amount"],
                "currency": deal.row["currency"] or self.rates.company_currency,
                "stage_id": deal.stage_id,
                "is_closed_won": deal.is_won,
                "created_at": deal.row["created_at"],
                "closed_at": deal.closed_at,
                "contacts": len(deal.contacts),
                "campaigns": campaigns[deal.deal_id],
            }
            for deal in self.deal_list
        ]

    # --- trust --------------------------------------------------------------------------

    def data_quality_issues(self) -> list[Row]:
        """What is odd in the rows that count."""
        unconverted = {
            ("deals", deal.deal_id)
            for deal in self.deal_list
            if deal.row["amount"] is not None and deal.amount is None
        } | {
            ("campaigns", campaign_id)
            for campaign_id, row in self.touches.campaigns.items()
            if row["budget"] is not None and self._budget(row) is None
        }
        unconverted |= self.kpis.without_rate()
        return data_quality_issues(
            self.tables, self.loaded.extra_columns, self.identity, self.stages, unconverted
        )

    def excluded_traffic(self) -> list[Row]:
        """ID-7: how many events each entry of the exclusion lists removed."""
        return [
            {"list": kind, "entry": entry, "events": count}
            for (kind, entry), count in self.removed.items()
        ]


ASSET_MEASURES = ("views", "submissions", "opens", "clicks", "interactions")
TRAVELLING = (
    "travelling_sent",
    "travelling_opens",
    "travelling_clicks",
    "travelling_interactions",
)


def cost_ratios(measures: Row) -> Row:
    """K-6, K-7: the ratios of a campaign's costs, from the sums that they divide."""
    return {
        "roi": ratio(measures["revenue"] - measures["spend"], measures["spend"]),
        "cac": per_unit(measures["spend"], measures["customers"]),
    }


def measures_of(event: Event) -> list[str]:
    """The measures of assets (the event catalogue) that an event adds to."""
    names = ["interactions"]
    if event.event_type == "page_viewed":
        names.append("views")
    if event.event_type == "form_submitted":
        names.append("submissions")
    if event.event_type == "email_opened":
        names.append("opens")
    if event.is_click:
        names.append("clicks")
    return names


KEYS: dict[str, tuple[str, ...]] = {
    "campaigns": ("campaign_id",),
    "campaign_daily": ("campaign_id", "date"),
    "campaign_contacts": ("campaign_id", "contact_id"),
    "campaign_influences": ("campaign_id", "contact_id", "asset_type", "asset_id"),
    "campaign_assets": ("campaign_id", "asset_id"),
    "campaign_deals": ("campaign_id", "deal_id"),
    "campaign_revenue": ("campaign_id", "deal_id"),
    "asset_visibility": ("campaign_id", "asset_id", "associated_at"),
    "assets": ("asset_id",),
    "contacts": ("contact_id",),
    "contact_aliases": ("merged_contact_id",),
    "sessions": ("session_id",),
    "campaign_sessions": ("campaign_id", "session_id"),
    "deals": ("deal_id",),
    "deal_attribution": ("deal_id", "event_id", "model", "campaign_id"),
    "contact_attribution": ("contact_id", "event_id", "model", "campaign_id"),
    "deal_create_attribution": ("deal_id", "event_id", "model", "campaign_id"),
    "campaign_attribution": ("campaign_id", "model", "date"),
    "channel_attribution": ("channel", "model", "date"),
    "data_driven_attribution": ("dimension", "key", "model"),
    "journey_stages": ("journey", "stage", "branch"),
    "journey_steps": ("journey", "stage", "step"),
    "journey_entities": ("journey", "entity_type", "entity_id", "stage"),
    "ad_performance": ("campaign_id", "asset_id", "network", "placement", "date"),
    "search_rankings": ("keyword", "engine", "month"),
    "email_performance": (
        *("campaign_id", "asset_id", "device_type", "mail_client", "country", "date"),
    ),
    "social_performance": ("campaign_id", "network", "asset_id", "date"),
    "qr_performance": (
        *("campaign_id", "asset_id", "country", "region", "city", "device_type", "date"),
    ),
    "qr_heatmap": ("campaign_id", "asset_id", "weekday", "hour"),
    "call_performance": ("campaign_id", "asset_id", "owner", "country", "date"),
    "affiliate_performance": ("campaign_id", "asset_id", "partner", "date"),
    "conversions": ("campaign_id", "network", "pixel_event", "date"),
    "retargeting_audience": ("campaign_id", "visitor_id"),
    "behavior_daily": ("campaign_id", "date"),
    "traffic_performance": (
        *("campaign_id", "entry_channel", "entry_url"),
        *("device_type", "country", "browser", "date"),
    ),
    "contact_timeline": ("contact_id", "event_id"),
    "page_heatmap": (
        *("campaign_id", "asset_id", "device_type", "column", "row", "scroll_decile", "date"),
    ),
    "session_replays": ("campaign_id", "session_id", "date"),
    "feedback": ("campaign_id", "survey", "kind", "date"),
    "utm_performance": ("campaign_id", *UTM_NAMES, "date"),
    "kpi_daily": ("campaign_id", "date", "kpi"),
    "load_audit": ("file", "table_name", "content_sha256"),
    "quarantine": ("file", "table_name", "content_sha256", "row_number"),
    "data_quality_issues": ("rule", "table_name", "key"),
    "excluded_traffic": ("list", "entry"),
}


def compute(
    loads: Sequence[Path],
    *,
    report_timezone: str = "UTC",
    session_inactivity_minutes: float = 30,
    session_split_on_new_source: bool = False,
    contact_creation_grace_seconds: float = 60,
    company_currency: str = "EUR",
    social_post_limit: int = 10_000,
    excluded_visitors: Sequence[str] = ("internal-test-visitor", "internal-monitoring"),
    association_history: str = "given",
    load_instants: Sequence[datetime | None] = (),
    default_attribution_model: str = "linear",
    attribution_lookback_days: float | None = None,
    attribution_models: Sequence[Row] | None = None,
    journeys: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, list[Row]]:
    """Compute every mart from landing folders, by the metric rules alone.

    Args:
        loads: landing folders, one per load (night), in order.
        report_timezone: IANA zone in which calendar dates are taken.
        session_inactivity_minutes: S-1, minutes without a page view that end a session.
        session_split_on_new_source: S-2, whether a new traffic source starts a session.
        contact_creation_grace_seconds: N, seconds around a contact's creation.
        company_currency: D-8, the currency of all money.
        social_post_limit: T-7, distinct social posts that a campaign takes.
        excluded_visitors: ID-7, visitor ids of internal traffic.
        association_history: ``given``, or ``snapshot``: each association file states the present.
        load_instants: instant (naive UTC) of each load, None where it took up nothing; only
            ``snapshot`` needs them.
        default_attribution_model: A-4, the model of the campaigns' attributed revenue.
        attribution_lookback_days: A-12, how far back interactions count; None: without limit.
        attribution_models: A-10, rows of the models' table; None: the nine of A-2 and A-4.
        journeys: J, each journey's definition by its name, as the variable of the project has
            them; None: no journeys.

    Returns:
        mart name -> its rows in order of their key; a row is column -> value (str, int, bool,
        float, naive UTC datetime, date, Decimal, list of str or of dicts, None).
    """
    reference = Reference(
        loads,
        report_timezone=report_timezone,
        session_inactivity_minutes=session_inactivity_minutes,
        session_split_on_new_source=session_split_on_new_source,
        contact_creation_grace_seconds=contact_creation_grace_seconds,
        company_currency=company_currency,
        social_post_limit=social_post_limit,
        excluded_visitors=excluded_visitors,
        association_history=association_history,
        load_instants=load_instants,
        default_attribution_model=default_attribution_model,
        attribution_lookback_days=attribution_lookback_days,
        attribution_models=ATTRIBUTION_MODELS if attribution_models is None else attribution_models,
        journeys=journeys or {},
    )
    attribution, facts = reference.attribution, reference.facts
    marts = {
        "campaigns": reference.campaigns(),
        "campaign_daily": reference.campaign_daily(),
        "campaign_contacts": reference.campaign_contacts(),
        "campaign_influences": reference.campaign_influences(),
        "campaign_assets": reference.campaign_assets(),
        "campaign_deals": reference.campaign_deals(),
        "campaign_revenue": reference.campaign_revenue(),
        "asset_visibility": asset_visibility(
            reference.events, reference.touches, reference.calendar
        ),
        "assets": reference.assets_mart(),
        "contacts": reference.contacts(),
        "contact_aliases": reference.contact_aliases(),
        "sessions": reference.sessions(),
        "campaign_sessions": reference.campaign_sessions(),
        "deals": reference.deals(),
        "deal_attribution": attribution.deal_attribution(),
        "contact_attribution": attribution.contact_attribution(),
        "deal_create_attribution": attribution.deal_create_attribution(),
        "campaign_attribution": attribution.campaign_attribution(),
        "channel_attribution": attribution.channel_attribution(),
        "data_driven_attribution": attribution.data_driven_attribution(),
        "journey_stages": reference.journeys.journey_stages(),
        "journey_steps": reference.journeys.journey_steps(),
        "journey_entities": reference.journeys.journey_entities(),
        "ad_performance": reference.ads,
        "search_rankings": search_rankings(facts),
        "email_performance": email_performance(facts),
        "social_performance": reference.social,
        "qr_performance": qr_performance(facts),
        "qr_heatmap": qr_heatmap(facts),
        "call_performance": call_performance(facts),
        "affiliate_performance": reference.affiliates.rows(),
        "conversions": conversions(facts),
        "retargeting_audience": retargeting_audience(facts),
        "behavior_daily": behavior_daily(facts),
        "traffic_performance": traffic_performance(facts),
        "contact_timeline": contact_timeline(facts),
        "page_heatmap": page_heatmap(facts),
        "session_replays": session_replays(facts),
        "feedback": feedback(facts),
        "utm_performance": reference.kpis.utm_performance(),
        "kpi_daily": reference.kpis.kpi_daily(reference.measures),
        "load_audit": reference.loaded.load_audit,
        "quarantine": reference.loaded.quarantine,
        "data_quality_issues": reference.data_quality_issues(),
        "excluded_traffic": reference.excluded_traffic(),
    }
    for name, rows in marts.items():
        rows.sort(
            key=lambda row: [
                (row[c] is not None, row[c] if row[c] is not None else "") for c in KEYS[name]
            ]
        )
    return marts
