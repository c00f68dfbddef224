-- A returned row is an email of which a measure is not the number of its events: what names an
-- asset of one campaign at a time counts for one campaign, or for none, and so stands once.
with workflows as (

    select asset_id
    from {{ ref('stg_assets') }}
    where asset_type = 'workflow'

),

events as (

    select
        events.asset_id,
        case
            when events.event_type = 'email_sent' then 'sent'
            when events.event_type = 'email_delivered' then 'delivered'
            when events.event_type = 'email_bounced' then 'bounced'
            when events.event_type = 'email_opened' then 'opened'
            when events.event_type = 'email_clicked' then 'clicked'
            when events.event_type = 'email_reported_spam' then 'spam'
            when events.event_type = 'email_forwarded' then 'forwarded'
            when
                events.event_type = 'email_subscription_updated'
                and {{ lower_text(json_text('staged.properties', 'status')) }} = 'unsubscribed'
                then 'unsubscribed'
        end as measure
    from {{ ref('int_events') }} as events
    inner join {{ ref('stg_events') }} as staged
        on
            events.event_key = staged.event_key
            and events.occurred_on = staged.occurred_on
    where
        events.asset_id is not null
        and events.asset_id not in (select asset_id from workflows)

),

happened as (

    select
        asset_id,
        measure,
        count(*) as events
    from events
    where measure is not null
    group by asset_id, measure

),

measures as (

    select *
    from {{ ref('email_performance') }}
    unpivot (
        events for measure in (
            sent, delivered, bounced, opened, clicked, spam, forwarded, unsubscribed
        )
    )

),

counted as (

    select
        asset_id,
        measure,
        sum(events) as events
    from measures
    where
        asset_id is not null
        and asset_id not in (select asset_id from workflows)
    group by asset_id, measure

)

select
    coalesce(happened.asset_id, counted.asset_id) as asset_id,
    coalesce(happened.measure, counted.measure) as measure
from happened
full outer join counted
    on
        happened.asset_id = counted.asset_id
        and happened.measure = counted.measure
where coalesce(happened.events, 0) != coalesce(counted.events, 0)
