{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_touches'}
) }}

with events as (

    select * from {{ affected_rows(
        'int_events', 'int_affected_touches', ['event_key', 'occurred_on']
    ) }}

),

campaign_urls as (

    select
        tracking.url_key,
        campaigns.campaign_id,
        campaigns.created_at
    from {{ ref('int_url_tracking') }} as tracking
    inner join {{ ref('int_campaigns') }} as campaigns
        on tracking.utm_campaign = campaigns.utm_campaign

),

visits as (

    select
        events.event_key,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        case
            when event_types.utm_visit_url = 'own_or_asset'
                then coalesce(events.url_key, assets.url_key)
            else events.url_key
        end as url_key
    from events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.utm_visit_url is not null
    left join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id

),

utm_visits as (

    select
        visits.event_key,
        campaign_urls.campaign_id,
        visits.event_type,
        visits.occurred_at,
        visits.occurred_on
    from visits
    inner join campaign_urls
        on
            visits.url_key = campaign_urls.url_key
            and visits.occurred_at >= campaign_urls.created_at

)

select * from utm_visits
