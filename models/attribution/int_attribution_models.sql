{%- set weights = [
    'first_interaction', 'lead_creation', 'deal_creation', 'closed_won', 'last_interaction', 'others'
] -%}
with seeded as (

    select * from {{ ref('attribution_models') }}

),

summed as (

    select
        *,
        0
        {%- for weight in weights %}
        + coalesce(round({{ weight }}, 6), 0)
        {%- endfor %} as all_weights,
        count(*) over (partition by model) as times,
        count(*) filter (where model = '{{ var("default_attribution_model") }}') over ()
            as default_models
    from seeded

),

judged as (

    select
        *,
        case
            when model is null then 'the model has no name: give it one'
            when default_models = 0
                then
                    'default_attribution_model is {{ var("default_attribution_model") }}, '
                    || 'which has no row: give it one, or set the variable to another'
            when times > 1 then 'the model stands in several rows: give each a name of its own'
            {% for weight in weights -%}
            when {{ weight }} < 0 or {{ weight }} > 1
                then '{{ weight }} is ' || {{ weight }} || ': give a weight from 0 to 1, or none'
            when {{ weight }} != round({{ weight }}, 6)
                then '{{ weight }} is ' || {{ weight }} || ': give at most six decimals'
            {% endfor -%}
            when round(all_weights, 6) > 1
                then 'the weights add up to ' || round(all_weights, 6) || ': let them add up to 1'
            when all_weights = 0 then 'no weight is above 0: give at least one'
            when half_life_days <= 0
                then 'half_life_days is ' || half_life_days || ': give a number above 0, or none'
            when lookback_days < 0 or lookback_days > 100000
                then
                    'lookback_days is ' || lookback_days
                    || ': give a whole number from 0 to 100000, or none'
        end as problem
    from summed

),

-- In millionths, so that every share of an amount is a ratio of whole numbers.
models as (

    select
        model,
        {% for weight in weights -%}
        cast(round({{ weight }} * 1000000) as bigint) as {{ weight }},
        {% endfor -%}
        half_life_days,
        coalesce(lookback_days, {{ attribution_lookback_days() }}) as lookback_days
    from judged
    where
        case
            when problem is not null
                then {{ raise_error(
                    "'seeds/reference/attribution_models.csv, model ' || coalesce(model, '(none)') "
                    ~ "|| ': ' || problem || '.'"
                ) }}
            else true
        end

)

select * from models
