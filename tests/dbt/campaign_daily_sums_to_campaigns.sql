-- A returned row is a campaign whose total differs from the sum over its dates, or whose ratios, in
-- total or on a date, are not those of their parts.
with daily as (

    select
        campaign_id,
        sum(sessions) as sessions,
        sum(new_contacts_first_touch) as new_contacts_first_touch,
        sum(new_contacts_last_touch) as new_contacts_last_touch,
        sum(influenced_contacts) as influenced_contacts,
        sum(unique_marketing_influences) as unique_marketing_influences,
        sum(closed_deals) as closed_deals,
        sum(influenced_revenue) as influenced_revenue,
        sum(contacts_with_revenue) as contacts_with_revenue,
        sum(revenue) as revenue,
        sum(contacts_with_attributed_revenue) as contacts_with_attributed_revenue,
        sum(attributed_revenue) as attributed_revenue,
        sum(spend) as spend,
        sum(ad_cost) as ad_cost,
        sum(customers) as customers
    from {{ ref('campaign_daily') }}
    group by campaign_id

),

ratios as (

    select
        campaign_id,
        revenue,
        spend,
        customers,
        roi,
        cac
    from {{ ref('campaigns') }}

    union all

    select
        campaign_id,
        revenue,
        spend,
        customers,
        roi,
        cac
    from {{ ref('campaign_daily') }}

)

select coalesce(campaigns.campaign_id, daily.campaign_id) as campaign_id
from {{ ref('campaigns') }} as campaigns
full outer join daily
    on campaigns.campaign_id = daily.campaign_id
where
    campaigns.campaign_id is null
    or campaigns.sessions != coalesce(daily.sessions, 0)
    or campaigns.new_contacts_first_touch != coalesce(daily.new_contacts_first_touch, 0)
    or campaigns.new_contacts_last_touch != coalesce(daily.new_contacts_last_touch, 0)
    or campaigns.influenced_contacts != coalesce(daily.influenced_contacts, 0)
    or campaigns.unique_marketing_influences != coalesce(daily.unique_marketing_influences, 0)
    or campaigns.closed_deals != coalesce(daily.closed_deals, 0)
    or campaigns.influenced_revenue != coalesce(daily.influenced_revenue, 0)
    or campaigns.contacts_with_revenue != coalesce(daily.contacts_with_revenue, 0)
    or campaigns.revenue != coalesce(daily.revenue, 0)
    or campaigns.contacts_with_attributed_revenue
    != coalesce(daily.contacts_with_attributed_revenue, 0)
    or campaigns.attributed_revenue != coalesce(daily.attributed_revenue, 0)
    or campaigns.spend != coalesce(daily.spend, 0)
    or campaigns.ad_cost != coalesce(daily.ad_cost, 0)
    or campaigns.customers != coalesce(daily.customers, 0)

union all

select campaign_id
from ratios
where
    (roi is null) != (spend = 0)
    or abs(roi * spend - (revenue - spend)) > 0.001 + 1e-9 * abs(revenue - spend)
    or (cac is null) != (customers = 0)
    or abs(cac * customers - spend) > 0.00005 * customers
