with totals as (

    select
        campaign_id,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(new_contacts_first_touch) as bigint) as new_contacts_first_touch,
        cast(sum(new_contacts_last_touch) as bigint) as new_contacts_last_touch,
        cast(sum(influenced_contacts) as bigint) as influenced_contacts,
        cast(sum(unique_marketing_influences) as bigint) as unique_marketing_influences,
        cast(sum(closed_deals) as bigint) as closed_deals,
        cast(sum(influenced_revenue) as decimal(18, 2)) as influenced_revenue,
        cast(sum(contacts_with_revenue) as bigint) as contacts_with_revenue,
        cast(sum(revenue) as decimal(18, 2)) as revenue,
        cast(sum(contacts_with_attributed_revenue) as bigint) as contacts_with_attributed_revenue,
        cast(sum(attributed_revenue) as decimal(18, 2)) as attributed_revenue,
        cast(sum(spend) as decimal(18, 2)) as spend,
        cast(sum(ad_cost) as decimal(18, 2)) as ad_cost,
        cast(sum(customers) as bigint) as customers
    from {{ ref('campaign_daily') }}
    group by campaign_id

),

campaigns as (

    select * from {{ ref('stg_campaigns') }}
    where not is_deleted

),

with_totals as (

    select
        campaigns.campaign_id,
        campaigns.name,
        campaigns.status,
        campaigns.start_date,
        campaigns.end_date,
        campaigns.created_at,
        coalesce(totals.sessions, 0) as sessions,
        coalesce(totals.new_contacts_first_touch, 0) as new_contacts_first_touch,
        coalesce(totals.new_contacts_last_touch, 0) as new_contacts_last_touch,
        coalesce(totals.influenced_contacts, 0) as influenced_contacts,
        coalesce(totals.unique_marketing_influences, 0) as unique_marketing_influences,
        coalesce(totals.closed_deals, 0) as closed_deals,
        coalesce(totals.influenced_revenue, 0) as influenced_revenue,
        coalesce(totals.contacts_with_revenue, 0) as contacts_with_revenue,
        coalesce(totals.revenue, 0) as revenue,
        coalesce(totals.contacts_with_attributed_revenue, 0) as contacts_with_attributed_revenue,
        coalesce(totals.attributed_revenue, 0) as attributed_revenue,
        coalesce(totals.spend, 0) as spend,
        coalesce(totals.ad_cost, 0) as ad_cost,
        coalesce(totals.customers, 0) as customers,
        budgets.budget
    from campaigns
    left join totals
        on campaigns.campaign_id = totals.campaign_id
    left join {{ ref('int_campaign_budgets') }} as budgets
        on campaigns.campaign_id = budgets.campaign_id

)

select
    *,
    {{ ratio('revenue - spend', 'spend') }} as roi,
    {{ unit_amount('spend', 'customers') }} as cac
from with_totals
