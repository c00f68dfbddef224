select
    campaign_id,
    contact_id,
    min(closed_at) as first_closed_at
from {{ ref('int_deal_credits') }}
where
    model = '{{ var("default_attribution_model") }}'
    and campaign_id != 'no campaign'
group by campaign_id, contact_id
