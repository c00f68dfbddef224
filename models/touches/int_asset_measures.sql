select
    asset_id,
    count(*) filter (where measure = 'views') as views,
    count(*) filter (where measure = 'submissions') as submissions,
    count(*) filter (where measure = 'sent') as sent,
    count(*) filter (where measure = 'opens') as opens,
    count(*) filter (where measure = 'clicks') as clicks,
    count(*) as interactions,
    count(distinct contact_id) as contacts
from {{ ref('int_asset_events') }}
group by asset_id
