-- What names no asset is of the page with its URL, as a page view is (S-11).
with page_assets as (

    select
        urls.url_key,
        page_addresses.asset_id
    from {{ ref('int_page_addresses') }} as page_addresses
    inner join {{ ref('stg_urls') }} as urls
        on page_addresses.page_address = urls.page_address

)

select
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    coalesce(events.asset_id, page_assets.asset_id) as asset_id,
    events.device_type,
    events.grid_column as "column",
    events.grid_row as row,
    events.scroll_decile,
    events.date,
    count(*) filter (where events.event_type = 'page_clicked') as clicks,
    count(*) filter (where events.is_dead_click) as dead_clicks,
    count(*) filter (where events.event_type = 'page_scrolled') as scrolls
from {{ ref('int_page_behaviour') }} as events
left join {{ ref('int_event_campaigns') }} as campaigns
    on
        events.event_key = campaigns.event_key
        and events.occurred_on = campaigns.occurred_on
left join page_assets
    on case when events.asset_id is null then events.url_key end = page_assets.url_key
group by all
