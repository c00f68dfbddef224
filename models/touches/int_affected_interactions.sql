select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where asset_id in (select asset_id from {{ changes_of('int_live_campaign_assets') }})
