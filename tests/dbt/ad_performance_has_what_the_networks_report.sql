-- A returned row is an ad network whose reports, impressions, clicks or costs (of reports in the
-- company currency) are not those of `ad_stats`, over all campaigns.
{%- set company_currency = "'" ~ var("company_currency") ~ "'" %}

with reported as (

    select
        network,
        count(*) as reports,
        coalesce(sum(impressions), 0) as impressions,
        coalesce(sum(clicks), 0) as clicks,
        coalesce(
            sum(cost) filter (
                where coalesce(currency, {{ company_currency }}) = {{ company_currency }}
            ),
            0
        ) as cost
    from {{ ref('stg_ad_stats') }}
    group by network

),

shown as (

    select
        performance.network,
        count(*) as reports,
        sum(performance.impressions) as impressions,
        sum(performance.clicks) as clicks,
        coalesce(
            sum(performance.cost) filter (
                where coalesce(stats.currency, {{ company_currency }}) = {{ company_currency }}
            ),
            0
        ) as cost
    from {{ ref('ad_performance') }} as performance
    left join {{ ref('stg_ad_stats') }} as stats
        on
            performance.asset_id = stats.asset_id
            and performance.network = stats.network
            and performance.placement is not distinct from stats.placement
            and performance.date = stats.stat_date
    group by performance.network

)

select coalesce(reported.network, shown.network) as network
from reported
full outer join shown
    on reported.network = shown.network
where
    reported.reports is distinct from shown.reports
    or reported.impressions is distinct from shown.impressions
    or reported.clicks is distinct from shown.clicks
    or reported.cost is distinct from shown.cost
