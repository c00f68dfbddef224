{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'changes of stg_events'}
) }}

{#- The properties that are read, in the order in which they stand in the list. -#}
{%- set properties = [
    'country', 'network', 'mail_client', 'status', 'outcome', 'duration_s', 'pixel_event', 'source',
    'dedup_id', 'value', 'currency', 'x', 'y', 'is_dead', 'scroll_depth', 'kind', 'score'
] -%}

with channel_types as (

    select event_type
    from {{ ref('event_types') }}
    where area in (
        'email', 'social', 'qr', 'affiliates', 'calls', 'pixels', 'app', 'page behaviour',
        'feedback'
    )

),

details as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        user_id,
        ip_region,
        ip_city,
        {{ json_texts('properties', properties) }} as texts
    from {{ affected_rows('stg_events', 'changes of stg_events', ['event_key', 'occurred_on']) }}
    where event_type in (select event_type from channel_types)

),

events as {{ inlined() }} (

    select
        event_key,
        event_id,
        event_type,
        occurred_at,
        occurred_on,
        visitor_key,
        named_contact_id,
        asset_id,
        url_key,
        device_key,
        interaction
    from {{ affected_rows('int_events', 'changes of stg_events', ['event_key', 'occurred_on']) }}
    where event_type in (select event_type from channel_types)

),

told as (

    select
        events.*,
        details.user_id,
        details.ip_region,
        details.ip_city,
        {{ named_texts('details.texts', properties) }}
    from events
    inner join details
        on
            events.event_key = details.event_key
            and events.occurred_on = details.occurred_on

)

select
    told.event_key,
    told.event_id,
    told.event_type,
    told.occurred_at,
    told.occurred_on,
    {{ report_date('told.occurred_at') }} as date,
    told.visitor_key,
    told.named_contact_id,
    told.asset_id,
    told.url_key,
    devices.device_type,
    coalesce(told.country, devices.ip_country) as country,
    told.ip_region as region,
    told.ip_city as city,
    told.user_id as owner,
    told.interaction,
    told.network,
    told.mail_client,
    told.status,
    told.outcome,
    {{ number_as_decimal('told.duration_s', 18, 3) }} as duration_s,
    told.pixel_event,
    told.source,
    told.dedup_id,
    {{ number_as_decimal('told.value', 15, 2) }} as value,
    coalesce(told.currency, '{{ var("company_currency") }}') as currency,
    {{ number_as_decimal('told.x', 18, 9) }} as x,
    {{ number_as_decimal('told.y', 18, 9) }} as y,
    coalesce({{ flag('told.is_dead') }}, false) as is_dead,
    {{ number_as_decimal('told.scroll_depth', 18, 9) }} as scroll_depth,
    told.kind,
    {{ number_as_decimal('told.score', 18, 4) }} as score
from told
inner join {{ ref('stg_devices') }} as devices
    on told.device_key = devices.device_key
