with hours as (

    select
        campaign_id,
        asset_id,
        {{ report_instant('occurred_at') }} as scanned_at
    from {{ ref('int_qr_scans') }}

)

select
    campaign_id,
    asset_id,
    {{ iso_weekday('scanned_at') }} as weekday,
    hour(scanned_at) as hour,
    count(*) as scans
from hours
group by campaign_id, asset_id, weekday, hour
