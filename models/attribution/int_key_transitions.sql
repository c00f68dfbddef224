-- Of order 3, with the start, of which no key stands before.
with steps as (

    select
        dimension,
        third_last_key,
        second_last_key,
        last_key,
        next_key,
        next_key is null and is_converting as is_conversion,
        count(*) as transitions
    from {{ ref('int_key_steps') }}
    group by all

    union all

    select
        dimension,
        null as third_last_key,
        null as second_last_key,
        null as last_key,
        last_key as next_key,
        false as is_conversion,
        count(*) as transitions
    from {{ ref('int_key_steps') }}
    where step = 1
    group by all

)

select
    dimension,
    1 as markov_order,
    cast(null as string) as third_last_key,
    cast(null as string) as second_last_key,
    last_key,
    next_key,
    is_conversion,
    cast(sum(transitions) as bigint) as transitions
from steps
group by all

{% if var('markov_max_order') >= 2 -%}
union all

select
    dimension,
    2 as markov_order,
    null as third_last_key,
    second_last_key,
    last_key,
    next_key,
    is_conversion,
    cast(sum(transitions) as bigint) as transitions
from steps
group by all

{%- endif %}

{% if var('markov_max_order') >= 3 -%}
union all

select
    dimension,
    3 as markov_order,
    third_last_key,
    second_last_key,
    last_key,
    next_key,
    is_conversion,
    transitions
from steps
{%- endif %}
