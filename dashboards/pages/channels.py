"""The ways to track a campaign, each with its figures."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.charts import AMOUNT, COUNT, SHARE, bars, beside, heat, lines, stacked
from dashboards.model import Figure, Page, Query, Section

# By which asset: its name, or its id where it has none.
_ASSET = "coalesce(assets.name, figures.asset_id) as asset"


def _of(mart: str, dimensions: tuple[str, ...], sums: tuple[str, ...], **derived: str) -> Query:
    """Sums of a mart's columns by campaign, date and dimensions; derived ones of expressions."""
    columns = [f"sum(figures.{column}) as {column}" for column in sums]
    columns += [f'sum({expression}) as "{name}"' for name, expression in derived.items()]
    return Query(
        f"select figures.campaign_id, figures.date, {', '.join((*dimensions, *columns))} "
        f"from marts.{mart} as figures{_assets(dimensions)} group by all",
        adds_up=True,
    )


def _assets(dimensions: tuple[str, ...]) -> str:
    return " left join marts.assets using (asset_id)" if _ASSET in dimensions else ""


_TABLES: Mapping[str, Query] = {
    "traffic": _of(
        "traffic_performance",
        ("entry_channel",),
        ("sessions", "engaged_sessions", "page_views", "conversions"),
    ),
    "devices": Query(
        """
        select campaign_id, country, device_type, sum(sessions) as sessions,
            sum(conversions) as conversions
        from marts.traffic_performance
        group by all
        """
    ),
    "utm": _of(
        "utm_performance",
        ("utm_source", "utm_medium"),
        ("sessions", "new_contacts", "influenced_contacts", "closed_deals", "influenced_revenue"),
    ),
    "ads": _of(
        "ad_performance",
        ("network",),
        ("impressions", "clicks", "cost", "conversions"),
        benchmark_clicks="benchmark_ctr * impressions",
        benchmark_impressions="case when benchmark_ctr is not null then impressions end",
    ),
    "email": _of(
        "email_performance",
        (_ASSET,),
        (
            *("sent", "delivered", "bounced", "opened", "clicked", "spam"),
            *("unsubscribed", "forwarded", "conversions"),
        ),
    ),
    "social": _of(
        "social_performance",
        ("network",),
        ("reach", "impressions", "mentions", "engagements", "clicks", "conversions"),
    ),
    "search": Query(
        """
        select month as date, keyword, engine, days, cast(position_sum as double) as position_sum,
            first_page_share * days as first_page_days
        from marts.search_rankings
        """,
        adds_up=True,
    ),
    "qr": _of("qr_performance", ("country", "city"), ("scans",)),
    "qr_hours": Query("select campaign_id, weekday, hour, scans from marts.qr_heatmap"),
    "calls": _of(
        "call_performance",
        (_ASSET,),
        ("calls", "answered", "missed", "voicemail", "timed_calls", "duration_s"),
    ),
    "affiliates": _of(
        "affiliate_performance",
        ("partner",),
        ("clicks", "conversions", "revenue", "commission"),
    ),
    "conversions": _of(
        "conversions",
        ("network",),
        ("conversions", "browser_only", "server_only", "value"),
        both='"both"',
    ),
    "behavior": _of(
        "behavior_daily",
        (),
        ("sign_ups", "purchases", "purchase_value", "subscriptions", "carts", "carts_abandoned"),
    ),
    "feedback": _of(
        "feedback",
        ("survey", "kind"),
        ("responses", "promoters", "passives", "detractors"),
    ),
}

