with page_assets as (

    select
        urls.url_key,
        page_addresses.asset_id
    from {{ ref('int_page_addresses') }} as page_addresses
    inner join {{ ref('stg_urls') }} as urls
        on page_addresses.page_address = urls.page_address

),

events as (

    select
        *,
        coalesce(x between 0 and 1 and y between 0 and 1, false) as is_on_grid
    from {{ ref('int_channel_events') }}
    where event_type in ('page_clicked', 'page_scrolled', 'page_error')

)

select
    events.event_key,
    events.occurred_on,
    events.event_id,
    events.event_type,
    events.occurred_at,
    events.date,
    coalesce(events.asset_id, page_assets.asset_id) as asset_id,
    events.url_key,
    events.device_type,
    events.x,
    events.y,
    case
        when events.event_type = 'page_clicked' and events.is_on_grid
            then least(cast(floor(events.x * 20) as bigint), 19) + 1
    end as grid_column,
    case
        when events.event_type = 'page_clicked' and events.is_on_grid
            then least(cast(floor(events.y * 50) as bigint), 49) + 1
    end as grid_row,
    case
        when events.event_type = 'page_scrolled' and events.scroll_depth between 0 and 1
            then greatest(cast(ceil(events.scroll_depth * 10) as bigint), 1)
    end as scroll_decile,
    events.event_type = 'page_clicked' and coalesce(events.is_dead, false) as is_dead
from events
left join page_assets
    on
        case when events.asset_id is null then events.url_key end = page_assets.url_key
