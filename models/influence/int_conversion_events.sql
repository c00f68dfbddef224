{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with events as (

    select * from {{ ref('int_contact_events') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    where
        event_type in (
            select event_type
            from {{ ref('event_types') }}
            where is_conversion
        )

),

conversions as (

    select
        events.contact_id,
        events.event_key,
        events.event_id,
        events.occurred_at,
        events.occurred_on,
        events.url_key,
        contacts.created_at,
        contacts.is_deleted
    from events
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
        event_key,
        occurred_at,
        occurred_on,
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
