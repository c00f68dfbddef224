with first_won_deals as (

    select
        contact_id,
        min_by(deal_id, (closed_at, deal_id)) as deal_id,
        min(closed_at) as closed_at
    from {{ ref('int_won_deal_contacts') }}
    group by contact_id

)

select distinct
    interactions.campaign_id,
    first_won_deals.contact_id,
    first_won_deals.closed_at
from first_won_deals
inner join {{ ref('int_campaign_revenue_interactions') }} as interactions
    on
        first_won_deals.deal_id = interactions.deal_id
        and first_won_deals.contact_id = interactions.contact_id

union all

select
    'all' as campaign_id,
    contact_id,
    closed_at
from first_won_deals
