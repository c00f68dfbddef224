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

path_models as (

    select
        paths.path_key,
        models.*
    from paths
    inner join {{ ref('int_attribution_models') }} as models
        on paths.lookback_days is not distinct from models.lookback_days

),

interactions as (

    select
        path_key,
        position,
        event_key,
        age_us,
        is_first_interaction,
        is_lead_creation,
        is_deal_creation,
        is_closed_won,
        is_last_interaction
    from {{ ref('int_path_interactions') }}
    {{ only_affected('int_affected_paths', ['path_key']) }}

),

held as (

    select
        interactions.path_key,
        path_models.model,
        interactions.position,
        interactions.event_key,
        interactions.age_us,
        path_models.half_life_days,
        0
        {%- for milestone in milestones %}
        + case when is_{{ milestone }} then coalesce(path_models.{{ milestone }}, 0) else 0 end
        {%- endfor %} as held_weight,
        case
            when
                {% for milestone in milestones -%}
                (is_{{ milestone }} and path_models.{{ milestone }} is not null)
                {{ 'or' if not loop.last }}
                {% endfor -%}
                then 0
            else coalesce(path_models.others, 0)
        end as others_weight
    from interactions
    inner join path_models
        on interactions.path_key = path_models.path_key

),

totals as (

    select
        path_key,
        model,
        sum(held_weight) + max(others_weight) as all_weights,
        count(*) filter (where others_weight > 0) as others,
        min(age_us) filter (where others_weight > 0) as youngest_us
    from held
    group by
        path_key,
        model

),

-- Of the youngest it is 1; in whole numbers of 2^-53, so that sums of it are exact.
decays as (

    select
        held.path_key,
        held.model,
        held.position,
        pow(
            2,
            -cast(held.age_us - totals.youngest_us as double)
            / (held.half_life_days * 86400000000)
        ) as decay,
        cast(round(decay * 9007199254740992) as bigint) as units
    from held
    inner join totals
        on
            held.path_key = totals.path_key
            and held.model = totals.model
    where held.half_life_days is not null and held.others_weight > 0

),

decay_totals as (

    select
        path_key,
        model,
        sum(units) as units
    from decays
    group by
        path_key,
        model

),

-- An interaction's credit: held_weight / all_weights, and of the others' weight units / all_units.
shares as (

    select
        held.path_key,
        held.model,
        held.position,
        held.event_key,
        held.held_weight,
        held.others_weight,
        totals.all_weights,
        coalesce(decays.decay * 9007199254740992, 1) as exact_units,
        coalesce(decays.units, 1) as units,
        coalesce(decay_totals.units, greatest(totals.others, 1)) as all_units
    from held
    inner join totals
        on
            held.path_key = totals.path_key
            and held.model = totals.model
    left join decays
        on
            held.path_key = decays.path_key
            and held.model = decays.model
            and held.position = decays.position
    left join decay_totals
        on
            held.path_key = decay_totals.path_key
            and held.model = decay_totals.model
    where totals.all_weights > 0

),

credits as (

    select
        path_key,
        model,
        position,
        event_key,
        (held_weight * cast(all_units as double) + others_weight * exact_units)
        / (all_weights * cast(all_units as double)) as credit,
        cast(held_weight as hugeint) * all_units + cast(others_weight as hugeint) * units
            as numerator,
        cast(all_weights as hugeint) * all_units as denominator
    from shares

)

select * from credits
where credit > 0
