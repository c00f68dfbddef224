"""The company's KPIs against their targets."""

from __future__ import annotations

from dashboards.charts import AMOUNT, lines
from dashboards.model import COMPANY, Figure, Page, Query, Section
from dashboards.pages.campaign import KPI_DAYS


def page() -> Page:
    """The page of the KPIs."""
    return Page(
        "kpis.html",
        "KPIs",
        "Each KPI of the company by day, against its target and against itself a week before.",
        {
            "kpis": Query(
                f"""
                select date, kpi, value, target, previous_value
                from marts.kpi_daily
                where campaign_id = '{COMPANY}'
                    and date > (select max(date) from marts.kpi_daily) - {KPI_DAYS}
                """
            ),
            "targets": Query(
                """
                select campaign_id, kpi, date as day, value, target
                from marts.kpi_daily
                where target is not null and date = (
                    select max(newest.date)
                    from marts.kpi_daily as newest
                    where newest.kpi = kpi_daily.kpi and newest.target is not null
                        and newest.campaign_id = kpi_daily.campaign_id
                )
                """
            ),
        },
        (
            Section(
                "The company's",
                (
                    Figure(
                        "kpis",
                        "A KPI by day",
                        "kpis",
                        by=("date",),
                        sums=("value", "target", "previous_value"),
                        choose=("kpi",),
                        chart=lines(AMOUNT),
                        measures=("value", "target", "previous_value"),
                        order=("date",),
                        note=f"The last {KPI_DAYS} days. Those of a campaign are on its page.",
                    ),
                ),
            ),
            Section(
                "Targets",
                (
                    Figure(
                        "targets",
                        "The newest day with a target",
                        "targets",
                        by=("campaign_id", "kpi", "day", "value", "target"),
                        order=("campaign_id", "kpi"),
                    ),
                ),
            ),
        ),
    )
