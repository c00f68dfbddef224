-- An instant that stands in the log an odd number of times is one that either the old or the new
-- intervals have: only between the first and the last of them may an event count otherwise.
with instants as (

    select
        campaign_id,
        asset_id,
        asset_type,
        associated_at as at_instant
    from {{ changes_of('int_live_campaign_assets') }}

    union all

    select
        campaign_id,
        asset_id,
        asset_type,
        coalesce(ended_at, {{ end_of_time() }}) as at_instant
    from {{ changes_of('int_live_campaign_assets') }}

),

changed_instants as (

    select
        asset_id,
        at_instant
    from instants
    group by campaign_id, asset_id, asset_type, at_instant
    having count(*) % 2 = 1

)

select
    asset_id,
    min(at_instant) as from_at,
    max(at_instant) as until_at
from changed_instants
group by asset_id
