{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_events'}
) }}

with events as (

    select * from {{ ref('stg_events') }}
    {{ only_affected('int_affected_events', ['event_key', 'occurred_on']) }}

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

counted as (

    select
        events.event_key,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        events.visitor_key,
        events.contact_id,
        events.asset_id,
        events.url_key,
        events.referrer_key,
        events.workflow_id,
        events.interaction,
        events.device_type,
        events.browser,
        events.ip_country
    from events
    where
        (
            events.user_agent is null
            or events.user_agent not in (
                select user_agent from {{ ref('int_excluded_user_agents') }}
            )
        )
        and (
            events.visitor_key is null
            or events.visitor_key not in (
                select {{ hash_key('entry') }} from {{ ref('excluded_visitors') }}
            )
        )

),

with_person as (

    select
        counted.event_key,
        counted.event_type,
        counted.occurred_at,
        counted.occurred_on,
        counted.visitor_key,
        counted.asset_id,
        counted.url_key,
        counted.referrer_key,
        counted.workflow_id,
        counted.interaction,
        counted.device_type,
        counted.browser,
        counted.ip_country,
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
            case when counted.contact_id is null then counted.visitor_key end
            = visitor_contacts.visitor_key
            and counted.occurred_at >= visitor_contacts.valid_from
            and counted.occurred_at < visitor_contacts.valid_to

),

-- A contact without a row counts nowhere until the row arrives; its events count, with no contact.
with_contact as (

    select
        with_person.event_key,
        with_person.event_type,
        with_person.occurred_at,
        with_person.occurred_on,
        with_person.visitor_key,
        with_person.asset_id,
        with_person.url_key,
        with_person.referrer_key,
        with_person.workflow_id,
        with_person.interaction,
        with_person.device_type,
        with_person.browser,
        with_person.ip_country,
        contacts.contact_id
    from with_person
    left join {{ ref('int_contacts') }} as contacts
        on with_person.person_contact_id = contacts.contact_id

)

select * from with_contact
