with touches as (

    select
        event_key,
        occurred_on
    from {{ changes_of('int_asset_interactions') }}

    union

    select
        event_key,
        occurred_on
    from {{ changes_of('int_utm_visits') }}

)

select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

-- What an event tells beside may change without what it is.
select
    event_key,
    occurred_on
from {{ changes_of('stg_events') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_stage_entry_events') }}

union

-- A condition on the campaign that an event counted for.
select
    event_key,
    occurred_on
from touches

union

-- One on the type of its asset.
select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where asset_id in (select asset_id from {{ changes_of('stg_assets') }})
