"""The first page: what all campaigns did, by day and by campaign."""

from __future__ import annotations

from dashboards.charts import AMOUNT, COUNT, bars, lines
from dashboards.model import COMPANY, Figure, Page, Query, Section, Tile

MEASURES = (
    "sessions",
    "new_contacts_first_touch",
    "new_contacts_last_touch",
    "influenced_contacts",
    "closed_deals",
    "influenced_revenue",
    "revenue",
    "attributed_revenue",
    "spend",
)
ROI = "(row.revenue - row.spend) / row.spend"

TILES = (
    Tile("sessions", "Sessions", "campaigns.sessions"),
    Tile(
        "new_contacts_first_touch",
        "New contacts, first touch",
        "campaigns.new_contacts_first_touch",
    ),
    Tile(
        "new_contacts_last_touch", "New contacts, last touch", "campaigns.new_contacts_last_touch"
    ),
    Tile("influenced_contacts", "Influenced contacts", "campaigns.influenced_contacts"),
    Tile("closed_deals", "Closed deals", "campaigns.closed_deals"),
    Tile("influenced_revenue", "Influenced revenue", "campaigns.influenced_revenue"),
    Tile("revenue", "Revenue", "campaigns.revenue"),
    Tile("attributed_revenue", "Attributed revenue", "campaigns.attributed_revenue"),
    Tile("spend", "Spend", "campaigns.spend"),
    Tile("roi", "Return on investment", "campaigns.roi", ROI),
)

_COMPANY_SUMS = ", ".join(
    f"max(value) filter (where kpi = '{measure}') as {measure}" for measure in MEASURES
)

# Of the company, a contact or deal counts once, however many campaigns it counts for.
_DAILY = f"""
select campaign_id, date, {", ".join(MEASURES)}
from marts.campaign_daily
union all by name
select '{COMPANY}' as campaign_id, date, {_COMPANY_SUMS}
from marts.kpi_daily
where campaign_id = '{COMPANY}'
group by date
"""

_CAMPAIGNS = """
select campaign_id, status, start_date, end_date, budget
from marts.campaigns
"""


def by_day(table: str) -> Section:
    """The curves of a table with a row per date."""
    return Section(
        "Day by day",
        (
            _curves("visits", "Sessions", table, ("sessions",)),
            _curves(
                "contacts",
                "Contacts",
                table,
                ("new_contacts_first_touch", "new_contacts_last_touch", "influenced_contacts"),
            ),
            _curves("deals", "Closed deals", table, ("closed_deals",)),
            _curves(
                "money",
                "Revenue and spend",
                table,
                ("influenced_revenue", "revenue", "attributed_revenue", "spend"),
                AMOUNT,
            ),
        ),
    )


def _curves(
    name: str, title: str, table: str, measures: tuple[str, ...], number: str = COUNT
) -> Figure:
    return Figure(
        name,
        title,
        table,
        by=("date",),
        sums=measures,
        chart=lines(number),
        measures=measures,
        order=("date",),
    )


def page() -> Page:
    """The overview."""
    return Page(
        "index.html",
        "Overview",
        "What the campaigns did, and what came of it.",
        {"daily": Query(_DAILY, adds_up=True), "campaigns": Query(_CAMPAIGNS)},
        (
            Section(
                "At a glance",
                tiles=TILES,
                tiles_table="daily",
                note=(
                    "Without a choice of campaigns these are the company's figures, with what no"
                    " campaign has; a contact or a deal counts once. With one, the figures of the"
                    " chosen campaigns are added up."
                ),
            ),
            by_day("daily"),
            Section(
                "Campaigns",
                (
                    Figure(
                        "campaigns",
                        "Campaigns compared",
                        "daily",
                        by=("campaign_id",),
                        sums=MEASURES,
                        formulas={"roi": ROI},
                        chart=bars("campaign_id", AMOUNT),
                        measures=(*MEASURES, "roi"),
                        pick=True,
                        order=("-value", "campaign_id"),
                        limit=20,
                        note="The chart has the first twenty, the table all.",
                    ),
                    Figure(
                        "campaign-list",
                        "All campaigns",
                        "campaigns",
                        by=("campaign_id", "status", "start_date", "end_date", "budget"),
                        order=("-start_date", "campaign_id"),
                    ),
                ),
            ),
        ),
        days=90,
    )
