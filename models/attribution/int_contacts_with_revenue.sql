select
    interactions.campaign_id,
    revenue.contact_id,
    min(revenue.closed_at) as first_closed_at
from {{ ref('int_revenue_interactions') }} as revenue
inner join {{ ref('int_campaign_interactions') }} as interactions
    on revenue.event_id = interactions.event_id
group by interactions.campaign_id, revenue.contact_id
