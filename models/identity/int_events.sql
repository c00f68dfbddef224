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

excluded_devices as (

    select devices.device_key
    from {{ ref('stg_devices') }} as devices
    where devices.user_agent in (select user_agent from {{ ref('int_excluded_user_agents') }})

),

excluded_visitors as (

    select {{ hash_key('entry') }} as visitor_key from {{ ref('excluded_visitors') }}

),

counted as (

    select *
    from events
    where
        device_key not in (select device_key from excluded_devices)
        and (
            visitor_key is null
            or visitor_key not in (select visitor_key from excluded_visitors)
        )

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

page_assets as (

    select
        urls.url_key,
        page_addresses.asset_id
    from {{ ref('int_page_addresses') }} as page_addresses
    inner join {{ ref('stg_urls') }} as urls
        on page_addresses.page_address = urls.page_address

),

-- A contact without a row counts nowhere until the row arrives; its events count, with no contact.
with_contact_and_asset as (

    select
        counted.event_key,
        counted.event_type,
        counted.occurred_at,
        counted.occurred_on,
        counted.visitor_key,
        contacts.contact_id,
        coalesce(counted.asset_id, page_assets.asset_id) as asset_id,
        counted.url_key,
        {{ source_key('counted.url_key', 'counted.referrer_key') }} as source_key,
        counted.device_key,
        counted.workflow_id,
        counted.interaction
    from counted
    left join aliases
        on counted.contact_id = aliases.contact_id
    left join visitor_contacts
        on
            case when counted.contact_id is null then counted.visitor_key end
            = visitor_contacts.visitor_key
            and counted.occurred_at >= visitor_contacts.valid_from
            and counted.occurred_at < visitor_contacts.valid_to
    left join {{ ref('int_contacts') }} as contacts
        on
            case
                when counted.contact_id is not null
                    then coalesce(aliases.survivor_id, counted.contact_id)
                else visitor_contacts.contact_id
            end = contacts.contact_id
    left join page_assets
        on
            case
                when counted.event_type = 'page_viewed' and counted.asset_id is null
                    then counted.url_key
            end = page_assets.url_key

)

select * from with_contact_and_asset
