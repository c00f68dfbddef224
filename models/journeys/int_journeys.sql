with definitions (journey, entity, include_anonymous, starts_on, ends_on) as (

    values
    (
        cast(null as string),
        cast(null as string),
        cast(null as boolean),
        cast(null as date),
        cast(null as date)
    )
    {%- for journey, definition in (var('journeys') or {}).items() %},
    (
        {{ text_literal(journey) }},
        {{ text_literal(definition.get('entity', 'contacts')) }},
        {{ definition.get('include_anonymous', false) }},
        cast({{ text_literal(definition.get('from')) }} as date),
        cast({{ text_literal(definition.get('to')) }} as date)
    )
    {%- endfor %}

)

select
    {{ hash_key('journey') }} as journey_key,
    journey,
    entity,
    include_anonymous,
    starts_on,
    ends_on
from definitions
where journey is not null
