{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='date',
    meta={'affected': 'int_affected_traffic_days'}
) }}

with sources as (

    select
        source_key,
        channel
    from {{ ref('int_traffic_sources') }}

),

daily as (

    select
        days.campaign_id,
        sources.channel as entry_channel,
        urls.url as entry_url,
        devices.device_type,
        devices.ip_country as country,
        devices.browser,
        days.date,
        cast(sum(days.sessions) as bigint) as sessions,
        cast(sum(days.engaged_sessions) as bigint) as engaged_sessions,
        cast(sum(days.visitors) as bigint) as visitors,
        cast(sum(days.converting_visitors) as bigint) as converting_visitors,
        cast(sum(days.page_views) as bigint) as page_views,
        cast(sum(days.conversions) as bigint) as conversions
    from {{ affected_rows('int_session_days', 'int_affected_traffic_days', ['date']) }} as days
    inner join sources
        on days.source_key = sources.source_key
    inner join {{ ref('stg_devices') }} as devices
        on days.device_key = devices.device_key
    left join {{ ref('stg_urls') }} as urls
        on days.entry_url_key = urls.url_key
    group by all

)

select
    *,
    {{ ratio('sessions - engaged_sessions', 'sessions') }} as bounce_rate
from daily
