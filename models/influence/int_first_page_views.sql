{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with page_views as (

    select
        contact_id,
        event_key,
        occurred_at,
        occurred_on,
        url_key,
        referrer_key
    from {{ ref('int_events') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    where
        event_type = 'page_viewed'
        and contact_id is not null

),

earliest as (

    select page_views.*
    from page_views
    qualify page_views.occurred_at = min(page_views.occurred_at) over (
        partition by page_views.contact_id
    )

),

first_views as (

    select earliest.*
    from earliest
    inner join {{ ref('stg_events') }} as events
        on
            earliest.event_key = events.event_key
            and earliest.occurred_on = events.occurred_on
    qualify row_number() over (
        partition by earliest.contact_id order by events.event_id
    ) = 1

),

sourced as (

    select
        first_views.contact_id,
        first_views.event_key,
        first_views.occurred_at,
        first_views.url_key,
        sources.channel,
        sources.utm_campaign,
        sources.has_click_identifier
    from first_views
    inner join {{ ref('int_traffic_sources') }} as sources
        on
            first_views.url_key is not distinct from sources.url_key
            and first_views.referrer_key is not distinct from sources.referrer_key

)

select * from sourced
