{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='session_key',
    meta={'affected': 'int_affected_campaign_sessions'}
) }}

with sessions as (

    select
        session_key,
        started_at,
        started_on
    from {{ affected_rows('int_sessions', 'int_affected_campaign_sessions', ['session_key']) }}
    where not is_excluded_from_campaigns

),

session_events as (

    select
        session_key,
        event_key,
        occurred_on
    from {{ affected_rows(
        'int_session_events', 'int_affected_campaign_sessions', ['session_key']
    ) }}

),

touches as (

    select
        event_key,
        occurred_on,
        campaign_id,
        true as is_utm_visit
    from {{ ref('int_utm_visits') }}
    where event_type = 'page_viewed'

    union all

    select
        event_key,
        occurred_on,
        campaign_id,
        false as is_utm_visit
    from {{ ref('int_asset_interactions') }}
    where
        event_type = 'page_viewed'
        and asset_type in (select asset_type from {{ ref('page_asset_types') }})

),

counted as (

    select
        session_events.session_key,
        touches.campaign_id,
        bool_or(touches.is_utm_visit) as has_utm_visit,
        bool_or(not touches.is_utm_visit) as has_page_view,
        false as has_keyword_entry
    from session_events
    inner join touches
        on
            session_events.event_key = touches.event_key
            and session_events.occurred_on = touches.occurred_on
    group by session_events.session_key, touches.campaign_id

    union all

    select
        sessions.session_key,
        visits.campaign_id,
        false as has_utm_visit,
        false as has_page_view,
        true as has_keyword_entry
    from sessions
    inner join {{ ref('int_keyword_visits') }} as visits
        on
            sessions.session_key = visits.event_key
            and sessions.started_on = visits.occurred_on

)

select
    counted.campaign_id,
    counted.session_key,
    sessions.started_at,
    bool_or(counted.has_utm_visit) as has_utm_visit,
    bool_or(counted.has_page_view) as has_page_view,
    bool_or(counted.has_keyword_entry) as has_keyword_entry
from counted
inner join sessions
    on counted.session_key = sessions.session_key
group by counted.campaign_id, counted.session_key, sessions.started_at
