with events as (

    select
        event_key,
        date,
        event_type,
        lag(event_type) over person as previous_type,
        {{ first_known("case when event_type != 'cart_updated' then event_type end") }} over (
            partition by person_key
            order by occurred_at, event_id
            rows between 1 following and unbounded following
        ) as ended_by
    from {{ ref('int_event_people') }}
    where event_type in ('cart_updated', 'cart_abandoned', 'purchase_completed')
    window person as (partition by person_key order by occurred_at, event_id)

)

select
    event_key,
    date,
    event_type = 'cart_abandoned' or coalesce(ended_by = 'cart_abandoned', false) as is_abandoned
from events
where
    event_type in ('cart_updated', 'cart_abandoned')
    and previous_type is distinct from 'cart_updated'
