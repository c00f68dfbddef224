{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_interactions'}
) }}

with asset_events as (

    select * from {{ ref('int_asset_events') }}
    {{ only_affected('int_affected_interactions', ['event_key', 'occurred_on']) }}

)

select
    asset_events.event_key,
    intervals.campaign_id,
    asset_events.event_type,
    asset_events.occurred_at,
    asset_events.occurred_on,
    asset_events.contact_id,
    asset_events.asset_id,
    intervals.asset_type,
    asset_events.measure
from asset_events
inner join {{ ref('int_live_campaign_assets') }} as intervals
    on
        asset_events.asset_id = intervals.asset_id
        and asset_events.occurred_at >= intervals.associated_at
        and (intervals.ended_at is null or asset_events.occurred_at < intervals.ended_at)
