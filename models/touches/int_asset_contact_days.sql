{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['asset_id', 'contact_id', 'occurred_on'],
    meta={'affected': 'changes of int_asset_events'}
) }}

with asset_events as (

    select * from {{ ref('int_asset_events') }}
    {{ only_affected('changes of int_asset_events', ['asset_id', 'contact_id', 'occurred_on']) }}

)

select distinct
    asset_id,
    contact_id,
    occurred_on
from asset_events
where contact_id is not null
