with definitions (journey, stage, stage_name, is_optional, branch_by) as (

    values
    (
        cast(null as string),
        cast(null as integer),
        cast(null as string),
        cast(null as boolean),
        cast(null as string)
    )
    {%- for journey, definition in (var('journeys') or {}).items() %}
    {%- for stage in definition['stages'] %},
    (
        {{ text_literal(journey) }},
        {{ loop.index }},
        {{ text_literal(stage['name']) }},
        {{ stage.get('optional', false) }},
        {{ text_literal(stage.get('branch_by')) }}
    )
    {%- endfor %}
    {%- endfor %}

),

stages as (

    select
        {{ hash_key('journey') }} as journey_key,
        journey,
        cast(stage as tinyint) as stage,
        stage_name,
        is_optional,
        branch_by
    from definitions
    where journey is not null

),

related as (

    select
        *,
        max(stage) filter (where not is_optional) over earlier as measured_from,
        min(stage) filter (where not is_optional) over later as next_stage,
        max(stage) over (partition by journey_key) as last_stage,
        max(stage) filter (where branch_by is not null) over so_far as branch_stage
    from stages
    window
        earlier as (
            partition by journey_key order by stage
            rows between unbounded preceding and 1 preceding
        ),
        later as (
            partition by journey_key order by stage
            rows between 1 following and unbounded following
        ),
        so_far as (
            partition by journey_key order by stage
            rows between unbounded preceding and current row
        )

)

select
    related.journey_key,
    related.journey,
    related.stage,
    related.stage_name,
    related.is_optional,
    related.branch_by,
    related.measured_from,
    related.next_stage,
    case
        when related.is_optional then coalesce(related.next_stage, related.last_stage)
        else related.stage
    end as until_stage,
    related.branch_stage
from related
