"""Where visitors click and how far they scroll, and when they come."""

from __future__ import annotations

from dashboards.charts import bars, heat
from dashboards.model import Figure, Page, Query, Section

# A page of the site has up to a thousand fields for each class of device.
_PAGES = 50

_CLICKED = f"""
with pages as (
    select asset_id
    from marts.page_heatmap
    group by asset_id
    order by sum(clicks) desc, asset_id
    limit {_PAGES}
)

select coalesce(assets.name, heatmap.asset_id) as page, heatmap.device_type, heatmap."column",
    heatmap.row, heatmap.scroll_decile, sum(heatmap.clicks) as clicks,
    sum(heatmap.dead_clicks) as dead_clicks, sum(heatmap.scrolls) as scrolls
from marts.page_heatmap as heatmap
inner join pages using (asset_id)
left join marts.assets using (asset_id)
group by all
"""


def page() -> Page:
    """The page of the heat maps."""
    return Page(
        "behaviour.html",
        "Behaviour",
        "Where visitors click, how far they scroll, and when they come.",
        {
            "clicks": Query(f"from ({_CLICKED}) where scroll_decile is null"),
            "scrolls": Query(
                "select page, device_type, scroll_decile * 10 || ' %' as depth, scroll_decile, "
                f"scrolls from ({_CLICKED}) where scroll_decile is not null"
            ),
            "hours": Query(
                """
                select isodow(started_at) as weekday, hour(started_at) as hour, entry_channel,
                    count(*) as sessions
                from marts.sessions
                group by all
                """
            ),
        },
        (
            Section(
                "Heat maps of pages",
                (
                    Figure(
                        "clicks",
                        "Clicks on a page",
                        "clicks",
                        by=("column", "row"),
                        sums=("clicks", "dead_clicks"),
                        choose=("page", "device_type"),
                        chart=heat(
                            "column", "row", "clicks", xs=range(1, 21), ys=range(1, 51), height=480
                        ),
                        order=("row", "column"),
                    ),
                    Figure(
                        "scrolls",
                        "How far they scroll",
                        "scrolls",
                        by=("scroll_decile", "depth"),
                        sums=("scrolls",),
                        choose=("page", "device_type"),
                        chart=bars("depth"),
                        measures=("scrolls",),
                        order=("scroll_decile",),
                    ),
                ),
                note=(
                    f"Of all campaigns and all time, the {_PAGES} pages with the most clicks. A"
                    " field is a twentieth of the page's width and a fiftieth of its height."
                ),
            ),
            Section(
                "Weekday and hour",
                (
                    Figure(
                        "hours",
                        "When sessions begin",
                        "hours",
                        by=("weekday", "hour"),
                        sums=("sessions",),
                        chart=heat("hour", "weekday", "sessions", xs=range(24), ys=range(1, 8)),
                        order=("weekday", "hour"),
                        note="Of all campaigns and all time, in UTC. Weekday 1 is Monday.",
                    ),
                ),
            ),
        ),
    )
