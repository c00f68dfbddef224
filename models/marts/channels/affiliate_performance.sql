select
    campaign_id,
    asset_id,
    partner,
    date,
    clicks,
    conversions,
    revenue,
    commission,
    {{ ratio('revenue - commission', 'commission') }} as roi
from {{ ref('int_affiliate_days') }}
where campaign_id != 'all'
