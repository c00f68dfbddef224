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

ASSET = {"asset": "m.asset_id"}
NETWORK = {"network": "m.network"}


def _channel(table: str, names: Mapping[str, str]) -> Mart:
    """A mart of a channel, with its rows of `no campaign`."""
    rows = f"{table} as m left join campaigns as c using (campaign_id)"
    return Mart(rows, {**CAMPAIGN, **names}, "m.date")


ADS = _channel("ad_performance", {**ASSET, **NETWORK, "ad_day__placement": "m.placement"})
SOCIAL = _channel("social_performance", {**ASSET, **NETWORK})
ADS_AND_SOCIAL = _channel(
    "(select campaign_id, asset_id, network, date, impressions, clicks from ad_performance"
    " union all"
    " select campaign_id, asset_id, network, date, impressions, clicks from social_performance)",
    {**ASSET, **NETWORK},
)
EMAIL = _channel(
    "email_performance",
    {
        **ASSET,
        "email_day__device_type": "m.device_type",
        "email_day__mail_client": "m.mail_client",
        "email_day__country": "m.country",
    },
)
TRAFFIC = _channel(
    "traffic_performance",
    {
        "channel": "m.entry_channel",
        "traffic_day__device_type": "m.device_type",
        "traffic_day__country": "m.country",
        "traffic_day__browser": "m.browser",
    },
)
AFFILIATE = _channel("affiliate_performance", {**ASSET, "affiliate_day__partner": "m.partner"})
CALLS = _channel("call_performance", {**ASSET, "call_day__country": "m.country"})
QR = _channel(
    "qr_performance",
    {**ASSET, "qr_day__country": "m.country", "qr_day__device_type": "m.device_type"},
)
BEHAVIOR = _channel("behavior_daily", {})
CONVERSIONS = _channel("conversions", {**NETWORK, "conversion_day__pixel_event": "m.pixel_event"})
KPIS = _channel("kpi_daily", {"kpi": "m.kpi"})

_WON = "count(*) filter (m.is_closed_won)"
_WON_REVENUE = "coalesce(sum(m.amount) filter (m.is_closed_won), 0)"


def _ratio(dividend: str, divisor: str) -> str:
    return f"cast({dividend} as double) / nullif({divisor}, 0)"


def _rounded(amount: str) -> str:
    return f"round({amount}, 4)"


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
    "spend": Figure(CAMPAIGN_DAILY, "sum(m.spend)"),
    "customers": Figure(CAMPAIGN_DAILY, "sum(m.customers)"),
    "roi": Figure(CAMPAIGN_DAILY, _ratio("sum(m.revenue) - sum(m.spend)", "sum(m.spend)")),
    "cac": Figure(CAMPAIGN_DAILY, _rounded(_ratio("sum(m.spend)", "sum(m.customers)"))),
    "roas": Figure(CAMPAIGN_DAILY, _ratio("sum(m.revenue)", "sum(m.ad_cost)")),
    "impressions": Figure(ADS_AND_SOCIAL, "sum(m.impressions)"),
    "clicks": Figure(ADS_AND_SOCIAL, "sum(m.clicks)"),
    "ctr": Figure(ADS_AND_SOCIAL, _ratio("sum(m.clicks)", "sum(m.impressions)")),
    **{
        f"ad_{name}": Figure(ADS, f"sum(m.{name})")
        for name in ("impressions", "clicks", "cost", "conversions")
    },
    "ad_ctr": Figure(ADS, _ratio("sum(m.clicks)", "sum(m.impressions)")),
    "cpc": Figure(ADS, _rounded(_ratio("sum(m.cost)", "sum(m.clicks)"))),
    "ad_conversion_rate": Figure(ADS, _ratio("sum(m.conversions)", "sum(m.clicks)")),
    **{
        f"social_{name}": Figure(SOCIAL, f"sum(m.{name})")
        for name in ("reach", "impressions", "engagements", "clicks", "conversions")
    },
    "engagement_rate": Figure(SOCIAL, _ratio("sum(m.engagements)", "sum(m.reach)")),
    **{
        f"emails_{name}": Figure(EMAIL, f"sum(m.{name})")
        for name in ("sent", "delivered", "opened", "clicked", "unsubscribed")
    },
    "email_conversions": Figure(EMAIL, "sum(m.conversions)"),
    "open_rate": Figure(EMAIL, _ratio("sum(m.opened)", "sum(m.delivered)")),
    "click_rate": Figure(EMAIL, _ratio("sum(m.clicked)", "sum(m.delivered)")),
    "click_through_rate": Figure(EMAIL, _ratio("sum(m.clicked)", "sum(m.opened)")),
    "email_conversion_rate": Figure(EMAIL, _ratio("sum(m.conversions)", "sum(m.clicked)")),
    "visitors": Figure(TRAFFIC, "sum(m.visitors)"),
    "session_conversions": Figure(TRAFFIC, "sum(m.conversions)"),
    "conversions_per_visitor": Figure(TRAFFIC, _ratio("sum(m.conversions)", "sum(m.visitors)")),
    **{
        f"affiliate_{name}": Figure(AFFILIATE, f"sum(m.{name})")
        for name in ("clicks", "conversions", "revenue")
    },
    "commission": Figure(AFFILIATE, "sum(m.commission)"),
    "affiliate_roi": Figure(
        AFFILIATE, _ratio("sum(m.revenue) - sum(m.commission)", "sum(m.commission)")
    ),
    "calls": Figure(CALLS, "sum(m.calls)"),
    "answered_calls": Figure(CALLS, "sum(m.answered)"),
    "answer_rate": Figure(CALLS, _ratio("sum(m.answered)", "sum(m.calls)")),
    "qr_scans": Figure(QR, "sum(m.scans)"),
    "qr_visitors": Figure(QR, "sum(m.unique_visitors)"),
    **{
        name: Figure(BEHAVIOR, f"sum(m.{name})")
        for name in ("sign_ups", "purchases", "purchase_value", "carts", "carts_abandoned")
    },
    "abandonment_rate": Figure(BEHAVIOR, _ratio("sum(m.carts_abandoned)", "sum(m.carts)")),
    "reported_conversions": Figure(CONVERSIONS, "sum(m.conversions)"),
    "reported_value": Figure(CONVERSIONS, "sum(m.value)"),
    "kpi_value": Figure(KPIS, "avg(m.value)"),
    "kpi_target": Figure(KPIS, "avg(m.target)"),
}
