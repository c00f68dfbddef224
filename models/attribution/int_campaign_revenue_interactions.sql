{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_deals'}
) }}

with interactions as (

    select * from {{ ref('int_revenue_interactions') }}
    {{ only_affected('int_affected_deals', ['deal_id']) }}

)

select distinct
    interactions.deal_id,
    interactions.event_key,
    interactions.contact_id,
    interactions.closed_at,
    touches.campaign_id
from interactions
inner join {{ ref('int_contact_touches') }} as touches
    on interactions.event_key = touches.event_key
where touches.touch in ('asset', 'utm')
