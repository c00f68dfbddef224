{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_asset_events'}
) }}

with events as (

    select
        event_key,
        event_type,
        occurred_at,
        occurred_on,
        contact_id,
        asset_id,
        url_key,
        interaction
    from {{ ref('int_events') }}
    {{ only_affected('int_affected_asset_events', ['event_key', 'occurred_on']) }}

),

named as (

    select
        events.event_key,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        events.contact_id,
        events.asset_id,
        events.interaction
    from events
    inner join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id

),

-- An asset id that is not known yet waits; it does not fall back on the URL.
by_address as (

    select
        events.event_key,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        events.contact_id,
        page_addresses.asset_id,
        events.interaction
    from events
    inner join {{ ref('stg_urls') }} as urls
        on events.url_key = urls.url_key
    inner join {{ ref('int_page_addresses') }} as page_addresses
        on urls.page_address = page_addresses.page_address
    where
        events.event_type = 'page_viewed'
        and events.asset_id is null

),

asset_events as (

    select * from named
    union all
    select * from by_address

),

measured as (

    select
        asset_events.event_key,
        asset_events.event_type,
        asset_events.occurred_at,
        asset_events.occurred_on,
        asset_events.contact_id,
        asset_events.asset_id,
        case
            when
                event_types.only_if_interaction is null
                or event_types.only_if_interaction = asset_events.interaction
                then event_types.asset_measure
        end as measure
    from asset_events
    left join {{ ref('event_types') }} as event_types
        on asset_events.event_type = event_types.event_type

)

select * from measured
