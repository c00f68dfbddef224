with events as (

    select
        event_key,
        occurred_on
    from {{ changes_of('int_events') }}

    union

    select
        event_key,
        occurred_on
    from {{ changes_of('int_channel_events') }}

),

sessions as (

    select session_key
    from {{ changes_of('int_session_events') }}

    union

    select session_key
    from {{ changes_of('int_campaign_sessions') }}

    union

    select session_events.session_key
    from {{ ref('int_session_events') }} as session_events
    semi join events using (event_key, occurred_on)

)

select
    session_key,
    session_id,
    {{ report_date('started_at') }} as date
from {{ changes_of('int_sessions') }}

union

select
    session_key,
    session_id,
    {{ report_date('started_at') }} as date
from {{ ref('int_sessions') }}
where session_key in (select session_key from sessions)
