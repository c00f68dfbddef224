select
    event_key,
    occurred_on
from {{ changes_of('int_asset_events') }}

union

select
    event_key,
    occurred_on
from {{ ref('int_asset_events') }}
where asset_id in (select asset_id from {{ changes_of('int_live_campaign_assets') }})
