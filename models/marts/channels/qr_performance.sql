select
    campaign_id,
    asset_id,
    country,
    region,
    city,
    device_type,
    date,
    count(*) as scans,
    count(*) filter (where is_first_of_person) as unique_visitors
from {{ ref('int_qr_scans') }}
group by campaign_id, asset_id, country, region, city, device_type, date
