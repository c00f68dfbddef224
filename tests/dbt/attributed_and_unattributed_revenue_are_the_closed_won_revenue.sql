-- A-6: by campaign and by channel, for every model of the seed.
with won as (

    select
        count(*) as deals,
        coalesce(sum(amount), 0) as revenue
    from {{ ref('deals') }}
    where is_closed_won and closed_at is not null

),

attributed as (

    select
        'campaign' as dimension,
        model,
        sum(credit) as credit,
        sum(revenue) as revenue
    from {{ ref('campaign_attribution') }}
    group by model

    union all

    select
        'channel' as dimension,
        model,
        sum(credit) as credit,
        sum(revenue) as revenue
    from {{ ref('channel_attribution') }}
    group by model

),

dimensions as (

    select 'campaign' as dimension
    union all
    select 'channel' as dimension

)

select
    dimensions.dimension,
    models.model,
    attributed.credit,
    attributed.revenue
from {{ ref('attribution_models') }} as models
cross join dimensions
cross join won
left join attributed
    on
        models.model = attributed.model
        and dimensions.dimension = attributed.dimension
where
    abs(coalesce(attributed.credit, 0) - won.deals) > 1e-6
    or coalesce(attributed.revenue, 0) != won.revenue
