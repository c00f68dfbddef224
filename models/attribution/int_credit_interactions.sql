{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_credit_interactions'}
) }}

with events as (

    select * from {{ affected_rows(
        'int_contact_events', 'int_affected_credit_interactions', ['event_key', 'occurred_on']
    ) }}

),

-- Some come with a URL of their asset where they have none of their own.
interactions as (

    select
        events.event_key,
        events.event_id,
        events.contact_id,
        events.occurred_at,
        events.occurred_on,
        assets.asset_id,
        replace(event_types.area, ' ', '_') as area,
        events.source_key,
        events.url_key,
        case
            when event_types.utm_visit_url = 'own_or_asset' and events.url_key is null
                then assets.url_key
        end as asset_url_key
    from events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.earns_credit
    left join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id

),

asset_sources as (

    select
        interactions.event_key,
        {{ source_key('interactions.asset_url_key', 'own_sources.referrer_key') }} as source_key
    from interactions
    inner join {{ ref('int_traffic_sources') }} as own_sources
        on interactions.source_key = own_sources.source_key
    where interactions.asset_url_key is not null

),

sourced as (

    select
        interactions.*,
        case
            when sessions.session_key is not null then sessions.source_key
            when interactions.url_key is not null then interactions.source_key
            else asset_sources.source_key
        end as channel_source_key
    from interactions
    left join {{ ref('int_session_events') }} as session_events
        on
            interactions.event_key = session_events.event_key
            and interactions.occurred_on = session_events.occurred_on
    left join {{ ref('int_sessions') }} as sessions
        on session_events.session_key = sessions.session_key
    left join asset_sources
        on interactions.event_key = asset_sources.event_key

),

campaigns as (

    select
        touches.event_key,
        touches.occurred_on,
        {{ sorted_list('touches.campaign_id') }} as campaign_ids
    from {{ ref('int_contact_touches') }} as touches
    {{ only_affected('int_affected_credit_interactions', ['event_key', 'occurred_on']) }}
    where touches.touch in ('asset', 'utm')
    group by touches.event_key, touches.occurred_on

)

select
    sourced.event_key,
    sourced.event_id,
    sourced.contact_id,
    sourced.occurred_at,
    sourced.occurred_on,
    sourced.asset_id,
    coalesce(sources.channel, sourced.area) as channel,
    coalesce(campaigns.campaign_ids, {{ text_list(['no campaign']) }}) as campaign_ids
from sourced
left join {{ ref('int_traffic_sources') }} as sources
    on sourced.channel_source_key = sources.source_key
left join campaigns
    on
        sourced.event_key = campaigns.event_key
        and sourced.occurred_on = campaigns.occurred_on
