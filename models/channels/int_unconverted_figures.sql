with links_without_a_rate as (

    select asset_id
    from {{ ref('int_affiliate_days') }}
    where lacks_rate

),

spend as (

    select
        'campaign_spend' as table_name,
        spend.spend_id as key,
        'no rate of '
        || spend.currency
        || ' on or before the date; the amount is left out' as detail,
        spend._load_id as first_load_id
    from {{ ref('stg_campaign_spend') }} as spend
    inner join {{ ref('int_campaign_spend') }} as converted
        on spend.spend_id = converted.spend_id
    where converted.amount is null

),

ads as (

    select
        'ad_stats' as table_name,
        stats.currency as key,
        count(*)
        || ' costs in a currency without a rate on or before their dates; they are left out'
            as detail,
        min(stats._load_id) as first_load_id
    from {{ ref('stg_ad_stats') }} as stats
    inner join {{ ref('int_ad_costs') }} as converted
        on
            stats.asset_id = converted.asset_id
            and stats.network = converted.network
            and stats.placement is not distinct from converted.placement
            and stats.stat_date = converted.date
    where
        converted.cost is null
        and converted.cost_original is not null
    group by stats.currency

),

commissions as (

    select
        'affiliates' as table_name,
        affiliates.asset_id as key,
        'no rate of '
        || affiliates.currency
        || ' on or before the date of a conversion; its fixed commission is left out' as detail,
        affiliates._load_id as first_load_id
    from {{ ref('stg_affiliates') }} as affiliates
    where affiliates.asset_id in (select asset_id from links_without_a_rate)

),

event_values as (

    select
        'events' as table_name,
        events.currency as key,
        count(*)
        || ' values in a currency without a rate on or before their dates; they are left out'
            as detail,
        min(staged._load_id) as first_load_id
    from {{ ref('int_channel_events') }} as events
    inner join {{ ref('int_exchange_days') }} as days
        on
            events.currency = days.currency
            and events.date = days.date
    inner join {{ ref('stg_events') }} as staged
        on
            events.event_key = staged.event_key
            and events.occurred_on = staged.occurred_on
    where
        events.event_type in ('pixel_fired', 'purchase_completed')
        and events.value is not null
        and {{ company_amount('events.value', 'days.currency', 'days.rate') }} is null
    group by events.currency

)

select * from spend

union all

select * from ads

union all

select * from commissions

union all

select * from event_values
