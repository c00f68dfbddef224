select
    campaign_id,
    deal_id,
    closed_at,
    cast(sum(revenue) as decimal(18, 2)) as revenue
from {{ ref('int_deal_revenue') }}
group by
    campaign_id,
    deal_id,
    closed_at
