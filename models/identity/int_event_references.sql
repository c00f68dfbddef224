{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['reference', 'key', 'occurred_on'],
    meta={'affected': 'int_affected_event_references'}
) }}

with events as {{ inlined() }} (

    select
        contact_id,
        asset_id,
        deal_id,
        event_type,
        occurred_on,
        _load_id
    from {{ ref('stg_events') }}
    {{ only_affected('int_affected_event_references', ['occurred_on']) }}

),

counted as (

    select
        'contact_id' as reference,
        contact_id as key,
        occurred_on,
        count(*) as events,
        min(_load_id) as first_load_id
    from events
    where contact_id is not null
    group by contact_id, occurred_on

    union all

    select
        'asset_id' as reference,
        asset_id as key,
        occurred_on,
        count(*) as events,
        min(_load_id) as first_load_id
    from events
    where asset_id is not null
    group by asset_id, occurred_on

    union all

    select
        'deal_id' as reference,
        deal_id as key,
        occurred_on,
        count(*) as events,
        min(_load_id) as first_load_id
    from events
    where deal_id is not null
    group by deal_id, occurred_on

    union all

    select
        'event_type' as reference,
        event_type as key,
        occurred_on,
        count(*) as events,
        min(_load_id) as first_load_id
    from events
    where event_type is not null
    group by event_type, occurred_on

)

select * from counted
{{ only_affected('int_affected_event_references', ['reference', 'key', 'occurred_on']) }}
