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
    where event_type = 'form_submitted'

),

form_ctas as (

    select
        intervals.campaign_id,
        intervals.asset_id,
        intervals.associated_at,
        intervals.ended_at,
        assets.form_id
    from {{ ref('int_live_campaign_assets') }} as intervals
    inner join {{ ref('stg_assets') }} as assets
        on intervals.asset_id = assets.asset_id
    where
        intervals.asset_type = 'cta'
        and assets.form_id is not null

),

submissions as (

    select
        events.event_key,
        form_ctas.campaign_id,
        form_ctas.asset_id,
        events.occurred_at,
        events.occurred_on
    from events
    inner join form_ctas
        on
            events.asset_id = form_ctas.form_id
            and events.occurred_at >= form_ctas.associated_at
            and (form_ctas.ended_at is null or events.occurred_at < form_ctas.ended_at)

)

select * from submissions
