{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['started_at', 'session_id'],
    meta={'affected': 'int_affected_campaign_sessions'}
) }}

with sessions as (

    select * from {{ ref('int_sessions') }}
    {{ only_affected('int_affected_campaign_sessions', ['session_key']) }}
    where not is_excluded_from_campaigns

),

page_views as (

    select
        session_events.event_key,
        session_events.occurred_on,
        session_events.session_key
    from sessions
    inner join {{ ref('int_session_events') }} as session_events
        on
            sessions.visitor_key = session_events.visitor_key
            and sessions.session_key = session_events.session_key

),

counted as (

    select
        page_views.session_key,
        visits.campaign_id,
        'S-3' as rule
    from page_views
    inner join {{ ref('int_utm_visits') }} as visits
        on
            page_views.event_key = visits.event_key
            and page_views.occurred_on = visits.occurred_on
    where visits.event_type = 'page_viewed'

    union

    select
        page_views.session_key,
        interactions.campaign_id,
        'S-4' as rule
    from page_views
    inner join {{ ref('int_asset_interactions') }} as interactions
        on
            page_views.event_key = interactions.event_key
            and page_views.occurred_on = interactions.occurred_on
    where
        interactions.event_type = 'page_viewed'
        and interactions.asset_type in (select asset_type from {{ ref('page_asset_types') }})

    union

    select
        sessions.session_key,
        visits.campaign_id,
        'S-5' as rule
    from sessions
    inner join {{ ref('int_keyword_visits') }} as visits
        on
            sessions.session_key = visits.event_key
            and sessions.started_on = visits.occurred_on

),

campaign_sessions as (

    select
        counted.campaign_id,
        sessions.session_id,
        sessions.started_at,
        {{ sorted_list('counted.rule') }} as rules
    from counted
    inner join sessions
        on counted.session_key = sessions.session_key
    group by counted.campaign_id, sessions.session_id, sessions.started_at

)

select * from campaign_sessions
