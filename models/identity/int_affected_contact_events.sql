with changed_contacts as (

    select contact_id from {{ changes_of('int_contacts') }}

),

-- Ids under which an event may name a contact that appeared, or is another's alias since.
named_contacts as (

    select contact_id from changed_contacts

    union

    select contact_id from {{ changes_of('int_contact_aliases') }}

    union

    select aliases.contact_id
    from {{ ref('int_contact_aliases') }} as aliases
    inner join changed_contacts
        on aliases.survivor_id = changed_contacts.contact_id

),

identified_visitors as (

    select visitor_key from {{ changes_of('int_visitor_contacts') }}

    union

    select visitor_contacts.visitor_key
    from {{ ref('int_visitor_contacts') }} as visitor_contacts
    inner join changed_contacts
        on visitor_contacts.contact_id = changed_contacts.contact_id

),

affected as (

    select
        event_key,
        occurred_on
    from {{ changes_of('int_events') }}

    union

    select
        event_key,
        occurred_on
    from {{ ref('int_events') }}
    where visitor_key in (select visitor_key from identified_visitors)

    union

    select
        event_key,
        occurred_on
    from {{ ref('int_events') }}
    where named_contact_id in (select contact_id from named_contacts)

)

select * from affected