_SECTIONS = (
    Section(
        "Traffic",
        (
            Figure(
                "traffic",
                "Sessions by entry channel",
                "traffic",
                by=("entry_channel",),
                sums=("sessions", "engaged_sessions", "page_views", "conversions"),
                formulas={"bounce_rate": "1 - row.engaged_sessions / row.sessions"},
                chart=bars("entry_channel"),
                measures=("sessions",),
                order=("-sessions", "entry_channel"),
            ),
            Figure(
                "devices",
                "Sessions by device and country",
                "devices",
                by=("country", "device_type"),
                sums=("sessions", "conversions"),
                chart=stacked("country", "device_type"),
                measures=("sessions",),
                top=("country", 12),
                order=("rank", "-sessions", "device_type"),
                note="Whatever the period.",
            ),
        ),
    ),
    Section(
        "utm",
        (
            Figure(
                "utm",
                "Sources and media in links",
                "utm",
                by=("utm_source", "utm_medium"),
                sums=(
                    *("sessions", "new_contacts", "influenced_contacts", "closed_deals"),
                    "influenced_revenue",
                ),
                chart=stacked("utm_source", "utm_medium"),
                measures=("sessions",),
                top=("utm_source", 12),
                order=("rank", "-sessions", "utm_medium"),
            ),
        ),
    ),
    Section(
        "Ads",
        (
            Figure(
                "ads",
                "Click-through rate against the benchmark",
                "ads",
                by=("network",),
                sums=(
                    *("impressions", "clicks", "cost", "conversions"),
                    *("benchmark_clicks", "benchmark_impressions"),
                ),
                formulas={
                    "ctr": "row.clicks / row.impressions",
                    "benchmark_ctr": "row.benchmark_clicks / row.benchmark_impressions",
                    "cpc": "row.cost / row.clicks",
                    "conversion_rate": "row.conversions / row.clicks",
                },
                chart=beside("network", "measure", SHARE),
                measures=("ctr", "benchmark_ctr"),
                order=("-impressions", "network"),
            ),
            Figure(
                "ads-daily",
                "Cost and conversions of ads",
                "ads",
                by=("date",),
                sums=("cost", "conversions", "clicks", "impressions"),
                chart=lines(AMOUNT),
                measures=("cost", "conversions", "clicks", "impressions"),
                pick=True,
                order=("date",),
            ),
        ),
    ),
    Section(
        "E-mail",
        (
            Figure(
                "email",
                "E-mails and what became of them",
                "email",
                by=("asset",),
                sums=(
                    *("sent", "delivered", "bounced", "opened", "clicked", "spam"),
                    *("unsubscribed", "forwarded", "conversions"),
                ),
                formulas={
                    "open_rate": "row.opened / row.delivered",
                    "click_rate": "row.clicked / row.delivered",
                    "click_through_rate": "row.clicked / row.opened",
                },
                chart=beside("asset", "measure", SHARE),
                measures=("open_rate", "click_rate"),
                order=("-sent", "asset"),
                limit=12,
            ),
        ),
    ),
    Section(
        "Social media",
        (
            Figure(
                "social",
                "Engagements by network",
                "social",
                by=("network",),
                sums=("reach", "impressions", "mentions", "engagements", "clicks", "conversions"),
                formulas={"engagement_rate": "row.engagements / row.impressions"},
                chart=bars("network"),
                measures=("engagements", "reach", "impressions", "mentions", "conversions"),
                pick=True,
                order=("-engagements", "network"),
            ),
        ),
    ),
    Section(
        "Search",
        (
            Figure(
                "search",
                "Mean position by keyword",
                "search",
                by=("keyword", "engine"),
                sums=("days", "position_sum", "first_page_days"),
                formulas={
                    "mean_position": "row.position_sum / row.days",
                    "first_page_share": "row.first_page_days / row.days",
                },
                chart=beside("keyword", "engine", AMOUNT),
                measures=("mean_position",),
                order=("mean_position", "keyword", "engine"),
                limit=30,
                note="By month, whichever campaigns are chosen. 1 is the first place.",
            ),
        ),
    ),
    Section(
        "QR codes",
        (
            Figure(
                "qr",
                "Scans by city",
                "qr",
                by=("country", "city"),
                sums=("scans",),
                chart=stacked("country", "city"),
                measures=("scans",),
                top=("city", 7),
                order=("-scans", "country", "city"),
            ),
            Figure(
                "qr-hours",
                "Scans by weekday and hour",
                "qr_hours",
                by=("weekday", "hour"),
                sums=("scans",),
                chart=heat("hour", "weekday", "scans", xs=range(24), ys=range(1, 8)),
                order=("weekday", "hour"),
                note="Whatever the period. Weekday 1 is Monday.",
            ),
        ),
    ),
    Section(
        "Calls",
        (
            Figure(
                "calls",
                "Calls by tracking number",
                "calls",
                by=("asset",),
                sums=("calls", "answered", "missed", "voicemail", "timed_calls", "duration_s"),
                formulas={"mean_duration_s": "row.duration_s / row.timed_calls"},
                chart=stacked("asset", "measure", COUNT),
                measures=("answered", "missed", "voicemail"),
                order=("-calls", "asset"),
                limit=20,
            ),
        ),
    ),
    Section(
        "Affiliates",
        (
            Figure(
                "affiliates",
                "Revenue and commission by partner",
                "affiliates",
                by=("partner",),
                sums=("clicks", "conversions", "revenue", "commission"),
                formulas={"roi": "(row.revenue - row.commission) / row.commission"},
                chart=beside("partner", "measure", AMOUNT),
                measures=("revenue", "commission"),
                order=("-revenue", "partner"),
                limit=12,
            ),
        ),
    ),
    Section(
        "Conversions of ad networks",
        (
            Figure(
                "conversions",
                "Who reported them",
                "conversions",
                by=("network",),
                sums=("conversions", "browser_only", "server_only", "both", "value"),
                chart=stacked("network", "measure"),
                measures=("browser_only", "server_only", "both"),
                order=("-conversions", "network"),
            ),
        ),
    ),
    Section(
        "What visitors do",
        (
            Figure(
                "behavior",
                "Sign-ups, purchases and carts",
                "behavior",
                by=("date",),
                sums=(
                    *("sign_ups", "purchases", "subscriptions", "carts", "carts_abandoned"),
                    "purchase_value",
                ),
                chart=lines(),
                measures=("sign_ups", "purchases", "subscriptions", "carts", "carts_abandoned"),
                order=("date",),
            ),
        ),
    ),
    Section(
        "Feedback",
        (
            Figure(
                "feedback",
                "Answers by survey",
                "feedback",
                by=("survey", "kind"),
                sums=("responses", "promoters", "passives", "detractors"),
                chart=stacked("survey", "measure"),
                measures=("promoters", "passives", "detractors"),
                order=("survey", "kind"),
            ),
        ),
    ),
)


def page() -> Page:
    """The page of the channels."""
    return Page(
        "channels.html",
        "Channels",
        "What each way to reach people brought. What counts for several campaigns counts for each.",
        _TABLES,
        _SECTIONS,
        days=365,
    )
