select
    campaign_id,
    contact_id,
    min(closed_at) as first_closed_at
from {{ ref('int_campaign_revenue_interactions') }}
group by campaign_id, contact_id
