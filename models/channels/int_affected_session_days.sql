with sessions as (

    select session_key
    from {{ changes_of('int_campaign_sessions') }}

    union

    select session_key
    from {{ changes_of('int_session_events') }}
    where is_conversion

)

select {{ report_date('started_at') }} as date
from {{ changes_of('int_sessions') }}

union

select {{ report_date('started_at') }} as date
from {{ ref('int_sessions') }}
where session_key in (select session_key from sessions)
