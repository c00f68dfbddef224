with events as (

    select * from {{ ref('stg_events') }}

),

aliases as (

    select * from {{ ref('int_contact_aliases') }}

),

visitor_contacts as (

    select * from {{ ref('int_visitor_contacts') }}

),

counted as (

    select
        events.event_id,
        events.event_type,
        events.occurred_at,
        events.visitor_key,
        events.contact_id,
        events.asset_id,
        events.url_key,
        events.referrer_key,
        events.workflow_id,
        events.interaction
    from events
    where
        (
            events.user_agent is null
            or events.user_agent not in (
                select user_agent from {{ ref('int_excluded_user_agents') }}
            )
        )
        and (
            events.visitor_id is null
            or events.visitor_id not in (select entry from {{ ref('excluded_visitors') }})
        )

),

with_person as (

    select
        counted.event_id,
        counted.event_type,
        counted.occurred_at,
        counted.visitor_key,
        counted.asset_id,
        counted.url_key,
        counted.referrer_key,
        counted.workflow_id,
        counted.interaction,
        case
            when
                counted.contact_id is not null
                then coalesce(aliases.survivor_id, counted.contact_id)
            else visitor_contacts.contact_id
        end as person_contact_id
    from counted
    left join aliases
        on counted.contact_id = aliases.contact_id
    left join visitor_contacts
        on
            counted.visitor_key = visitor_contacts.visitor_key
            and counted.contact_id is null
            and (
                visitor_contacts.valid_from is null
                or counted.occurred_at >= visitor_contacts.valid_from
            )
            and (
                visitor_contacts.valid_to is null or counted.occurred_at < visitor_contacts.valid_to
            )

),

-- A contact without a row counts nowhere until the row arrives; its events count, with no contact.
with_contact as (

    select
        with_person.event_id,
        with_person.event_type,
        with_person.occurred_at,
        with_person.visitor_key,
        with_person.asset_id,
        with_person.url_key,
        with_person.referrer_key,
        with_person.workflow_id,
        with_person.interaction,
        contacts.contact_id
    from with_person
    left join {{ ref('int_contacts') }} as contacts
        on with_person.person_contact_id = contacts.contact_id

)

select * from with_contact
