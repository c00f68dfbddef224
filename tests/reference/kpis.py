"""The marts that put everything together by campaign and day: spend, customers, utm values, and
the KPI dashboard's one table (K-6, K-7, K-17, K-18)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .channels import Affiliates, is_social_click, mean, position_of
from .deals import NO_CAMPAIGN, Deal, RevenueInteractions
from .events import Event
from .influence import Influences
from .new_contacts import NewContacts
from .notions import ZERO, Facts, Table, number_property, per_unit, ratio
from .urls import UTM_NAMES

Row = dict[str, Any]
Day = tuple[str, date]  # campaign, date

COMPANY = "all"

# K-18: the KPIs that are counts and sums, then the ratios
COUNTS_AND_SUMS = (
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
    "spend",
)
RATIOS = ("ctr", "cpc", "conversion_rate", "search_rank", "cac", "roi", "roas")
KPIS = (*COUNTS_AND_SUMS, *RATIOS)

# What a KPI is or is computed from, besides positions in search results.
FROM_CAMPAIGNS = (*COUNTS_AND_SUMS[:8], "spend", "ad_cost", "customers")
PARTS = (
    *FROM_CAMPAIGNS,
    *("impressions", "clicks", "ad_clicks", "social_clicks", "visitors", "converting_visitors"),
)

WEEK = timedelta(days=7)

# K-18: the longest gap between dates with something to say that is filled.
LONGEST_GAP = timedelta(days=366)


def first_won_deals(deals: list[Deal]) -> dict[str, Deal]:
    """K-6: the first won deal of each contact that was on one at its close."""
    first: dict[str, Deal] = {}
    for deal in sorted(
        (deal for deal in deals if deal.won_at is not None),
        key=lambda deal: (deal.won_at, deal.deal_id),
    ):
        for contact in deal.contacts:
            first.setdefault(contact, deal)
    return first


def kpi_values(parts: Row) -> dict[str, float | None]:
    """K-1..K-7, K-18: all KPIs of a campaign and day, or of the company's day.

    Args:
        parts: the measures of ``PARTS``, and ``positions``.
    """
    values: dict[str, float | None] = {name: float(parts[name]) for name in COUNTS_AND_SUMS}
    cpc = per_unit(parts["ad_cost"], parts["ad_clicks"])
    cac = per_unit(parts["spend"], parts["customers"])
    return values | {
        "ctr": ratio(parts["clicks"], parts["impressions"]),
        "cpc": None if cpc is None else float(cpc),
        "conversion_rate": ratio(parts["converting_visitors"], parts["visitors"]),
        "search_rank": mean(parts["positions"]),
        "cac": None if cac is None else float(cac),
        "roi": ratio(parts["revenue"] - parts["spend"], parts["spend"]),
        "roas": ratio(parts["revenue"], parts["ad_cost"]),
    }


class Kpis:
    """Spend and customers of campaigns and of the company, and the marts of K-17 and K-18."""

    def __init__(
        self,
        facts: Facts,
        ads: list[Row],
        social: list[Row],
        affiliates: Affiliates,
        interactions: RevenueInteractions,
        influences: Influences,
        new_contacts: NewContacts,
        closed_deals: Mapping[tuple[str, str], tuple[Deal, str]],
        revenue: Mapping[str, Mapping[str, Decimal]],
    ) -> None:
        self._facts = facts
        self._ads = ads
        self._social = social
        self._affiliates = affiliates
        self._influences = influences
        self._new_contacts = new_contacts
        self._closed_deals = closed_deals
        self._revenue = revenue
        self.ad_cost: dict[Day, Decimal] = defaultdict(lambda: ZERO)
        self.spend: dict[Day, Decimal] = defaultdict(lambda: ZERO)
        self.customers: dict[Day, set[str]] = defaultdict(set)
        self._first_won = first_won_deals(facts.deals)
        self._add_spend()
        self._add_customers(interactions)

    def _closed_on(self, deal: Deal) -> date:
        assert deal.won_at is not None
        return self._facts.calendar.date_of(deal.won_at)

    # --- spend and customers (K-6) --------------------------------------------------------

    def _spent(self, row: Row) -> Decimal | None:
        """A row of the spend at the rate of its date."""
        return self._facts.rates.convert(row["amount"], row["currency"], row["spent_on"])

    def _add_spend(self) -> None:
        """K-6: what each campaign cost by date: its own spend, its ads, its commissions."""
        campaigns = self._facts.touches.campaigns
        for row in self._facts.tables["campaign_spend"]:
            if row["campaign_id"] in campaigns:
                self.spend[row["campaign_id"], row["spent_on"]] += self._spent(row) or ZERO
        for row in self._ads:
            if row["campaign_id"] != NO_CAMPAIGN:
                self.spend[row["campaign_id"], row["date"]] += row["cost"]
                self.ad_cost[row["campaign_id"], row["date"]] += row["cost"]
        for row in self._affiliates.rows():
            if row["campaign_id"] != NO_CAMPAIGN:
                self.spend[row["campaign_id"], row["date"]] += row["commission"]

    def _add_customers(self, interactions: RevenueInteractions) -> None:
        """K-6: by campaign and date of the close the contacts that it won: those whose first won
        deal closed and who had made a revenue interaction that counts for it."""
        for contact, deal in self._first_won.items():
            assert deal.won_at is not None
            for event in interactions.up_to(contact, deal.won_at):
                for campaign_id in interactions.campaigns(event):
                    self.customers[campaign_id, self._closed_on(deal)].add(contact)

    def without_rate(self) -> set[tuple[str, str]]:
        """(table, key) of the money that no rate converts."""
        facts = self._facts
        found = {
            ("campaign_spend", row["spend_id"])
            for row in facts.tables["campaign_spend"]
            if self._spent(row) is None
        }
        for row in facts.tables["ad_stats"]:
            cost = facts.rates.convert(row["cost"], row["currency"], row["stat_date"])
            if row["cost"] is not None and cost is None:
                found.add(("ad_stats", row["currency"]))
        for event in facts.of_types("pixel_fired", "purchase_completed"):
            if number_property(event, "value", 2) is not None and facts.value_of(event) is None:
                found.add(("events", event.property_text("currency") or ""))
        found.update(("affiliates", asset_id) for asset_id in self._affiliates.without_rate())
        return found

    # --- utm values (K-17) ----------------------------------------------------------------

    def utm_performance(self) -> list[Row]:
        """K-17: one row per campaign, utm values and date with something to say."""
        facts = self._facts
        table = Table(
            ("campaign_id", *UTM_NAMES, "date"),
            {
                **dict.fromkeys(
                    ("sessions", "new_contacts", "influenced_contacts", "closed_deals"), 0
                ),
                "influenced_revenue": ZERO,
            },
        )
        for number, session in enumerate(facts.sessions):
            for campaign_id in facts.session_campaigns(number):
                key = (campaign_id, *session.entry.utm, facts.date_of(session.entry))
                table.at(*key)["sessions"] += 1
        first_touch: dict[str, list[str]] = defaultdict(list)
        for campaign_id, contact in self._new_contacts.first_touch:
            first_touch[contact].append(campaign_id)
        for contact, created_at in facts.identity.created_at.items():
            if facts.identity.rows[contact]["is_deleted"]:
                continue  # T-9
            view = self._new_contacts.first_view.get(contact)
            utm = view.utm if view else (None,) * len(UTM_NAMES)
            for campaign_id in first_touch.get(contact, [NO_CAMPAIGN]):
                key = (campaign_id, *utm, facts.calendar.date_of(created_at))
                table.at(*key)["new_contacts"] += 1
        by_id = {event.event_id: event for event in facts.events}
        utm_of = {
            pair: self._utm_of(by_id[influenced.first_event[1]])
            for pair, influenced in self._influences.items()
        }
        for (campaign_id, contact), influenced in self._influences.items():
            day = facts.calendar.date_of(influenced.first_at)
            measures = table.at(campaign_id, *utm_of[campaign_id, contact], day)
            measures["influenced_contacts"] += 1
        for (campaign_id, _), (deal, contact) in self._closed_deals.items():
            measures = table.at(campaign_id, *utm_of[campaign_id, contact], self._closed_on(deal))
            measures["closed_deals"] += 1
            measures["influenced_revenue"] += deal.amount or ZERO
        return table.rows()

    def _utm_of(self, event: Event) -> tuple[str | None, ...]:
        """K-17: the utm values of an event's session, outside sessions of its own URL."""
        if event.session is not None:
            return self._facts.sessions[event.session].entry.utm
        return event.utm

    # --- the dashboard's table (K-18) -----------------------------------------------------

    def kpi_daily(self, measures: Mapping[Day, Row]) -> list[Row]:
        """K-18: every KPI on every date from the first to the last with something to say, of each
        campaign and of the company; gaps of more than 366 days are not filled.

        Args:
            measures: those of the campaigns by date.
        """
        days = self._campaign_days(measures)
        company = self._company_days()
        by_campaign: dict[str, dict[date, Row]] = defaultdict(dict)
        for (campaign_id, day), parts in {**days, **company}.items():
            if any(parts.values()):
                by_campaign[campaign_id][day] = parts
        targets = self._targets()
        rows = []
        for campaign_id, parts_of in by_campaign.items():
            values: dict[date, dict[str, float | None]] = {
                day: kpi_values(parts_of.get(day) or _no_parts()) for day in days_told(parts_of)
            }
            nothing = {**dict.fromkeys(COUNTS_AND_SUMS, 0.0), **dict.fromkeys(RATIOS)}
            for day, of_day in values.items():
                before = values.get(day - WEEK, nothing) if day - date.min >= WEEK else nothing
                rows += [
                    {
                        "campaign_id": campaign_id,
                        "date": day,
                        "kpi": kpi,
                        "value": of_day[kpi],
                        "target": target_on(targets.get((campaign_id, kpi), []), day),
                        "previous_value": before[kpi],
                    }
                    for kpi in KPIS
                ]
        return rows

    def _campaign_days(self, measures: Mapping[Day, Row]) -> dict[Day, Row]:
        """What the KPIs of campaigns are computed from."""
        facts = self._facts
        days: dict[Day, Row] = defaultdict(_no_parts)
        for key, of_day in measures.items():
            days[key].update({name: of_day[name] for name in FROM_CAMPAIGNS})
        for row in (*self._ads, *self._social):
            _add_figures(days[row["campaign_id"], row["date"]], row)
        for row in self._social:
            parts = days[row["campaign_id"], row["date"]]
            parts["clicks"] += row["clicks"]
            parts["social_clicks"] += row["clicks"]
        self._add_visitors(days, by_campaign=True)
        for row in facts.tables["search_rankings"]:
            position = position_of(row)
            between = facts.instants_of(row["stat_date"])
            for campaign_id in facts.touches.keyword_campaigns(row["keyword"], *between):
                if position is not None:
                    days[campaign_id, row["stat_date"]]["positions"].append(position)
        return {key: parts for key, parts in days.items() if key[0] != NO_CAMPAIGN}

    def _company_days(self) -> dict[Day, Row]:
        """What the KPIs of the company are computed from: each thing once, whatever it counts
        for."""
        facts = self._facts
        days: dict[Day, Row] = defaultdict(_no_parts)
        date_of = facts.calendar.date_of

        def at(day: date) -> Row:
            return days[COMPANY, day]

        for session in facts.sessions:
            at(facts.date_of(session.entry))["sessions"] += 1
        self._add_visitors(days, by_campaign=False)
        for name, pairs in (
            ("new_contacts_first_touch", self._new_contacts.first_touch),
            ("new_contacts_last_touch", self._new_contacts.last_touch),
        ):
            for contact in {contact for _, contact in pairs}:
                at(date_of(facts.identity.created_at[contact]))[name] += 1
        first_influences: dict[str, Any] = {}
        for (_, contact), influenced in self._influences.items():
            before = first_influences.get(contact, influenced.first_at)
            first_influences[contact] = min(before, influenced.first_at)
        for first_at in first_influences.values():
            at(date_of(first_at))["influenced_contacts"] += 1
        for deal in {deal.deal_id: deal for deal, _ in self._closed_deals.values()}.values():
            parts = at(self._closed_on(deal))
            parts["closed_deals"] += 1
            parts["influenced_revenue"] += deal.amount or ZERO
        for deal in facts.deals:
            for revenue in self._revenue[deal.deal_id].values():
                at(self._closed_on(deal))["revenue"] += revenue
        for each in facts.attribution.default_credits():
            at(self._closed_on(each.deal))["attributed_revenue"] += each.revenue or ZERO
        for row in (*self._ads, *self._social):
            parts = at(row["date"])
            _add_figures(parts, row)
            if "cost" in row:
                parts["ad_cost"] += row["cost"]
                parts["spend"] += row["cost"]
        for event in filter(is_social_click, facts.events):
            parts = at(facts.date_of(event))
            parts["clicks"] += 1
            parts["social_clicks"] += 1
        for row in facts.tables["campaign_spend"]:
            at(row["spent_on"])["spend"] += self._spent(row) or ZERO
        for day, commission in self._affiliates.company_commissions().items():
            at(day)["spend"] += commission
        for deal in self._first_won.values():
            at(self._closed_on(deal))["customers"] += 1
        for row in facts.tables["search_rankings"]:
            position = position_of(row)
            if position is not None:
                at(row["stat_date"])["positions"].append(position)
        return days

    def _add_visitors(self, days: dict[Day, Row], *, by_campaign: bool) -> None:
        """K-5: the visitors of the sessions that began on each date, and those with a conversion
        in one of them."""
        visitors: dict[Day, dict[str, bool]] = defaultdict(dict)
        for number, session in enumerate(self._facts.sessions):
            converts = bool(self._facts.session_conversions(session))
            day = self._facts.date_of(session.entry)
            keys = self._facts.session_campaigns(number) if by_campaign else [COMPANY]
            for key in keys:
                found = visitors[key, day]
                found[session.visitor_id] = found.get(session.visitor_id, False) or converts
        for (key, day), found in visitors.items():
            days[key, day]["visitors"] += len(found)
            days[key, day]["converting_visitors"] += sum(found.values())

    def _targets(self) -> dict[tuple[str, str], list[Row]]:
        """The targets of each campaign (or the company) and KPI."""
        targets: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self._facts.tables["kpi_targets"]:
            targets[row["campaign_id"], row["kpi"]].append(row)
        return targets


def target_on(targets: list[Row], day: date) -> float | None:
    """K-18: of the targets whose period holds a date the one that began last."""
    holding = [row for row in targets if row["period_start"] <= day <= row["period_end"]]
    last = max(holding, key=lambda row: row["period_start"], default=None)
    return None if last is None else float(last["target"])


def _no_parts() -> Row:
    money = ("influenced_revenue", "revenue", "attributed_revenue", "spend", "ad_cost")
    return {**dict.fromkeys(PARTS, 0), **dict.fromkeys(money, ZERO), "positions": []}


def _add_figures(parts: Row, row: Row) -> None:
    """Adds a row of statistics of ads or of social posts."""
    parts["impressions"] += row["impressions"]
    if "cost" in row:
        parts["clicks"] += row["clicks"]
        parts["ad_clicks"] += row["clicks"]


def days_told(telling: Iterable[date]) -> list[date]:
    """K-18: dates with something to say, and those between, but for gaps of more than 366 days."""
    found: list[date] = []
    for day in sorted(telling):
        if found and day - found[-1] <= LONGEST_GAP:
            found += [found[-1] + timedelta(days=n) for n in range(1, (day - found[-1]).days)]
        found.append(day)
    return found
