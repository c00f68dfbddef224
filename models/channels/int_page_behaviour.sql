{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'changes of int_channel_events'}
) }}

with events as (

    select
        *,
        event_type = 'page_clicked' and x between 0 and 1 and y between 0 and 1 as is_on_grid
    from {{ ref('int_channel_events') }}
    {{ only_affected('changes of int_channel_events', ['event_key', 'occurred_on']) }}
    where event_type in ('page_clicked', 'page_scrolled')

)

select
    event_key,
    occurred_on,
    event_id,
    event_type,
    occurred_at,
    date,
    asset_id,
    url_key,
    device_type,
    case when event_type = 'page_clicked' then x end as x,
    case when event_type = 'page_clicked' then y end as y,
    case when is_on_grid then least(cast(floor(x * 20) as bigint), 19) + 1 end as grid_column,
    case when is_on_grid then least(cast(floor(y * 50) as bigint), 49) + 1 end as grid_row,
    case
        when event_type = 'page_scrolled' and scroll_depth between 0 and 1
            then greatest(cast(ceil(scroll_depth * 10) as bigint), 1)
    end as scroll_decile,
    event_type = 'page_clicked' and is_dead as is_dead_click
from events
