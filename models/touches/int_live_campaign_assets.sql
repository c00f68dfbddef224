{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key=['campaign_id', 'asset_id']
) }}

select
    intervals.campaign_id,
    intervals.asset_id,
    intervals.asset_type,
    intervals.associated_at,
    intervals.ended_at
from {{ ref('int_campaign_assets') }} as intervals
inner join {{ ref('int_campaigns') }} as campaigns
    on intervals.campaign_id = campaigns.campaign_id
where not intervals.is_refused
