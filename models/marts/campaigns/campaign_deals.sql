with attributed as (

    select
        campaign_id,
        deal_id,
        cast(sum(revenue) as decimal(18, 2)) as revenue
    from {{ ref('int_deal_credits') }}
    where model = '{{ var("default_attribution_model") }}'
    group by campaign_id, deal_id

)

select
    deals.campaign_id,
    deals.deal_id,
    deals.amount,
    deals.closed_at,
    case when not contacts.is_erased then deals.contact_id end as contact_id,
    deals.influenced_at,
    coalesce(revenue.revenue, 0) as revenue,
    coalesce(attributed.revenue, 0) as attributed_revenue
from {{ ref('int_closed_campaign_deals') }} as deals
inner join {{ ref('int_contacts') }} as contacts
    on deals.contact_id = contacts.contact_id
left join {{ ref('campaign_revenue') }} as revenue
    on
        deals.campaign_id = revenue.campaign_id
        and deals.deal_id = revenue.deal_id
left join attributed
    on
        deals.campaign_id = attributed.campaign_id
        and deals.deal_id = attributed.deal_id
