with page_views as (

    select
        visitor_key,
        session_number,
        count(*) as page_views,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        min_by(event_id, (occurred_at, event_id)) as entry_event_id,
        max_by(event_id, (occurred_at, event_id)) as exit_event_id
    from {{ ref('int_session_page_views') }}
    group by visitor_key, session_number

),

conversion_types as (

    select event_type
    from {{ ref('event_types') }}
    where is_conversion

),

events as (

    select
        session_events.visitor_key,
        session_events.session_number,
        max(session_events.occurred_at) as last_event_at,
        count(*) filter (
            where events.event_type in (select event_type from conversion_types)
        ) as conversions
    from {{ ref('int_session_events') }} as session_events
    inner join {{ ref('int_events') }} as events
        on session_events.event_id = events.event_id
    group by session_events.visitor_key, session_events.session_number

),

sessions as (

    select
        page_views.visitor_key,
        page_views.session_number,
        page_views.page_views,
        page_views.started_at,
        page_views.ended_at,
        page_views.entry_event_id,
        page_views.exit_event_id,
        row_number() over (
            partition by page_views.visitor_key, page_views.started_at
            order by page_views.session_number
        ) = 1 as is_first_at_instant,
        (
            {{ microseconds_between('page_views.started_at', 'events.last_event_at') }} >= 10000000
            or page_views.page_views >= 2
            or events.conversions > 0
        ) as is_engaged
    from page_views
    inner join events
        on
            page_views.visitor_key = events.visitor_key
            and page_views.session_number = events.session_number

),

entries as (

    select
        sessions.visitor_key,
        sessions.session_number,
        {{ sha256_hex(
            "entry_events.visitor_id || '|' || " ~ iso_instant('sessions.started_at')
            ~ " || case when sessions.is_first_at_instant then '' else '|' || sessions.entry_event_id end"
        ) }} as session_id,
        entry_events.visitor_id,
        page_views.contact_id,
        sessions.page_views,
        sessions.started_at,
        sessions.ended_at,
        sessions.is_engaged,
        sessions.entry_event_id,
        sessions.exit_event_id,
        page_views.url_key as entry_url_key,
        page_views.referrer_key as entry_referrer_key,
        sources.channel as entry_channel,
        sources.utm_source,
        sources.utm_medium,
        sources.utm_campaign,
        sources.utm_term,
        sources.utm_content,
        sources.keyword as entry_keyword,
        sources.has_click_identifier as is_excluded_from_campaigns,
        entry_events.device_type,
        entry_events.browser,
        entry_events.ip_country as country
    from sessions
    inner join {{ ref('int_page_views') }} as page_views
        on sessions.entry_event_id = page_views.event_id
    inner join {{ ref('int_traffic_sources') }} as sources
        on
            page_views.url_key is not distinct from sources.url_key
            and page_views.referrer_key is not distinct from sources.referrer_key
    inner join {{ ref('stg_events') }} as entry_events
        on sessions.entry_event_id = entry_events.event_id

)

select * from entries
