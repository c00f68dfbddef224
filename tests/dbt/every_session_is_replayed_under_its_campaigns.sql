-- A returned row is a session without a replay under a campaign that it counts for (or under
-- `no campaign`, where it counts for none), or a replay of what is no such session.
with expected as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        sessions.session_id
    from {{ ref('sessions') }} as sessions
    left join {{ ref('campaign_sessions') }} as campaigns
        on sessions.session_id = campaigns.session_id

)

select
    coalesce(expected.campaign_id, replays.campaign_id) as campaign_id,
    coalesce(expected.session_id, replays.session_id) as session_id
from expected
full outer join {{ ref('session_replays') }} as replays
    on
        expected.campaign_id = replays.campaign_id
        and expected.session_id = replays.session_id
where
    expected.session_id is null
    or replays.session_id is null
