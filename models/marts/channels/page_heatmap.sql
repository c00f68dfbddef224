select
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    events.asset_id,
    events.device_type,
    events.grid_column as "column",
    events.grid_row as "row",
    events.scroll_decile,
    events.date,
    count(*) filter (where events.event_type = 'page_clicked') as clicks,
    count(*) filter (where events.is_dead) as dead_clicks,
    count(*) filter (where events.event_type = 'page_scrolled') as scrolls
from {{ ref('int_page_behaviour') }} as events
left join {{ ref('int_event_campaigns') }} as campaigns
    on
        events.event_key = campaigns.event_key
        and events.occurred_on = campaigns.occurred_on
where events.event_type in ('page_clicked', 'page_scrolled')
group by all
