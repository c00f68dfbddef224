{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_contact_events'}
) }}

with visitor_contacts as (

    select
        visitor_key,
        contact_id,
        coalesce(valid_from, {{ start_of_time() }}) as valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('int_visitor_contacts') }}

),

-- Most events name no contact and are of visitors that were never identified.
events as (

    select * from {{ affected_rows(
        'int_events', 'int_affected_contact_events', ['event_key', 'occurred_on']
    ) }}
    where
        named_contact_id is not null
        or visitor_key in (select visitor_key from visitor_contacts)

),

aliases as (

    select * from {{ ref('int_contact_aliases') }}

),

resolved as (

    select
        events.event_key,
        events.event_id,
        case
            when events.named_contact_id is not null
                then coalesce(aliases.survivor_id, events.named_contact_id)
            else visitor_contacts.contact_id
        end as contact_id,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        events.asset_id,
        events.url_key,
        events.source_key,
        events.interaction
    from events
    left join aliases
        on events.named_contact_id = aliases.contact_id
    left join visitor_contacts
        on
            events.visitor_key = visitor_contacts.visitor_key
            and events.occurred_at >= visitor_contacts.valid_from
            and events.occurred_at < visitor_contacts.valid_to

)

-- A contact without a row counts nowhere until the row arrives; its events count, with no contact.
select resolved.*
from resolved
inner join {{ ref('int_contacts') }} as contacts
    on resolved.contact_id = contacts.contact_id
