{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_deals'}
) }}

with interactions as (

    select * from {{ ref('int_revenue_interactions') }}
    {{ only_affected('int_affected_deals', ['deal_id']) }}

),

counted as (

    select
        interactions.deal_id,
        interactions.event_key,
        interactions.contact_id,
        interactions.closed_at,
        touches.campaign_id
    from interactions
    inner join {{ ref('int_asset_interactions') }} as touches
        on
            interactions.event_key = touches.event_key
            and interactions.occurred_on = touches.occurred_on

    union

    select
        interactions.deal_id,
        interactions.event_key,
        interactions.contact_id,
        interactions.closed_at,
        touches.campaign_id
    from interactions
    inner join {{ ref('int_utm_visits') }} as touches
        on
            interactions.event_key = touches.event_key
            and interactions.occurred_on = touches.occurred_on

)

select * from counted
