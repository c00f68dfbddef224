with entries as (

    select
        journey_key,
        stage,
        step,
        count(*) as entered
    from {{ ref('int_journey_entries') }}
    group by journey_key, stage, step

),

steps as (

    select
        steps.journey,
        steps.stage,
        steps.step,
        steps.event_type,
        coalesce(entries.entered, 0) as entered,
        sum(coalesce(entries.entered, 0)) over (
            partition by steps.journey, steps.stage
        ) as entered_stage
    from {{ ref('int_journey_steps') }} as steps
    left join entries
        on
            steps.journey_key = entries.journey_key
            and steps.stage = entries.stage
            and steps.step = entries.step

)

select
    journey,
    cast(stage as bigint) as stage,
    cast(step as bigint) as step,
    event_type,
    entered,
    cast(entered as double) / nullif(entered_stage, 0) as share
from steps
