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
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


def _session(alias: str) -> dict[str, str]:
    """What goes by sessions, of which a row stands beside."""
    columns = ("entry_channel", "device_type", "browser", "country", *UTM)
    return {
        "session": f"{alias}.session_id",
        "session__started_on__month": f"date_trunc('month', {alias}.started_at)",
        **{f"session__{name}": f"{alias}.{name}" for name in columns},
    }


SESSIONS = Mart("sessions as m", {"channel": "m.entry_channel", **_session("m")}, "m.started_at")
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
        "traffic_day__entry_url": "m.entry_url",
    },
)
AFFILIATE = _channel("affiliate_performance", {**ASSET, "affiliate_day__partner": "m.partner"})
CALLS = _channel(
    "call_performance",
    {**ASSET, "call_day__country": "m.country", "call_day__owner": "m.owner"},
)
QR = _channel(
    "qr_performance",
    {
        **ASSET,
        **{f"qr_day__{name}": f"m.{name}" for name in ("country", "region", "city", "device_type")},
    },
)
BEHAVIOR = _channel("behavior_daily", {})
CONVERSIONS = _channel("conversions", {**NETWORK, "conversion_day__pixel_event": "m.pixel_event"})
REPORTED_BY = {
    "browser_only": "browser_only",
    "server_only": "server_only",
    "both_reported": '"both"',
}
KPIS = _channel("kpi_daily", {"kpi": "m.kpi"})
UTM_VALUES = _channel("utm_performance", {f"utm_day__{name}": f"m.{name}" for name in UTM})
SURVEY = {"asset": "m.survey", "feedback_day__kind": "m.kind"}
FEEDBACK = _channel("feedback", SURVEY)
NPS, CSAT, CES = (
    _channel(f"(from feedback where kind = '{kind}')", SURVEY) for kind in ("nps", "csat", "ces")
)
HEATMAP_NAMES = {
    **ASSET,
    "heatmap_day__device_type": "m.device_type",
    "heatmap_day__grid_column": 'm."column"',
    "heatmap_day__grid_row": 'm."row"',
    "heatmap_day__scroll_decile": "m.scroll_decile",
}
HEATMAP = _channel("page_heatmap", HEATMAP_NAMES)
SCROLLS = _channel("(from page_heatmap where scroll_decile is not null)", HEATMAP_NAMES)
REPLAYS = Mart(
    "session_replays as m left join campaigns as c using (campaign_id)"
    " inner join sessions as s using (session_id)",
    {**CAMPAIGN, **_session("s")},
    "m.date",
)
RETARGETING = Mart(
    "retargeting_audience as m left join campaigns as c using (campaign_id)",
    {
        **CAMPAIGN,
        **{
            f"retargeting_visitor__{name}_on__month": f"date_trunc('month', m.{name}_at)"
            for name in ("first_interest", "last_interest")
        },
    },
    "m.last_interest_at",
)
TIMELINE = Mart(
    "contact_timeline as m",
    {
        **ASSET,
        "contact": "m.contact_id",
        "contact_event__area": "m.area",
        "contact_event__event_type": "m.event_type",
        "contact_event__occurred_on__month": "date_trunc('month', m.occurred_at)",
    },
    "m.occurred_at",
)
RANKINGS = Mart(
    "search_rankings as m",
    {"ranking_month__keyword": "m.keyword", "ranking_month__engine": "m.engine"},
    "m.month",
)

_WON = "count(*) filter (m.is_closed_won)"
_WON_REVENUE = "coalesce(sum(m.amount) filter (m.is_closed_won), 0)"


