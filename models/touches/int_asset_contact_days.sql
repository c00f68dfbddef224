{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['asset_id', 'contact_id', 'occurred_on'],
    meta={'affected': 'changes of int_contact_events'}
) }}

with events as (

    select * from {{ ref('int_contact_events') }}
    {{ only_affected('changes of int_contact_events', ['asset_id', 'contact_id', 'occurred_on']) }}

)

select distinct
    asset_id,
    contact_id,
    occurred_on
from events
where asset_id is not null
