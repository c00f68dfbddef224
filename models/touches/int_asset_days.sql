{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['asset_id', 'occurred_on'],
    meta={'affected': 'changes of int_events'}
) }}

with events as (

    select * from {{ ref('int_events') }}
    {{ only_affected('changes of int_events', ['asset_id', 'occurred_on']) }}
    where asset_id is not null

),

measured as (

    select
        events.asset_id,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        {{ asset_measure('event_types', 'events') }} as measure
    from events
    left join {{ ref('event_types') }} as event_types
        on events.event_type = event_types.event_type

)

select
    asset_id,
    occurred_on,
    count(*) filter (where measure = 'views') as views,
    count(*) filter (where measure = 'submissions') as submissions,
    count(*) filter (where measure = 'sent') as sent,
    count(*) filter (where measure = 'opens') as opens,
    count(*) filter (where measure = 'clicks') as clicks,
    count(*) as interactions,
    count(*) filter (where event_type = 'ad_interaction') as ad_interactions,
    max(occurred_at) filter (where event_type = 'page_viewed') as last_viewed_at
from measured
group by asset_id, occurred_on
