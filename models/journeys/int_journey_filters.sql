with definitions as (

    select
        cast(null as string) as journey,
        cast(null as integer) as stage,
        cast(null as integer) as step,
        cast(null as integer) as filter,
        cast(null as string) as event_type,
        cast(null as string) as property,
        cast(null as string) as operator,
        cast(null as {{ list_of('string') }}) as texts
    {%- for journey, definition in (var('journeys') or {}).items() %}
    {%- for stage in definition['stages'] %}
    {%- set stage_number = loop.index %}
    {%- for step in stage['steps'] %}
    {%- set step_number = loop.index %}
    {%- for condition in step.get('where', []) %}
    {%- set values = condition[2:] %}
    {%- if values and values[0] is not string and values[0] is iterable %}
    {%- set values = values[0] %}
    {%- endif %}

    union all

    select
        {{ text_literal(journey) }},
        {{ stage_number }},
        {{ step_number }},
        {{ loop.index }},
        {{ text_literal(step['event']) }},
        {{ text_literal(condition[0]) }},
        {{ text_literal(condition[1]) }},
        {{ text_list(values, comparable=condition[0].startswith('utm_')) }}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}

),

filters as (

    select
        {{ hash_key('journey') }} as journey_key,
        *
    from definitions
    where journey is not null

)

select
    {{ tuple_key([
        'filters.journey_key', 'cast(filters.stage as tinyint)', 'filters.step'
    ]) }} as step_key,
    filters.filter,
    filters.event_type,
    filters.property,
    properties.kind,
    properties.read_from,
    case filters.operator
        when 'is not' then 'is'
        when 'in' then 'is'
        when 'not in' then 'is'
        when 'is unknown' then 'is known'
        else filters.operator
    end as operator,
    filters.operator in ('is not', 'not in', 'is unknown') as is_negated,
    filters.texts,
    case
        when properties.kind = 'number' then try_cast(filters.texts as {{ list_of('double') }})
    end as numbers
from filters
left join {{ ref('event_properties') }} as properties
    on
        properties.event_type in (filters.event_type, '*')
        and filters.property = properties.property
