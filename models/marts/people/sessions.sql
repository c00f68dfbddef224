{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['started_at', 'session_id'],
    meta={'affected': 'int_affected_published_sessions'}
) }}

with affected as (

    select * from {{ ref('int_sessions') }}
    {{ only_affected('int_affected_published_sessions', ['session_key']) }}

),

sessions as (

    select
        sessions.session_id,
        case when erased_visitors.visitor_id is null then sessions.visitor_id end as visitor_id,
        case when not contacts.is_erased then sessions.contact_id end as contact_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_views,
        entry_urls.url as entry_url,
        exit_urls.url as exit_url,
        sessions.entry_channel,
        sessions.utm_source,
        sessions.utm_medium,
        sessions.utm_campaign,
        sessions.utm_term,
        sessions.utm_content,
        sessions.device_type,
        sessions.browser,
        sessions.country,
        sessions.is_excluded_from_campaigns,
        sessions.is_engaged
    from affected as sessions
    left join {{ ref('stg_urls') }} as entry_urls
        on sessions.entry_url_key = entry_urls.url_key
    left join {{ ref('stg_urls') }} as exit_urls
        on sessions.exit_url_key = exit_urls.url_key
    left join {{ ref('int_erased_visitors') }} as erased_visitors
        on sessions.visitor_id = erased_visitors.visitor_id
    left join {{ ref('int_contacts') }} as contacts
        on sessions.contact_id = contacts.contact_id

)

select * from sessions
