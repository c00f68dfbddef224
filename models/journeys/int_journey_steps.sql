with definitions (journey, stage, step, event_type, has_filters) as (

    values
    (
        cast(null as string),
        cast(null as integer),
        cast(null as integer),
        cast(null as string),
        cast(null as boolean)
    )
    {%- for journey, definition in (var('journeys') or {}).items() %}
    {%- for stage in definition['stages'] %}
    {%- set stage_number = loop.index %}
    {%- for step in stage['steps'] %},
    (
        {{ text_literal(journey) }},
        {{ stage_number }},
        {{ loop.index }},
        {{ text_literal(step['event']) }},
        {{ step.get('where', []) | length > 0 }}
    )
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}

),

steps as (

    select
        {{ hash_key('journey') }} as journey_key,
        journey,
        cast(stage as tinyint) as stage,
        cast(step as integer) as step,
        event_type,
        has_filters
    from definitions
    where journey is not null

)

select
    steps.journey_key,
    steps.journey,
    steps.stage,
    steps.step,
    {{ tuple_key(['steps.journey_key', 'steps.stage', 'steps.step']) }} as step_key,
    steps.event_type,
    steps.has_filters,
    journeys.include_anonymous and event_types.is_anonymous_allowed as admits_visitors,
    stages.branch_by
from steps
inner join {{ ref('int_journeys') }} as journeys
    on steps.journey_key = journeys.journey_key
inner join {{ ref('int_journey_stages') }} as stages
    on
        steps.journey_key = stages.journey_key
        and steps.stage = stages.stage
left join {{ ref('event_types') }} as event_types
    on steps.event_type = event_types.event_type
