with counted as (

    select
        event_key,
        occurred_on,
        asset_id,
        device_type,
        mail_client,
        country,
        date,
        case
            when event_type != 'email_subscription_updated' then event_type
            when {{ lower_text('status') }} = 'unsubscribed' then 'unsubscribed'
        end as measure
    from {{ ref('int_channel_events') }}
    where
        event_type in (
            'email_sent', 'email_delivered', 'email_bounced', 'email_opened', 'email_clicked',
            'email_reported_spam', 'email_subscription_updated', 'email_forwarded'
        )

    union all

    select
        clicks.event_key,
        clicks.occurred_on,
        clicks.asset_id,
        clicks.device_type,
        clicks.mail_client,
        clicks.country,
        conversions.date,
        'conversion' as measure
    from {{ ref('int_click_conversions') }} as conversions
    inner join {{ ref('int_channel_events') }} as clicks
        on conversions.click_key = clicks.event_key
    where clicks.event_type = 'email_clicked'

),

daily as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        counted.asset_id,
        counted.device_type,
        counted.mail_client,
        counted.country,
        counted.date,
        count(*) filter (where counted.measure = 'email_sent') as sent,
        count(*) filter (where counted.measure = 'email_delivered') as delivered,
        count(*) filter (where counted.measure = 'email_bounced') as bounced,
        count(*) filter (where counted.measure = 'email_opened') as opened,
        count(*) filter (where counted.measure = 'email_clicked') as clicked,
        count(*) filter (where counted.measure = 'email_reported_spam') as spam,
        count(*) filter (where counted.measure = 'unsubscribed') as unsubscribed,
        count(*) filter (where counted.measure = 'email_forwarded') as forwarded,
        count(*) filter (where counted.measure = 'conversion') as conversions
    from counted
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            counted.event_key = campaigns.event_key
            and counted.occurred_on = campaigns.occurred_on
    where counted.measure is not null
    group by all

)

select
    *,
    {{ ratio('opened', 'delivered') }} as open_rate,
    {{ ratio('clicked', 'delivered') }} as click_rate,
    {{ ratio('clicked', 'opened') }} as click_through_rate,
    {{ ratio('conversions', 'clicked') }} as conversion_rate
from daily
