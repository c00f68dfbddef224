{%- set lists = (var('journeys') or {}).values() | map(attribute='stages') | list -%}
{%- set most_stages = ([1] + lists | map('length') | list) | max -%}
{%- set branching_stages = lists | sum(start=[]) | selectattr('branch_by', 'defined') | list -%}
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

entity_events as {{ inlined() }} (

    select * from {{ affected_rows(
        'int_journey_entity_events', 'int_affected_journey_entities', ['entity_key']
    ) }}

),

-- Whose only event is that of the first stage has entered it by that, and no other stage.
going_on as {{ materialized() }} (

    select
        journey_key,
        entity_key
    from entity_events
    group by journey_key, entity_key
    having count(*) > 1

),

-- By time alone, for few events share an instant: only theirs are put in the order of their ids.
ranked as {{ materialized() }} (

    select
        *,
        dense_rank() over by_time as position,
        coalesce(
            lag(occurred_at) over by_time = occurred_at
            and lag(event_key) over by_time != event_key,
            false
        ) as is_tied
    from entity_events
    semi join going_on using (journey_key, entity_key)
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

ordered as {{ materialized() }} (

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
entered_1 as {{ materialized() }} (

    select
        journey_key,
        entity_key,
        cast(null as timestamp) as stage_before_entered_at,
        min(position) as position,
        min(occurred_at) as entered_at
    from ordered
    where stage = 1
    group by journey_key, entity_key

),

{% for stage in range(2, most_stages + 1) -%}
{%- set standing = 'entered_1' if stage == 2 else 'standing_' ~ (stage - 1) -%}
entered_{{ stage }} as {{ materialized() }} (

    select
        standing.journey_key,
        standing.entity_key,
        standing.entered_at as stage_before_entered_at,
        min(ordered.position) filter (where ordered.stage = {{ stage }}) as position,
        min(ordered.occurred_at) filter (where ordered.stage = {{ stage }}) as entered_at
    from {{ standing }} as standing
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
    group by standing.journey_key, standing.entity_key, standing.entered_at
    having
        min(ordered.position) filter (where ordered.stage = {{ stage }})
        < coalesce(
            min(ordered.position) filter (where ordered.stage > {{ stage }}), 9223372036854775807
        )

),

{% if stage < most_stages -%}
standing_{{ stage }} as {{ materialized() }} (

    select
        standing.journey_key,
        standing.entity_key,
        coalesce(entered.position, standing.position) as position,
        coalesce(entered.entered_at, standing.entered_at) as entered_at
    from {{ standing }} as standing
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

    {% for stage in range(1, most_stages + 1) -%}
    select
        journey_key,
        entity_key,
        cast({{ stage }} as tinyint) as stage,
        stage_before_entered_at,
        position
    from entered_{{ stage }}
    {% if not loop.last %}
    union all

    {% endif -%}
    {%- endfor %}

),

entries as (

    select
        journey_key,
        entity_key,
        stage,
        event_key,
        occurred_at as entered_at,
        cast(null as timestamp) as stage_before_entered_at,
        step
    from entity_events
    anti join going_on using (journey_key, entity_key)

    union all

    select
        entered.journey_key,
        entered.entity_key,
        entered.stage,
        ordered.event_key,
        ordered.occurred_at as entered_at,
        entered.stage_before_entered_at,
        ordered.step
    from entered
    inner join ordered
        on
            entered.journey_key = ordered.journey_key
            and entered.entity_key = ordered.entity_key
            and entered.stage = ordered.stage
            and entered.position = ordered.position

){% if branching_stages -%}
,

branching as (

    select
        entries.*,
        stages.branch_by
    from entries
    inner join stages
        on
            entries.journey_key = stages.journey_key
            and entries.stage = stages.stage
    where stages.branch_by is not null

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
inner join stages
    on
        entries.journey_key = stages.journey_key
        and entries.stage = stages.stage
left join branches
    on
        entries.journey_key = branches.journey_key
        and entries.entity_key = branches.entity_key
        and stages.branch_stage = branches.stage
{%- else %}

select
    *,
    cast(null as string) as branch
from entries
{%- endif %}
