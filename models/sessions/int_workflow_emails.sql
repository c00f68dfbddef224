{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['asset_id', 'occurred_on'],
    meta={'affected': 'changes of int_events'}
) }}

with events as (

    select * from {{ ref('int_events') }}
    {{ only_affected('changes of int_events', ['asset_id', 'occurred_on']) }}

)

select distinct
    asset_id,
    occurred_on
from events
where
    event_type = 'email_sent'
    and workflow_id is not null
    and asset_id is not null
