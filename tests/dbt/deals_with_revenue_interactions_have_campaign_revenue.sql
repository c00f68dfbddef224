-- A returned row is a closed-won deal with an amount and revenue interactions that has no revenue
-- row, or the reverse.
with interactions as (

    select distinct deal_id
    from {{ ref('int_revenue_interactions') }}
    where amount is not null

),

revenue as (

    select distinct deal_id
    from {{ ref('campaign_revenue') }}

)

select coalesce(interactions.deal_id, revenue.deal_id) as deal_id
from interactions
full outer join revenue
    on interactions.deal_id = revenue.deal_id
where
    interactions.deal_id is null
    or revenue.deal_id is null
