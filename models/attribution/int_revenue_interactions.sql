{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_deals'}
) }}

with won as (

    select * from {{ ref('int_won_deal_contacts') }}
    {{ only_affected('int_affected_deals', ['deal_id']) }}

),

revenue_events as (

    select
        events.event_key,
        events.event_id,
        events.contact_id,
        events.occurred_at,
        events.occurred_on
    from {{ ref('int_contact_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.is_revenue_interaction
            and (
                event_types.only_if_interaction is null
                or events.interaction = event_types.only_if_interaction
            )
    where events.contact_id in (select contact_id from won)

),

of_deals as (

    select
        won.deal_id,
        revenue_events.event_key,
        revenue_events.event_id,
        revenue_events.contact_id,
        revenue_events.occurred_at,
        revenue_events.occurred_on,
        won.closed_at,
        won.amount
    from won
    inner join revenue_events
        on
            won.contact_id = revenue_events.contact_id
            and won.closed_at >= revenue_events.occurred_at

)

select * from of_deals
