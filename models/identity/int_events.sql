{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_events'}
) }}

with events as (

    select * from {{ affected_rows(
        'stg_events', 'int_affected_events', ['event_key', 'occurred_on']
    ) }}

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

page_assets as (

    select
        urls.url_key,
        page_addresses.asset_id
    from {{ ref('int_page_addresses') }} as page_addresses
    inner join {{ ref('stg_urls') }} as urls
        on page_addresses.page_address = urls.page_address

),

with_asset as (

    select
        counted.event_key,
        counted.event_id,
        counted.event_type,
        counted.occurred_at,
        counted.occurred_on,
        counted.visitor_key,
        counted.contact_id as named_contact_id,
        coalesce(counted.asset_id, page_assets.asset_id) as asset_id,
        counted.url_key,
        {{ source_key('counted.url_key', 'counted.referrer_key') }} as source_key,
        counted.device_key,
        counted.workflow_id,
        counted.interaction
    from counted
    left join page_assets
        on
            case
                when counted.event_type = 'page_viewed' and counted.asset_id is null
                    then counted.url_key
            end = page_assets.url_key

)

select * from with_asset
