with revenue_events as (

    select
        events.event_id,
        events.contact_id,
        events.occurred_at
    from {{ ref('int_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.is_revenue_interaction
            and (
                event_types.only_if_interaction is null
                or events.interaction = event_types.only_if_interaction
            )
    where events.contact_id in (select contact_id from {{ ref('int_won_deal_contacts') }})

),

of_deals as (

    select
        won.deal_id,
        revenue_events.event_id,
        revenue_events.contact_id,
        revenue_events.occurred_at,
        won.closed_at,
        won.amount
    from {{ ref('int_won_deal_contacts') }} as won
    inner join revenue_events
        on
            won.contact_id = revenue_events.contact_id
            and won.closed_at >= revenue_events.occurred_at

)

select * from of_deals
