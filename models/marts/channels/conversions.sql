select
    campaign_id,
    network,
    pixel_event,
    date,
    count(*) as conversions,
    count(*) filter (where not has_server) as browser_only,
    count(*) filter (where not has_browser) as server_only,
    count(*) filter (where has_browser and has_server) as "both",
    cast(coalesce(sum(value), 0) as decimal(18, 2)) as value
from {{ ref('int_pixel_conversions') }}
group by campaign_id, network, pixel_event, date
