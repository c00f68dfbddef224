{%- set lengths = (var('journeys') or {}).values() | map(attribute='stages') | map('length') -%}
{%- set most_stages = ([1] + lengths | list) | max -%}
{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='entity_key',
    meta={'affected': 'int_affected_journey_entities'}
) }}

with stages as (

    select * from {{ ref('int_journey_stages') }}

),

steps as (

    select * from {{ ref('int_journey_steps') }}

),

entity_events as not materialized (

    select * from {{ affected_rows(
        'int_journey_entity_events', 'int_affected_journey_entities', ['entity_key']
    ) }}

),

beginnings as (

    select
        journey_key,
        entity_key,
        min(occurred_at) as began_at
    from entity_events
    where stage = 1
    group by journey_key, entity_key

),

-- What lies before the first stage is nothing, and of the first stage only its first event counts.
within_reach as (

    select entity_events.*
    from entity_events
    inner join beginnings
        on
            entity_events.journey_key = beginnings.journey_key
            and entity_events.entity_key = beginnings.entity_key
            and entity_events.occurred_at >= beginnings.began_at
    where
        entity_events.stage > 1
        or entity_events.occurred_at = beginnings.began_at

),

-- By time alone, for few events share an instant: only theirs are put in the order of their ids.
ranked as materialized (

    select
        *,
        dense_rank() over by_time as position,
        coalesce(
            lag(occurred_at) over by_time = occurred_at
            and lag(event_key) over by_time != event_key,
            false
        ) as is_tied
    from within_reach
    window by_time as (partition by entity_key order by occurred_at, event_key)

),

tied_instants as (

    select distinct
        entity_key,
        occurred_at
    from ranked
    where is_tied

),

tied_events as (

    select
        ranked.entity_key,
        ranked.occurred_at,
        ranked.event_key,
        min(ranked.position) as position
    from ranked
    semi join tied_instants
        on
            ranked.entity_key = tied_instants.entity_key
            and ranked.occurred_at = tied_instants.occurred_at
    group by ranked.entity_key, ranked.occurred_at, ranked.event_key

),

event_ids as (

    select
        event_key,
        event_id
    from {{ ref('stg_events') }}
    where event_key in (select event_key from tied_events)

    union all

    select
        event_key,
        event_id
    from {{ ref('int_stage_entry_events') }}
    where event_key in (select event_key from tied_events)

),

put_in_order as (

    select
        tied_events.entity_key,
        tied_events.event_key,
        min(tied_events.position) over (
            partition by tied_events.entity_key, tied_events.occurred_at
        ) - 1 + row_number() over (
            partition by tied_events.entity_key, tied_events.occurred_at
            order by event_ids.event_id
        ) as position
    from tied_events
    inner join event_ids
        on tied_events.event_key = event_ids.event_key

),

ordered as materialized (

    select
        ranked.journey_key,
        ranked.entity_key,
        ranked.stage,
        ranked.step,
        ranked.event_key,
        ranked.occurred_at,
        coalesce(put_in_order.position, ranked.position) as position
    from ranked
    left join put_in_order
        on
            ranked.entity_key = put_in_order.entity_key
            and ranked.event_key = put_in_order.event_key

),

-- Stage by stage: who entered it by which event, and where each entity then stands.
entered_1 as materialized (

    select
        journey_key,
        entity_key,
        min(position) as position
    from ordered
    where stage = 1
    group by journey_key, entity_key

),

-- Most entities do nothing behind the first stage.
going_on as (

    select distinct
        journey_key,
        entity_key
    from ordered
    where stage > 1

),

standing_1 as materialized (

    select entered_1.*
    from entered_1
    inner join going_on
        on
            entered_1.journey_key = going_on.journey_key
            and entered_1.entity_key = going_on.entity_key

),

