-- A returned row is a step whose event type, or a condition whose property, the catalogue lacks.
select
    journey,
    stage,
    step,
    event_type,
    cast(null as string) as property
from {{ ref('int_journey_steps') }}
where event_type not in (select event_type from {{ ref('event_types') }})

union all

select
    steps.journey,
    steps.stage,
    steps.step,
    steps.event_type,
    filters.property
from {{ ref('int_journey_filters') }} as filters
inner join {{ ref('int_journey_steps') }} as steps
    on filters.step_key = steps.step_key
where filters.kind is null
