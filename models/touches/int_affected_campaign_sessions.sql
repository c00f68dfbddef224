with touched_events as (

    select
        event_key,
        occurred_on
    from {{ changes_of('int_utm_visits') }}

    union

    select
        event_key,
        occurred_on
    from {{ changes_of('int_asset_interactions') }}

    union

    select
        event_key,
        occurred_on
    from {{ changes_of('int_keyword_visits') }}

)

select session_key
from {{ changes_of('int_session_events') }}

union

select session_events.session_key
from {{ ref('int_session_events') }} as session_events
semi join touched_events using (event_key, occurred_on)

union

select session_key
from {{ changes_of('int_sessions') }}
