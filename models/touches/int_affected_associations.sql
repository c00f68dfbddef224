select
    asset_id,
    min(associated_at) as from_at,
    max(coalesce(ended_at, {{ end_of_time() }})) as until_at
from {{ changes_of('int_live_campaign_assets') }}
group by asset_id
