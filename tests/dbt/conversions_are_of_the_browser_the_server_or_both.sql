-- A returned row is a row of conversions whose parts by source don't add up to all.
select
    campaign_id,
    network,
    pixel_event,
    date
from {{ ref('conversions') }}
where browser_only + server_only + "both" != conversions
