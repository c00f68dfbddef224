with campaigns as (

    select
        events.event_key,
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id
    from {{ ref('int_channel_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.area = 'app'
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            events.event_key = campaigns.event_key
            and events.occurred_on = campaigns.occurred_on

),

done as (

    select
        campaigns.campaign_id,
        events.date,
        count(*) filter (where events.event_type = 'account_registered') as sign_ups,
        count(*) filter (where events.event_type = 'purchase_completed') as purchases,
        sum(
            case
                when events.event_type = 'purchase_completed'
                    then {{ company_amount('events.value', 'days.currency', 'days.rate') }}
            end
        ) as purchase_value,
        count(*) filter (where events.event_type = 'subscription_started') as subscriptions
    from {{ ref('int_channel_events') }} as events
    inner join campaigns
        on events.event_key = campaigns.event_key
    left join {{ ref('int_exchange_days') }} as days
        on
            events.currency = days.currency
            and events.date = days.date
    where
        events.event_type in ('account_registered', 'purchase_completed', 'subscription_started')
    group by campaigns.campaign_id, events.date

),

carts as (

    select
        campaigns.campaign_id,
        carts.date,
        count(*) as carts,
        count(*) filter (where carts.is_abandoned) as carts_abandoned
    from {{ ref('int_carts') }} as carts
    inner join campaigns
        on carts.event_key = campaigns.event_key
    group by campaigns.campaign_id, carts.date

),

uses as (

    select
        campaigns.campaign_id,
        uses.date,
        uses.person_key,
        sum(cast(uses.use_microseconds as {{ wide_integer() }})) as use_microseconds
    from {{ ref('int_app_uses') }} as uses
    inner join campaigns
        on uses.event_key = campaigns.event_key
    group by campaigns.campaign_id, uses.date, uses.person_key

),

-- A person is active from a day of use on, until the window has passed or the person comes again.
active_days as (

    select
        campaign_id,
        date,
        person_key,
        lead(date) over (partition by campaign_id, person_key order by date) as next_date
    from uses

),

comings as (

    select
        campaign_id,
        date,
        1 as weekly,
        1 as monthly
    from active_days

    union all

    select
        campaign_id,
        least(date + 7, next_date) as date,
        -1 as weekly,
        0 as monthly
    from active_days

    union all

    select
        campaign_id,
        least(date + 30, next_date) as date,
        0 as weekly,
        -1 as monthly
    from active_days

),

days as (

    select
        campaign_id,
        date
    from done

    union

    select
        campaign_id,
        date
    from carts

    union

    select
        campaign_id,
        date
    from uses

),

changes as (

    select
        campaign_id,
        date,
        weekly,
        monthly
    from comings

    union all

    select
        campaign_id,
        date,
        0 as weekly,
        0 as monthly
    from days

),

active as (

    select
        campaign_id,
        date,
        sum(sum(weekly)) over campaign as weekly_active,
        sum(sum(monthly)) over campaign as monthly_active
    from changes
    group by campaign_id, date
    window campaign as (partition by campaign_id order by date)

),

used as (

    select
        campaign_id,
        date,
        sum(use_microseconds) as use_microseconds,
        count(*) as daily_active
    from uses
    group by campaign_id, date

),

daily as (

    select
        days.campaign_id,
        days.date,
        coalesce(done.sign_ups, 0) as sign_ups,
        coalesce(done.purchases, 0) as purchases,
        cast(coalesce(done.purchase_value, 0) as decimal(18, 2)) as purchase_value,
        coalesce(done.subscriptions, 0) as subscriptions,
        coalesce(carts.carts, 0) as carts,
        coalesce(carts.carts_abandoned, 0) as carts_abandoned,
        cast(coalesce(used.use_microseconds, 0) as double) / 1000000 as use_seconds,
        coalesce(used.daily_active, 0) as daily_active,
        cast(active.weekly_active as bigint) as weekly_active,
        cast(active.monthly_active as bigint) as monthly_active
    from days
    inner join active
        on
            days.campaign_id = active.campaign_id
            and days.date = active.date
    left join done
        on
            days.campaign_id = done.campaign_id
            and days.date = done.date
    left join carts
        on
            days.campaign_id = carts.campaign_id
            and days.date = carts.date
    left join used
        on
            days.campaign_id = used.campaign_id
            and days.date = used.date

)

select
    *,
    {{ ratio('carts_abandoned', 'carts') }} as abandonment_rate,
    {{ ratio('daily_active', 'monthly_active') }} as stickiness
from daily
