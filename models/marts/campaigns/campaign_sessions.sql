with sessions as (

    select * from {{ ref('int_sessions') }}
    where not is_excluded_from_campaigns

),

page_views as (

    select
        event_id,
        visitor_key,
        session_number
    from {{ ref('int_session_page_views') }}

),

counted as (

    select
        page_views.visitor_key,
        page_views.session_number,
        visits.campaign_id,
        'S-3' as rule
    from page_views
    inner join {{ ref('int_utm_visits') }} as visits
        on page_views.event_id = visits.event_id

    union

    select
        page_views.visitor_key,
        page_views.session_number,
        interactions.campaign_id,
        'S-4' as rule
    from page_views
    inner join {{ ref('int_asset_interactions') }} as interactions
        on page_views.event_id = interactions.event_id
    where interactions.asset_type in (select asset_type from {{ ref('page_asset_types') }})

    union

    select
        sessions.visitor_key,
        sessions.session_number,
        visits.campaign_id,
        'S-5' as rule
    from sessions
    inner join {{ ref('int_keyword_visits') }} as visits
        on sessions.entry_event_id = visits.event_id

),

campaign_sessions as (

    select
        counted.campaign_id,
        sessions.session_id,
        {{ sorted_list('counted.rule') }} as rules
    from counted
    inner join sessions
        on
            counted.visitor_key = sessions.visitor_key
            and counted.session_number = sessions.session_number
    group by counted.campaign_id, sessions.session_id

)

select * from campaign_sessions
