with conversions as (

    select
        events.contact_id,
        events.event_id,
        events.occurred_at,
        events.url_key,
        contacts.created_at,
        contacts.is_deleted
    from {{ ref('int_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.is_conversion
    inner join {{ ref('int_contacts') }} as contacts
        on
            events.contact_id = contacts.contact_id
            and events.occurred_at
            >= contacts.created_at - {{ seconds(var('contact_creation_grace_seconds')) }}
            and events.occurred_at
            <= contacts.created_at + {{ seconds(var('contact_creation_grace_seconds')) }}

),

nearest as (

    select
        contact_id,
        event_id,
        occurred_at,
        url_key,
        is_deleted
    from conversions
    qualify row_number() over (
        partition by contact_id
        order by
            abs({{ microseconds_between('created_at', 'occurred_at') }}),
            occurred_at,
            event_id
    ) = 1

)

select * from nearest
