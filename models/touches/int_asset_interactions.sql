{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_interactions'}
) }}

with events as (

    select * from {{ affected_rows(
        'int_events', 'int_affected_interactions', ['event_key', 'occurred_on']
    ) }}

)

select
    events.event_key,
    intervals.campaign_id,
    events.event_type,
    events.occurred_at,
    events.occurred_on,
    events.asset_id,
    intervals.asset_type,
    {{ asset_measure('event_types', 'events') }} as measure
from events
inner join {{ ref('int_live_campaign_assets') }} as intervals
    on
        events.asset_id = intervals.asset_id
        and events.occurred_at >= intervals.associated_at
        and (intervals.ended_at is null or events.occurred_at < intervals.ended_at)
left join {{ ref('event_types') }} as event_types
    on events.event_type = event_types.event_type
