{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['started_at', 'session_id'],
    meta={'affected': 'int_affected_published_sessions'}
) }}

with affected as (

    select * from {{ affected_rows(
        'int_sessions', 'int_affected_published_sessions', ['session_key']
    ) }}

),

sessions as (

    select
        sessions.session_id,
        case when erased_visitors.visitor_id is null then visitors.visitor_id end as visitor_id,
        case when not contacts.is_erased then contacts.contact_id end as contact_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_views,
        entry_urls.url as entry_url,
        exit_urls.url as exit_url,
        sources.channel as entry_channel,
        sources.utm_source,
        sources.utm_medium,
        sources.utm_campaign,
        sources.utm_term,
        sources.utm_content,
        devices.device_type,
        devices.browser,
        devices.ip_country as country,
        sessions.is_excluded_from_campaigns,
        sessions.is_engaged
    from affected as sessions
    inner join {{ ref('stg_visitors') }} as visitors
        on sessions.visitor_key = visitors.visitor_key
    inner join {{ ref('int_traffic_sources') }} as sources
        on sessions.source_key = sources.source_key
    inner join {{ ref('stg_devices') }} as devices
        on sessions.device_key = devices.device_key
    left join {{ ref('stg_urls') }} as entry_urls
        on sessions.entry_url_key = entry_urls.url_key
    left join {{ ref('stg_urls') }} as exit_urls
        on sessions.exit_url_key = exit_urls.url_key
    left join {{ ref('int_erased_visitors') }} as erased_visitors
        on visitors.visitor_id = erased_visitors.visitor_id
    left join {{ ref('int_contact_events') }} as entry_events
        on sessions.session_key = entry_events.event_key
    left join {{ ref('int_contacts') }} as contacts
        on entry_events.contact_id = contacts.contact_id

)

select * from sessions