_SCORED = "sum(m.promoters) + sum(m.passives) + sum(m.detractors)"
_FIRST_PAGE = "sum(cast(round(m.first_page_share * m.days) as int))"


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
        for name in ("reach", "impressions", "mentions", "engagements", "clicks", "conversions")
    },
    "engagement_rate": Figure(SOCIAL, _ratio("sum(m.engagements)", "sum(m.reach)")),
    **{
        f"emails_{name}": Figure(EMAIL, f"sum(m.{name})")
        for name in (
            *("sent", "delivered", "bounced", "opened", "clicked"),
            *("unsubscribed", "forwarded"),
        )
    },
    "emails_reported_as_spam": Figure(EMAIL, "sum(m.spam)"),
    "email_conversions": Figure(EMAIL, "sum(m.conversions)"),
    "open_rate": Figure(EMAIL, _ratio("sum(m.opened)", "sum(m.delivered)")),
    "click_rate": Figure(EMAIL, _ratio("sum(m.clicked)", "sum(m.delivered)")),
    "click_through_rate": Figure(EMAIL, _ratio("sum(m.clicked)", "sum(m.opened)")),
    "email_conversion_rate": Figure(EMAIL, _ratio("sum(m.conversions)", "sum(m.clicked)")),
    "visitors": Figure(TRAFFIC, "sum(m.visitors)"),
    "converting_visitors": Figure(TRAFFIC, "sum(m.converting_visitors)"),
    "conversion_rate": Figure(TRAFFIC, _ratio("sum(m.converting_visitors)", "sum(m.visitors)")),
    "session_conversions": Figure(TRAFFIC, "sum(m.conversions)"),
    "conversions_per_visitor": Figure(TRAFFIC, _ratio("sum(m.conversions)", "sum(m.visitors)")),
    **{
        f"traffic_{name}": Figure(TRAFFIC, f"sum(m.{name})")
        for name in ("sessions", "engaged_sessions", "page_views")
    },
    "traffic_bounce_rate": Figure(
        TRAFFIC, _ratio("sum(m.sessions - m.engaged_sessions)", "sum(m.sessions)")
    ),
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
    "missed_calls": Figure(CALLS, "sum(m.missed)"),
    "voicemail_calls": Figure(CALLS, "sum(m.voicemail)"),
    "timed_calls": Figure(CALLS, "sum(m.timed_calls)"),
    "call_seconds": Figure(CALLS, "sum(m.duration_s)"),
    "mean_call_seconds": Figure(CALLS, _ratio("sum(m.duration_s)", "sum(m.timed_calls)")),
    "qr_scans": Figure(QR, "sum(m.scans)"),
    "qr_visitors": Figure(QR, "sum(m.unique_visitors)"),
    **{
        name: Figure(BEHAVIOR, f"sum(m.{name})")
        for name in (
            *("sign_ups", "purchases", "purchase_value", "subscriptions"),
            *("carts", "carts_abandoned"),
        )
    },
    "app_use_seconds": Figure(BEHAVIOR, "sum(m.use_seconds)"),
    "app_use_days": Figure(BEHAVIOR, "sum(m.daily_active)"),
    "app_seconds_per_use_day": Figure(
        BEHAVIOR, _ratio("sum(m.use_seconds)", "sum(m.daily_active)")
    ),
    "abandonment_rate": Figure(BEHAVIOR, _ratio("sum(m.carts_abandoned)", "sum(m.carts)")),
    "reported_conversions": Figure(CONVERSIONS, "sum(m.conversions)"),
    "reported_value": Figure(CONVERSIONS, "sum(m.value)"),
    **{
        f"{name}_conversions": Figure(CONVERSIONS, f"sum(m.{column})")
        for name, column in REPORTED_BY.items()
    },
    **{
        f"{name}_share": Figure(CONVERSIONS, _ratio(f"sum(m.{column})", "sum(m.conversions)"))
        for name, column in REPORTED_BY.items()
    },
    **{
        f"utm_{name}": Figure(UTM_VALUES, f"sum(m.{name})")
        for name in (
            *("sessions", "new_contacts", "influenced_contacts"),
            *("closed_deals", "influenced_revenue"),
        )
    },
    "survey_responses": Figure(FEEDBACK, "sum(m.responses)"),
    **{
        name: Figure(FEEDBACK, f"sum(m.{name})") for name in ("promoters", "passives", "detractors")
    },
    "scored_responses": Figure(FEEDBACK, _SCORED),
    "survey_score_sum": Figure(FEEDBACK, "sum(m.score_sum)"),
    "nps": Figure(NPS, _ratio("100 * sum(m.promoters - m.detractors)", _SCORED)),
    "csat": Figure(CSAT, _ratio("100 * sum(m.promoters)", _SCORED)),
    "ces": Figure(CES, _ratio("sum(m.score_sum)", _SCORED)),
    "page_clicks": Figure(HEATMAP, "sum(m.clicks)"),
    "page_dead_clicks": Figure(HEATMAP, "sum(m.dead_clicks)"),
    "dead_click_rate": Figure(HEATMAP, _ratio("sum(m.dead_clicks)", "sum(m.clicks)")),
    "page_scrolls": Figure(HEATMAP, "sum(m.scrolls)"),
    "scroll_deciles": Figure(SCROLLS, "sum(m.scroll_decile * m.scrolls)"),
    "mean_scroll_decile": Figure(
        SCROLLS, _ratio("sum(m.scroll_decile * m.scrolls)", "sum(m.scrolls)")
    ),
    "replays": Figure(REPLAYS, "count(*)"),
    "replay_seconds": Figure(REPLAYS, "sum(m.length_s)"),
    "mean_replay_seconds": Figure(REPLAYS, "avg(m.length_s)"),
    **{
        f"replay_{name}": Figure(REPLAYS, f"sum(m.{name})")
        for name in ("rage_clicks", "dead_clicks", "errors")
    },
    "retargeting_visitors": Figure(RETARGETING, "count(distinct m.visitor_id)"),
    "retargeting_cart_visitors": Figure(
        RETARGETING, "count(distinct m.visitor_id) filter (m.carts > 0)"
    ),
    "contact_events": Figure(TIMELINE, "count(*)"),
    "ranked_days": Figure(RANKINGS, "sum(m.days)"),
    "search_position_sum": Figure(RANKINGS, "sum(m.position_sum)"),
    "search_rank": Figure(RANKINGS, _ratio("sum(m.position_sum)", "sum(m.days)")),
    "best_search_rank": Figure(RANKINGS, "min(m.best_position)"),
    "first_page_days": Figure(RANKINGS, _FIRST_PAGE),
    "first_page_share": Figure(RANKINGS, _ratio(_FIRST_PAGE, "sum(m.days)")),
    "kpi_value": Figure(KPIS, "avg(m.value)"),
    "kpi_target": Figure(KPIS, "avg(m.target)"),
    "kpi_previous_value": Figure(KPIS, "avg(m.previous_value)"),
}


