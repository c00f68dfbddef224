-- A returned row is a closed-won deal whose revenue rows don't add up to its amount, to the cent.
with revenue as (

    select
        deal_id,
        sum(revenue) as revenue
    from {{ ref('campaign_revenue') }}
    group by deal_id

)

select revenue.deal_id
from revenue
left join {{ ref('deals') }} as deals
    on revenue.deal_id = deals.deal_id
where
    deals.deal_id is null
    or not deals.is_closed_won
    or revenue.revenue is distinct from deals.amount
