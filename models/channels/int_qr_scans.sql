with scans as (

    select
        events.event_key,
        events.event_id,
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        events.asset_id,
        events.country,
        events.region,
        events.city,
        events.device_type,
        events.occurred_at,
        events.date
    from {{ ref('int_channel_events') }} as events
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            events.event_key = campaigns.event_key
            and events.occurred_on = campaigns.occurred_on
    where events.event_type = 'qr_code_scanned'

)

select
    scans.*,
    row_number() over (
        partition by scans.campaign_id, scans.asset_id, people.person_key
        order by scans.occurred_at, scans.event_id
    ) = 1 as is_first_of_person
from scans
inner join {{ ref('int_event_people') }} as people
    on scans.event_key = people.event_key
