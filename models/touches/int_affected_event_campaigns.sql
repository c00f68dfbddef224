select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_asset_interactions') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_utm_visits') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_session_events') }}

union

select
    event_key,
    occurred_on
from {{ ref('int_session_events') }}
where session_key in (select session_key from {{ changes_of('int_campaign_sessions') }})
