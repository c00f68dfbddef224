{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with conversion_events as (

    select * from {{ ref('int_conversion_events') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

conversions as (

    select
        conversions.contact_id,
        conversions.event_key,
        conversions.occurred_at,
        conversions.occurred_on,
        conversions.url_key,
        session_events.session_key
    from conversion_events as conversions
    left join {{ ref('int_session_events') }} as session_events
        on
            conversions.event_key = session_events.event_key
            and conversions.occurred_on = session_events.occurred_on
    where not conversions.is_deleted

),

-- N-4
by_url as (

    select
        campaigns.campaign_id,
        conversions.contact_id
    from conversions
    inner join {{ ref('int_url_tracking') }} as tracking
        on conversions.url_key = tracking.url_key
    inner join {{ ref('int_campaigns') }} as campaigns
        on
            tracking.utm_campaign = campaigns.utm_campaign
            and conversions.occurred_at >= campaigns.created_at
    where not tracking.has_click_identifier

),

-- The conversion itself stands beside the session's events: it may be in no session.
deciding_events as (

    select
        conversions.contact_id,
        session_events.event_key
    from conversions
    inner join {{ ref('int_session_events') }} as session_events
        on
            conversions.session_key = session_events.session_key
            and conversions.occurred_at >= session_events.occurred_at

    union

    select
        contact_id,
        event_key
    from conversions

),

-- N-5
by_asset as (

    select
        interactions.campaign_id,
        deciding_events.contact_id
    from deciding_events
    inner join {{ ref('int_asset_interactions') }} as interactions
        on
            deciding_events.event_key = interactions.event_key
            and deciding_events.contact_id = interactions.contact_id
    inner join {{ ref('int_events') }} as events
        on
            deciding_events.event_key = events.event_key
            and interactions.occurred_on = events.occurred_on
    left join {{ ref('int_url_tracking') }} as tracking
        on events.url_key = tracking.url_key
    where
        not coalesce(tracking.has_click_identifier, false)
        and (
            (
                interactions.event_type = 'page_viewed'
                and interactions.asset_type in (
                    select asset_type from {{ ref('page_asset_types') }}
                )
            )
            or (interactions.event_type = 'form_submitted' and interactions.asset_type = 'form')
        )

),

last_touches as (

    select
        campaign_id,
        contact_id
    from by_url

    union

    select
        campaign_id,
        contact_id
    from by_asset

)

select * from last_touches
