{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_contact_touches'}
) }}

with events as (

    select * from {{ affected_rows(
        'int_contact_events', 'int_affected_contact_touches', ['event_key', 'occurred_on']
    ) }}

),

touches as (

    select
        event_key,
        occurred_on,
        'asset' as touch,
        campaign_id,
        asset_type,
        asset_id
    from {{ ref('int_asset_interactions') }}

    union all

    select
        event_key,
        occurred_on,
        'utm' as touch,
        campaign_id,
        null as asset_type,
        null as asset_id
    from {{ ref('int_utm_visits') }}

    union all

    select
        event_key,
        occurred_on,
        'keyword' as touch,
        campaign_id,
        null as asset_type,
        null as asset_id
    from {{ ref('int_keyword_visits') }}

    union all

    select
        event_key,
        occurred_on,
        'cta_form' as touch,
        campaign_id,
        'cta' as asset_type,
        asset_id
    from {{ ref('int_cta_form_submissions') }}

)

select
    events.contact_id,
    touches.touch,
    touches.campaign_id,
    touches.asset_type,
    touches.asset_id,
    events.event_key,
    events.event_id,
    events.event_type,
    events.occurred_at,
    events.occurred_on,
    events.url_key
from touches
inner join events
    on
        touches.event_key = events.event_key
        and touches.occurred_on = events.occurred_on
