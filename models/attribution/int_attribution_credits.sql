{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='path_key',
    meta={'affected': 'int_affected_paths'}
) }}

{%- set milestones = [
    'first_interaction', 'lead_creation', 'deal_creation', 'closed_won', 'last_interaction'
] %}

with paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['path_key']) }}
    where path_kind != 'no_deal'

),

interactions as (

    select
        interactions.*,
        paths.lookback_days
    from {{ ref('int_path_interactions') }} as interactions
    inner join paths
        on interactions.path_key = paths.path_key

),

-- Where each milestone stands in a path.
positions as (

    select
        path_key,
        lookback_days,
        max(position) filter (where is_first_interaction) as first_interaction,
        max(position) filter (where is_lead_creation) as lead_creation,
        max(position) filter (where is_deal_creation) as deal_creation,
        max(position) filter (where is_closed_won) as closed_won,
        max(position) filter (where is_last_interaction) as last_interaction
    from interactions
    group by
        path_key,
        lookback_days

),

path_models as (

    select
        positions.path_key,
        models.model,
        models.half_life_days,
        {% for milestone in milestones -%}
        case
            when positions.{{ milestone }} is not null then models.{{ milestone }}
        end as {{ milestone }},
        {% endfor -%}
        coalesce(models.others, 0) as others_weight,
        positions.last_interaction - {{ count_distinct_of([
            'case when models.first_interaction is not null then positions.first_interaction end',
            'case when models.lead_creation is not null then positions.lead_creation end',
            'case when models.deal_creation is not null then positions.deal_creation end',
            'case when models.closed_won is not null then positions.closed_won end',
            'case when models.last_interaction is not null then positions.last_interaction end',
        ]) }} as others
    from positions
    inner join {{ ref('int_attribution_models') }} as models
        on positions.lookback_days is not distinct from models.lookback_days

),

weighed_models as (

    select
        *,
        0
        {%- for milestone in milestones %}
        + coalesce({{ milestone }}, 0)
        {%- endfor %}
        + case when others > 0 then others_weight else 0 end as all_weights
    from path_models

),

held as (

    select
        interactions.path_key,
        models.model,
        interactions.position,
        interactions.event_key,
        interactions.age_us,
        models.half_life_days,
        0
        {%- for milestone in milestones %}
        + case
            when interactions.is_{{ milestone }} then coalesce(models.{{ milestone }}, 0)
            else 0
        end
        {%- endfor %} as held_weight,
        case
            when
                {% for milestone in milestones -%}
                (interactions.is_{{ milestone }} and models.{{ milestone }} is not null)
                {{ 'or' if not loop.last }}
                {% endfor -%}
                then 0
            else models.others_weight
        end as others_weight,
        models.others,
        models.all_weights
    from interactions
    inner join weighed_models as models
        on interactions.path_key = models.path_key
    where models.all_weights > 0

),

aged as (

    select
        *,
        cast(
            age_us - min(age_us) filter (where others_weight > 0) over path_model as double
        )
        / (half_life_days * 86400000000) as half_lives
    from held
    where half_life_days is not null
    window path_model as (partition by path_key, model)

),

-- Of the youngest it is 1; in whole numbers of 2^-53, so that sums of it are exact.
decayed as (

    select
        *,
        case
            when others_weight > 0 then pow(2, -half_lives) * 9007199254740992 else 0
        end as exact_units
    from aged

),

-- An interaction's credit: held_weight / all_weights, and of the others' weight units / all_units.
shares as (

    select
        path_key,
        model,
        position,
        event_key,
        held_weight,
        others_weight,
        all_weights,
        cast(1 as double) as exact_units,
        cast(1 as bigint) as units,
        cast(greatest(others, 1) as {{ wide_integer() }}) as all_units
    from held
    where half_life_days is null

    union all

    select
        path_key,
        model,
        position,
        event_key,
        held_weight,
        others_weight,
        all_weights,
        exact_units,
        cast(round(exact_units) as bigint) as units,
        greatest(
            sum(cast(round(exact_units) as {{ wide_integer() }})) over (
                partition by path_key, model
            ),
            1
        ) as all_units
    from decayed

),

credits as (

    select
        path_key,
        model,
        position,
        event_key,
        (held_weight * cast(all_units as double) + others_weight * exact_units)
        / (all_weights * cast(all_units as double)) as credit,
        cast(held_weight as {{ wide_integer() }}) * all_units
        + cast(others_weight as {{ wide_integer() }}) * units as numerator,
        cast(all_weights as {{ wide_integer() }}) * all_units as denominator
    from shares

)

select * from credits
where credit > 0
