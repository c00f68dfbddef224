with definitions (journey, stage, step, event_type) as (

    values
    (
        cast(null as varchar),
        cast(null as integer),
        cast(null as integer),
        cast(null as varchar)
    )
    {%- for journey, definition in (var('journeys') or {}).items() %}
    {%- for stage in definition['stages'] %}
    {%- set stage_number = loop.index %}
    {%- for step in stage['steps'] %},
    (
        {{ text_literal(journey) }},
        {{ stage_number }},
        {{ loop.index }},
        {{ text_literal(step['event']) }}
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
        event_type
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
    journeys.include_anonymous and event_types.is_anonymous_allowed as admits_visitors,
    count(*) over (
        partition by steps.journey_key, steps.stage, steps.event_type
    ) > 1 as is_contested,
    stages.branch_by,
    journeys.starts_on,
    journeys.ends_on
from steps
inner join {{ ref('int_journeys') }} as journeys
    on steps.journey_key = journeys.journey_key
inner join {{ ref('int_journey_stages') }} as stages
    on
        steps.journey_key = stages.journey_key
        and steps.stage = stages.stage
left join {{ ref('event_types') }} as event_types
    on steps.event_type = event_types.event_type
where
    case
        when event_types.event_type is null
            then {{ raise_error(
                "'vars.yml, journey ' || steps.journey || ', stage ' || steps.stage || ': there is no "
                ~ "event type ' || steps.event_type || ' in seeds/reference/event_types.csv.'"
            ) }}
        else true
    end
