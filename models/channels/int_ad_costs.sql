select
    stats.asset_id,
    stats.network,
    stats.placement,
    stats.stat_date as date,
    figures.campaign_id,
    coalesce(stats.impressions, 0) as impressions,
    coalesce(stats.clicks, 0) as clicks,
    {{ company_amount('stats.cost', 'days.currency', 'days.rate') }} as cost,
    stats.cost as cost_original,
    days.currency,
    coalesce(stats.reported_conversions, 0) as conversions
from {{ ref('stg_ad_stats') }} as stats
inner join {{ ref('int_figure_campaigns') }} as figures
    on
        stats.asset_id = figures.asset_id
        and stats.stat_date = figures.stat_date
inner join {{ ref('int_exchange_days') }} as days
    on
        coalesce(stats.currency, '{{ var("company_currency") }}') = days.currency
        and stats.stat_date = days.date
