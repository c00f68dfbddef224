with events as (

    select
        event_key,
        date,
        person_key,
        event_type,
        occurred_at,
        lead(event_type) over person as next_type,
        lead(occurred_at) over person as next_at
    from {{ ref('int_event_people') }}
    where event_type in ('app_opened', 'app_closed')
    window person as (partition by person_key order by occurred_at, event_id)

)

select
    event_key,
    date,
    person_key,
    case
        when event_type = 'app_opened' and next_type = 'app_closed'
            then {{ microseconds_between('occurred_at', 'next_at') }}
        else 0
    end as use_microseconds
from events

union all

select
    event_key,
    date,
    person_key,
    0 as use_microseconds
from {{ ref('int_event_people') }}
where event_type = 'feature_used'
