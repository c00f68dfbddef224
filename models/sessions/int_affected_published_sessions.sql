select
    session_key,
    session_id,
    started_at
from {{ changes_of('int_sessions') }}

union

select
    session_key,
    session_id,
    started_at
from {{ ref('int_sessions') }}
where
    visitor_key in (
        select {{ hash_key('visitor_id') }} from {{ changes_of('int_erased_visitors') }}
    )
    or source_key in (select source_key from {{ changes_of('int_traffic_sources') }})
    or session_key in (select event_key from {{ changes_of('int_contact_events') }})

union

select
    sessions.session_key,
    sessions.session_id,
    sessions.started_at
from {{ ref('int_sessions') }} as sessions
inner join {{ ref('int_contact_events') }} as entry_events
    on sessions.session_key = entry_events.event_key
where entry_events.contact_id in (select contact_id from {{ changes_of('int_erased_contacts') }})
