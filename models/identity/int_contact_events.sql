{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'changes of int_events'}
) }}

with events as (

    select * from {{ ref('int_events') }}
    {{ only_affected('changes of int_events', ['event_key', 'occurred_on']) }}
    where contact_id is not null

)

select
    events.event_key,
    staged.event_id,
    events.contact_id,
    events.event_type,
    events.occurred_at,
    events.occurred_on,
    events.url_key,
    events.source_key,
    events.interaction
from events
inner join {{ ref('stg_events') }} as staged
    on
        events.event_key = staged.event_key
        and events.occurred_on = staged.occurred_on