@dataclass(frozen=True)
class Column:
    """A metric that a mart has in a column: the SQL of it, and the names that make up a row.

    where is which of its rows.
    """

    mart: Mart
    sql: str
    names: tuple[str, ...]
    where: str = "true"


DAY = "metric_time__day"
_RANKING = ("ranking_month__keyword", "ranking_month__engine", "metric_time__month")
_ANSWER = ("campaign", "asset", DAY)
_AD = ("campaign", "asset", "network", "ad_day__placement", DAY)
_CALL = ("campaign", "asset", "call_day__owner", "call_day__country", DAY)
_SEND = (
    *("campaign", "asset", "email_day__device_type", "email_day__mail_client"),
    *("email_day__country", DAY),
)
_VISIT = (
    *("campaign", "channel", "traffic_day__entry_url", "traffic_day__device_type"),
    *("traffic_day__country", "traffic_day__browser", DAY),
)

COLUMNS: dict[str, Column] = {
    "search_rank": Column(RANKINGS, "m.mean_position", _RANKING),
    "best_search_rank": Column(RANKINGS, "m.best_position", _RANKING),
    "first_page_share": Column(RANKINGS, "m.first_page_share", _RANKING),
    "nps": Column(FEEDBACK, "m.score", _ANSWER, "m.kind = 'nps'"),
    "csat": Column(FEEDBACK, "m.score", _ANSWER, "m.kind = 'csat'"),
    "ces": Column(FEEDBACK, "m.score", _ANSWER, "m.kind = 'ces'"),
    "ad_ctr": Column(ADS, "m.ctr", _AD),
    "cpc": Column(ADS, "m.cpc", _AD),
    "ad_conversion_rate": Column(ADS, "m.conversion_rate", _AD),
    "mean_call_seconds": Column(CALLS, "m.mean_duration_s", _CALL),
    "email_conversion_rate": Column(EMAIL, "m.conversion_rate", _SEND),
    "engagement_rate": Column(SOCIAL, "m.engagement_rate", ("campaign", "network", "asset", DAY)),
    "affiliate_roi": Column(AFFILIATE, "m.roi", ("campaign", "asset", DAY)),
    "abandonment_rate": Column(BEHAVIOR, "m.abandonment_rate", ("campaign", DAY)),
    "traffic_bounce_rate": Column(TRAFFIC, "m.bounce_rate", _VISIT),
    "roi": Column(CAMPAIGN_DAILY, "m.roi", ("campaign", DAY)),
    "cac": Column(CAMPAIGN_DAILY, "m.cac", ("campaign", DAY)),
}
