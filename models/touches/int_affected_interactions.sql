select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

select
    events.event_key,
    events.occurred_on
from {{ ref('int_events') }} as events
inner join {{ ref('int_affected_associations') }} as changed
    on
        events.asset_id = changed.asset_id
        and events.occurred_at >= changed.from_at
        and events.occurred_at < changed.until_at
