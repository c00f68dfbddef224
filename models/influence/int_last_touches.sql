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

-- What may decide it: a view of an associated page, a submission of an associated form.
interactions as (

    select
        campaign_id,
        contact_id,
        event_key,
        occurred_at,
        occurred_on,
        url_key
    from {{ ref('int_contact_touches') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    where
        (
            event_type = 'page_viewed'
            and asset_type in (select asset_type from {{ ref('page_asset_types') }})
        )
        or (event_type = 'form_submitted' and asset_type = 'form')

),

until_conversion as (

    select
        interactions.campaign_id,
        interactions.contact_id,
        interactions.event_key,
        interactions.occurred_on,
        interactions.url_key,
        conversions.event_key as conversion_event_key,
        conversions.session_key
    from interactions
    inner join conversions
        on
            interactions.contact_id = conversions.contact_id
            and interactions.occurred_at <= conversions.occurred_at

),

-- The conversion itself counts too where it is in no session.
deciding as (

    select
        until_conversion.campaign_id,
        until_conversion.contact_id,
        until_conversion.url_key
    from until_conversion
    left join {{ ref('int_session_events') }} as session_events
        on
            until_conversion.event_key = session_events.event_key
            and until_conversion.occurred_on = session_events.occurred_on
    where
        until_conversion.event_key = until_conversion.conversion_event_key
        or until_conversion.session_key = session_events.session_key

),

-- N-5
by_asset as (

    select
        deciding.campaign_id,
        deciding.contact_id
    from deciding
    left join {{ ref('int_url_tracking') }} as tracking
        on deciding.url_key = tracking.url_key
    where not coalesce(tracking.has_click_identifier, false)

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
