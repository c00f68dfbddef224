"""One page for each campaign. Their tables are asked for once, and have the campaign's id."""

from __future__ import annotations

from dashboards.charts import AMOUNT, bars, funnel, lines
from dashboards.model import Figure, Page, Query, Section, Tile
from dashboards.pages.overview import MEASURES, TILES, by_day

_MORE = ("unique_marketing_influences", "contacts_with_revenue", "customers")

# Rates of days can't be added up: of KPIs only the last year is shown, day by day.
KPI_DAYS = 366

TABLES = {
    "daily": Query(
        f"select campaign_id, date, {', '.join((*MEASURES, *_MORE))} from marts.campaign_daily",
        adds_up=True,
    ),
    "assets": Query(
        """
        select campaign_assets.campaign_id, assets.name as asset, campaign_assets.asset_type,
            campaign_assets.is_current, campaign_assets.views, campaign_assets.submissions,
            campaign_assets.opens, campaign_assets.clicks, campaign_assets.interactions,
            campaign_assets.influenced_contacts
        from marts.campaign_assets
        left join marts.assets using (asset_id)
        """,
    ),
    "influences": Query(
        """
        select campaign_id, asset_type, cast(first_influenced_at as date) as date,
            count(*) as influences, sum(interactions) as interactions
        from marts.campaign_influences
        group by all
        """,
        adds_up=True,
    ),
    "attribution": Query(
        """
        select campaign_id, model, date, revenue, credit
        from marts.campaign_attribution
        """,
        adds_up=True,
    ),
    "journeys": Query(
        """
        with entities as (
            select campaign_id, 'contact' as entity_type, contact_id as entity_id
            from marts.campaign_contacts
            where first_influenced_at is not null
            union all
            select campaign_id, 'deal' as entity_type, deal_id as entity_id
            from marts.campaign_deals
        ),

        stages as (
            select journey, stage, stage_name
            from marts.journey_stages
            where branch is null
        )

        select entities.campaign_id, stages.journey, stages.stage,
            stages.stage || ' ' || stages.stage_name as stage_name, count(*) as entered
        from entities
        inner join marts.journey_entities using (entity_type, entity_id)
        inner join stages using (journey, stage)
        group by all
        """,
    ),
    "deals": Query(
        """
        select campaign_deals.campaign_id, coalesce(deals.name, deals.deal_id) as deal,
            cast(campaign_deals.closed_at as date) as date, campaign_deals.amount,
            campaign_deals.revenue, campaign_deals.attributed_revenue
        from marts.campaign_deals
        left join marts.deals using (deal_id)
        """,
    ),
    "kpis": Query(
        f"""
        select campaign_id, date, kpi, value, target, previous_value
        from marts.kpi_daily
        where date > (select max(date) from marts.kpi_daily) - {KPI_DAYS}
        """
    ),
}

_TILES = (
    *TILES,
    Tile("cac", "Cost per customer", "campaigns.cac", "row.spend / row.customers"),
    Tile(
        "unique_marketing_influences",
        "Unique influences",
        "campaigns.unique_marketing_influences",
    ),
    Tile("contacts_with_revenue", "Contacts with revenue", "campaigns.contacts_with_revenue"),
)


def page(campaign_id: str, name: str, file: str) -> Page:
    """The page of a campaign; its tables are the rows of TABLES that have its id."""
    return Page(
        file,
        name,
        f"The campaign {campaign_id}.",
        {},
        (
            Section("At a glance", tiles=_TILES, tiles_table="daily"),
            by_day("daily"),
            *_DETAILS,
        ),
    )


_DETAILS = (
    Section(
        "Assets",
        (
            Figure(
                "influences",
                "First influences by kind of asset",
                "influences",
                by=("asset_type",),
                sums=("influences", "interactions"),
                chart=bars("asset_type"),
                measures=("influences",),
                order=("-influences", "asset_type"),
                note="Pairs of a contact and an asset, on the date of the first interaction.",
            ),
            Figure(
                "assets",
                "Influenced contacts by asset",
                "assets",
                by=("asset", "asset_type", "is_current"),
                sums=(
                    *("influenced_contacts", "interactions", "views", "submissions"),
                    *("opens", "clicks"),
                ),
                chart=bars("asset"),
                measures=("influenced_contacts",),
                order=("-influenced_contacts", "asset"),
                limit=20,
                note="While each asset belonged to the campaign, whatever the period.",
            ),
        ),
    ),
    Section(
        "Attribution",
        (
            Figure(
                "models",
                "Attributed revenue by model",
                "attribution",
                by=("model",),
                sums=("revenue", "credit"),
                chart=bars("model", AMOUNT),
                measures=("revenue",),
                order=("model",),
            ),
        ),
    ),
    Section(
        "Journeys",
        (
            Figure(
                "journeys",
                "Journeys of the contacts that it influenced, and of its deals",
                "journeys",
                by=("stage", "stage_name"),
                sums=("entered",),
                choose=("journey",),
                chart=funnel(),
                measures=("entered",),
                order=("stage",),
                note="Whatever the period.",
            ),
        ),
    ),
    Section(
        "Deals",
        (
            Figure(
                "deals-closed",
                "Closed deals",
                "deals",
                by=("deal", "date", "amount", "revenue", "attributed_revenue"),
                order=("-date", "deal"),
            ),
        ),
    ),
    Section(
        "KPIs",
        (
            Figure(
                "kpis",
                "A KPI against its target, and against itself a week before",
                "kpis",
                by=("date",),
                sums=("value", "target", "previous_value"),
                choose=("kpi",),
                chart=lines(AMOUNT),
                measures=("value", "target", "previous_value"),
                order=("date",),
                note=f"The last {KPI_DAYS} days.",
            ),
        ),
    ),
)
