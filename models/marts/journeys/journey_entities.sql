{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['entity_type', 'entity_id'],
    meta={'affected': 'int_affected_journey_entities'}
) }}

with entries as (

    select * from {{ ref('int_journey_entries') }}
    {{ only_affected('int_affected_journey_entities', ['entity_key']) }}

),

entities as (

    select
        'contact' as entity_type,
        contact_id as entity_id,
        {{ hash_key('contact_id') }} as id_key
    from {{ ref('int_contacts') }}
    where not is_erased

    union all

    select
        'deal' as entity_type,
        deal_id as entity_id,
        {{ hash_key('deal_id') }} as id_key
    from {{ ref('int_deals') }}

    union all

    select
        'visitor' as entity_type,
        visitor_id as entity_id,
        visitor_key as id_key
    from {{ ref('stg_visitors') }}
    where visitor_id not in (select visitor_id from {{ ref('int_erased_visitors') }})

),

keyed_entities as (

    select
        entity_type,
        entity_id,
        {{ entity_key('entity_type', 'id_key') }} as entity_key
    from entities

),

events as (

    select
        event_key,
        event_id
    from {{ ref('stg_events') }}

    union all

    select
        event_key,
        event_id
    from {{ ref('int_stage_entry_events') }}

)

select
    journeys.journey,
    keyed_entities.entity_type,
    keyed_entities.entity_id,
    cast(entries.stage as bigint) as stage,
    entries.entered_at,
    events.event_id,
    cast(entries.step as bigint) as step,
    entries.branch
from entries
inner join {{ ref('int_journeys') }} as journeys
    on entries.journey_key = journeys.journey_key
inner join keyed_entities
    on entries.entity_key = keyed_entities.entity_key
inner join events
    on entries.event_key = events.event_key
