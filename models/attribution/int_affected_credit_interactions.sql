with session_events as (

    select
        event_key,
        occurred_on
    from {{ changes_of('int_session_events') }}

    union

    -- A session's entry may be another since.
    select
        event_key,
        occurred_on
    from {{ ref('int_session_events') }}
    where session_key in (select session_key from {{ changes_of('int_sessions') }})

)

select
    event_key,
    occurred_on
from {{ changes_of('int_contact_events') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_contact_touches') }}

union

select
    events.event_key,
    events.occurred_on
from {{ ref('int_contact_events') }} as events
semi join session_events
    on
        events.event_key = session_events.event_key
        and events.occurred_on = session_events.occurred_on

union

select
    event_key,
    occurred_on
from {{ ref('int_contact_events') }}
where asset_id in (select asset_id from {{ changes_of('stg_assets') }})
