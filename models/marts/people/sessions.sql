with sessions as (

    select
        sessions.session_id,
        case when erased_visitors.visitor_id is null then sessions.visitor_id end as visitor_id,
        case when not contacts.is_erased then sessions.contact_id end as contact_id,
        sessions.started_at,
        sessions.ended_at,
        sessions.page_views,
        entry_urls.url as entry_url,
        exit_events.url as exit_url,
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
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('stg_urls') }} as entry_urls
        on sessions.entry_url_key = entry_urls.url_key
    inner join {{ ref('stg_events') }} as exit_events
        on sessions.exit_event_id = exit_events.event_id
    left join {{ ref('int_erased_visitors') }} as erased_visitors
        on sessions.visitor_id = erased_visitors.visitor_id
    left join {{ ref('int_contacts') }} as contacts
        on sessions.contact_id = contacts.contact_id

)

select * from sessions
