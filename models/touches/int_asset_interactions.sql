select
    asset_events.event_id,
    intervals.campaign_id,
    asset_events.event_type,
    asset_events.occurred_at,
    asset_events.contact_id,
    asset_events.asset_id,
    intervals.asset_type,
    asset_events.measure
from {{ ref('int_asset_events') }} as asset_events
inner join {{ ref('int_live_campaign_assets') }} as intervals
    on
        asset_events.asset_id = intervals.asset_id
        and asset_events.occurred_at >= intervals.associated_at
        and (intervals.ended_at is null or asset_events.occurred_at < intervals.ended_at)
