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
    or contact_id in (select contact_id from {{ changes_of('int_erased_contacts') }})
