{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_contact_events'}
) }}

with events as not materialized (

    select * from {{ ref('int_events') }}
    {{ only_affected('int_affected_contact_events', ['event_key', 'occurred_on']) }}

),

aliases as (

    select * from {{ ref('int_contact_aliases') }}

),

visitor_contacts as (

    select
        visitor_key,
        contact_id,
        coalesce(valid_from, {{ start_of_time() }}) as valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('int_visitor_contacts') }}

),

naming_contacts as (

    select
        events.*,
        coalesce(aliases.survivor_id, events.named_contact_id) as contact_id
    from events
    left join aliases
        on events.named_contact_id = aliases.contact_id
    where events.named_contact_id is not null

),

of_identified_visitors as (

    select
        events.*,
        visitor_contacts.contact_id
    from events
    inner join visitor_contacts
        on
            events.visitor_key = visitor_contacts.visitor_key
            and events.occurred_at >= visitor_contacts.valid_from
            and events.occurred_at < visitor_contacts.valid_to
    where events.named_contact_id is null

),

resolved as (

    select * from naming_contacts
    union all
    select * from of_identified_visitors

)

-- A contact without a row counts nowhere until the row arrives; its events count, with no contact.
select
    resolved.event_key,
    resolved.event_id,
    contacts.contact_id,
    resolved.event_type,
    resolved.occurred_at,
    resolved.occurred_on,
    resolved.asset_id,
    resolved.url_key,
    resolved.source_key,
    resolved.interaction
from resolved
inner join {{ ref('int_contacts') }} as contacts
    on resolved.contact_id = contacts.contact_id
