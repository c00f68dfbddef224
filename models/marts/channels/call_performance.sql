with daily as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        calls.asset_id,
        calls.owner,
        calls.country,
        calls.date,
        count(*) as calls,
        count(*) filter (where calls.outcome = 'answered') as answered,
        count(*) filter (where calls.outcome in ('missed', 'busy', 'no_answer')) as missed,
        count(*) filter (where calls.outcome = 'voicemail') as voicemail,
        count(calls.duration_s) as timed_calls,
        cast(coalesce(sum(calls.duration_s), 0) as decimal(38, 3)) as duration_s
    from {{ ref('int_channel_events') }} as calls
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            calls.event_key = campaigns.event_key
            and calls.occurred_on = campaigns.occurred_on
    where calls.event_type = 'call_ended'
    group by all

)

select
    *,
    {{ ratio('duration_s', 'timed_calls') }} as mean_duration_s
from daily