{% for stage in range(2, most_stages + 1) -%}
entered_{{ stage }} as materialized (

    select
        standing.journey_key,
        standing.entity_key,
        standing.position as came_from,
        min(ordered.position) filter (where ordered.stage = {{ stage }}) as position
    from standing_{{ stage - 1 }} as standing
    inner join stages
        on
            standing.journey_key = stages.journey_key
            and stages.stage = {{ stage }}
    inner join ordered
        on
            standing.journey_key = ordered.journey_key
            and standing.entity_key = ordered.entity_key
            and ordered.stage >= {{ stage }}
            and stages.until_stage >= ordered.stage
            and standing.position < ordered.position
    group by standing.journey_key, standing.entity_key, standing.position
    having
        min(ordered.position) filter (where ordered.stage = {{ stage }})
        < coalesce(
            min(ordered.position) filter (where ordered.stage > {{ stage }}), 9223372036854775807
        )

),

{% if stage < most_stages -%}
standing_{{ stage }} as materialized (

    select
        standing.journey_key,
        standing.entity_key,
        coalesce(entered.position, standing.position) as position
    from standing_{{ stage - 1 }} as standing
    inner join stages
        on
            standing.journey_key = stages.journey_key
            and stages.stage = {{ stage }}
    left join entered_{{ stage }} as entered
        on
            standing.journey_key = entered.journey_key
            and standing.entity_key = entered.entity_key
    where
        entered.position is not null
        or stages.is_optional

),

{% endif -%}
{%- endfor -%}
entered as (

    select
        journey_key,
        entity_key,
        cast(1 as tinyint) as stage,
        cast(null as bigint) as came_from,
        position
    from entered_1
    {%- for stage in range(2, most_stages + 1) %}

    union all

    select
        journey_key,
        entity_key,
        cast({{ stage }} as tinyint) as stage,
        came_from,
        position
    from entered_{{ stage }}
    {%- endfor %}

),

positions as (

    select distinct
        entity_key,
        position,
        occurred_at
    from ordered
    semi join standing_1 using (entity_key)

),

entries as (

    select
        entered.journey_key,
        entered.entity_key,
        entered.stage,
        ordered.event_key,
        ordered.occurred_at as entered_at,
        positions.occurred_at as stage_before_entered_at,
        ordered.step,
        stages.branch_by,
        stages.branch_stage
    from entered
    inner join ordered
        on
            entered.journey_key = ordered.journey_key
            and entered.entity_key = ordered.entity_key
            and entered.stage = ordered.stage
            and entered.position = ordered.position
    inner join stages
        on
            entered.journey_key = stages.journey_key
            and entered.stage = stages.stage
    left join positions
        on
            entered.entity_key = positions.entity_key
            and entered.came_from = positions.position

),

branching as (

    select *
    from entries
    where branch_by is not null

),

branching_events as (

    select
        event_key,
        asset_id,
        url_key,
        device_key
    from {{ ref('int_events') }}
    where event_key in (select event_key from branching)

),

-- The event's own value before that of its URL, visitor or asset.
branches as (

    select
        branching.journey_key,
        branching.entity_key,
        branching.stage,
        coalesce(own_values.value, shared_values.value) as branch
    from branching
    inner join steps
        on
            branching.journey_key = steps.journey_key
            and branching.stage = steps.stage
            and branching.step = steps.step
    inner join {{ ref('int_journey_properties') }} as properties
        on
            steps.event_type = properties.event_type
            and branching.branch_by = properties.property
    left join {{ ref('int_journey_event_values') }} as own_values
        on
            branching.event_key = own_values.event_key
            and properties.property = own_values.property
    left join branching_events as events
        on branching.event_key = events.event_key
    left join {{ ref('int_journey_shared_values') }} as shared_values
        on
            properties.property = shared_values.property
            and case
                when properties.read_from in ('browser', 'device_type', 'country')
                    then events.device_key
                when properties.read_from = 'content_type' then {{ hash_key('events.asset_id') }}
                else events.url_key
            end = shared_values.key

)

select
    entries.journey_key,
    entries.entity_key,
    entries.stage,
    entries.event_key,
    entries.entered_at,
    entries.stage_before_entered_at,
    entries.step,
    branches.branch
from entries
left join branches
    on
        entries.journey_key = branches.journey_key
        and entries.entity_key = branches.entity_key
        and entries.branch_stage = branches.stage
