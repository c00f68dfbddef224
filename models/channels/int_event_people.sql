with events as (

    select
        events.event_key,
        events.event_id,
        events.event_type,
        events.occurred_at,
        events.date,
        events.asset_id,
        events.visitor_key,
        coalesce(aliases.survivor_id, events.named_contact_id) as named_contact_id
    from {{ ref('int_channel_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.area in ('app', 'qr')
    left join {{ ref('int_contact_aliases') }} as aliases
        on events.named_contact_id = aliases.contact_id

)

select
    events.event_key,
    events.event_id,
    events.event_type,
    events.occurred_at,
    events.date,
    events.asset_id,
    case
        when contact_events.event_key is not null
            then {{ entity_key("'contact'", hash_key('contact_events.contact_id')) }}
        when events.visitor_key is not null
            then {{ entity_key("'visitor'", 'events.visitor_key') }}
        else {{ entity_key("'named'", hash_key('events.named_contact_id')) }}
    end as person_key
from events
left join {{ ref('int_contact_events') }} as contact_events
    on events.event_key = contact_events.event_key
