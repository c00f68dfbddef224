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
where session_key in (select session_key from {{ changes_of('int_campaign_sessions') }})
