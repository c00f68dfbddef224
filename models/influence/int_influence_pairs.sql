select
    campaign_id,
    contact_id,
    asset_type,
    asset_id,
    min(occurred_at) as first_influenced_at,
    count(distinct event_id) as interactions
from {{ ref('int_influences') }}
group by
    campaign_id,
    contact_id,
    asset_type,
    asset_id
