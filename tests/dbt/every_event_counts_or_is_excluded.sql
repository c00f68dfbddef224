-- A returned row means that an event was lost or multiplied between staging and the counted events.
with staged as (

    select count(*) as events
    from {{ ref('stg_events') }}

),

counted as (

    select count(*) as events
    from {{ ref('int_events') }}

),

excluded as (

    select count(distinct event_key) as events
    from {{ ref('int_excluded_events') }}

)

select
    staged.events as staged_events,
    counted.events as counted_events,
    excluded.events as excluded_events
from staged
cross join counted
cross join excluded
where staged.events != counted.events + excluded.events
