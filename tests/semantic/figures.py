"""Every metric of the semantic layer once more, as plain SQL over the published marts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mart:
    """Where figures are measured.

    rows is what stands behind FROM; names are those that a question may group by, with their SQL;
    time is the instant or date to which the figures belong.
    """

    rows: str
    names: Mapping[str, str]
    time: str


@dataclass(frozen=True)
class Figure:
    """A metric: the SQL of its value over rows of a mart."""

    mart: Mart
    sql: str


CAMPAIGN = {
    "campaign": "m.campaign_id",
    "campaign__name": "c.name",
    "campaign__status": "c.status",
    "campaign__start_date__month": "date_trunc('month', c.start_date)",
    "campaign__end_date__month": "date_trunc('month', c.end_date)",
    "campaign__created_on__month": "date_trunc('month', c.created_at)",
}
CAMPAIGNS = Mart(
    "campaigns as m inner join campaigns as c using (campaign_id)", CAMPAIGN, "m.created_at"
)
CAMPAIGN_DAILY = Mart(
    "campaign_daily as m inner join campaigns as c using (campaign_id)", CAMPAIGN, "m.date"
)
# Rows of `no campaign` and `unattributed` too.
CAMPAIGN_ATTRIBUTION = Mart(
    "campaign_attribution as m left join campaigns as c using (campaign_id)",
    {**CAMPAIGN, "attribution_model": "m.model"},
    "m.date",
)
CHANNEL_ATTRIBUTION = Mart(
    "channel_attribution as m", {"channel": "m.channel", "attribution_model": "m.model"}, "m.date"
)
SESSIONS = Mart(
    "sessions as m",
    {
        "session": "m.session_id",
        "channel": "m.entry_channel",
        "session__started_on__month": "date_trunc('month', m.started_at)",
        **{
            f"session__{name}": f"m.{name}"
            for name in (
                *("entry_channel", "device_type", "browser", "country", "utm_source"),
                *("utm_medium", "utm_campaign", "utm_term", "utm_content"),
            )
        },
    },
    "m.started_at",
)
DEAL = {
    "deal": "m.deal_id",
    "deal__currency": "m.currency",
    "deal__stage_id": "m.stage_id",
    "deal__is_closed_won": "m.is_closed_won",
    "deal__created_on__month": "date_trunc('month', m.created_at)",
    "deal__closed_on__month": "date_trunc('month', m.closed_at)",
}
DEALS = Mart("deals as m", DEAL, "m.created_at")
CLOSED_DEALS = Mart("(from deals where closed_at is not null) as m", DEAL, "m.closed_at")

_WON = "count(*) filter (m.is_closed_won)"
_WON_REVENUE = "coalesce(sum(m.amount) filter (m.is_closed_won), 0)"


def _ratio(dividend: str, divisor: str) -> str:
    return f"cast({dividend} as double) / nullif({divisor}, 0)"


FIGURES: dict[str, Figure] = {
    "campaigns": Figure(CAMPAIGNS, "count(*)"),
    "budget": Figure(CAMPAIGNS, "sum(m.budget)"),
    **{
        name: Figure(CAMPAIGN_DAILY, f"sum(m.{name})")
        for name in (
            *("sessions", "new_contacts_first_touch", "new_contacts_last_touch"),
            *("influenced_contacts", "unique_marketing_influences", "closed_deals"),
            *("influenced_revenue", "contacts_with_revenue", "revenue"),
            *("contacts_with_attributed_revenue", "attributed_revenue"),
        )
    },
    "new_contacts_per_session": Figure(
        CAMPAIGN_DAILY, _ratio("sum(m.new_contacts_first_touch)", "sum(m.sessions)")
    ),
    "closed_deals_per_influenced_contact": Figure(
        CAMPAIGN_DAILY, _ratio("sum(m.closed_deals)", "sum(m.influenced_contacts)")
    ),
    "influenced_revenue_per_closed_deal": Figure(
        CAMPAIGN_DAILY, _ratio("sum(m.influenced_revenue)", "sum(m.closed_deals)")
    ),
    "campaign_credit": Figure(CAMPAIGN_ATTRIBUTION, "sum(m.credit)"),
    "campaign_credited_revenue": Figure(CAMPAIGN_ATTRIBUTION, "sum(m.revenue)"),
    "campaign_credited_deals": Figure(CAMPAIGN_ATTRIBUTION, "sum(m.deals)"),
    "channel_credit": Figure(CHANNEL_ATTRIBUTION, "sum(m.credit)"),
    "channel_credited_revenue": Figure(CHANNEL_ATTRIBUTION, "sum(m.revenue)"),
    "channel_credited_deals": Figure(CHANNEL_ATTRIBUTION, "sum(m.deals)"),
    "all_sessions": Figure(SESSIONS, "count(*)"),
    "engaged_sessions": Figure(SESSIONS, "count(*) filter (m.is_engaged)"),
    "bounced_sessions": Figure(SESSIONS, "count(*) filter (not m.is_engaged)"),
    "page_views": Figure(SESSIONS, "sum(m.page_views)"),
    "bounce_rate": Figure(
        SESSIONS, _ratio("count(*) - count(*) filter (m.is_engaged)", "count(*)")
    ),
    "page_views_per_session": Figure(SESSIONS, "avg(m.page_views)"),
    "created_deals": Figure(DEALS, "count(*)"),
    "won_deals": Figure(CLOSED_DEALS, _WON),
    "lost_deals": Figure(CLOSED_DEALS, "count(*) filter (not m.is_closed_won)"),
    "won_revenue": Figure(CLOSED_DEALS, _WON_REVENUE),
    "win_rate": Figure(CLOSED_DEALS, _ratio(_WON, "count(*)")),
    "won_revenue_per_deal": Figure(CLOSED_DEALS, _ratio(_WON_REVENUE, _WON)),
}
