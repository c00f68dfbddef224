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

pages as (

    select url_key
    from {{ ref('stg_urls') }}
    where page_address in (select page_address from {{ changes_of('int_page_addresses') }})

),

affected as (

    select
        event_key,
        occurred_on
    from {{ changes_of('stg_events') }}

    union

    select
        event_key,
        occurred_on
    from {{ ref('stg_events') }}
    where visitor_key in (select visitor_key from identified_visitors)

    union

    select
        event_key,
        occurred_on
    from {{ ref('stg_events') }}
    where contact_id in (select contact_id from named_contacts)

    union

    select
        event_key,
        occurred_on
    from {{ ref('stg_events') }}
    where
        url_key in (select url_key from pages)
        and event_type = 'page_viewed'
        and asset_id is null

)

select * from affected
