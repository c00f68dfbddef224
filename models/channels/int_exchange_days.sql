with asked as (

    select
        currency,
        spent_on as date
    from {{ ref('stg_campaign_spend') }}

    union

    select
        currency,
        stat_date as date
    from {{ ref('stg_ad_stats') }}

    union

    select
        affiliates.currency,
        conversions.date
    from {{ ref('int_click_conversions') }} as conversions
    inner join {{ ref('int_channel_events') }} as clicks
        on conversions.click_key = clicks.event_key
    inner join {{ ref('stg_affiliates') }} as affiliates
        on clicks.asset_id = affiliates.asset_id

    union

    select
        currency,
        date
    from {{ ref('int_channel_events') }}
    where
        value is not null
        and event_type in ('pixel_fired', 'purchase_completed')

),

days as (

    select distinct
        coalesce(currency, '{{ var("company_currency") }}') as currency,
        date
    from asked

)

select
    days.currency,
    days.date,
    max_by(rates.rate, rates.valid_from) as rate
from days
left join {{ ref('stg_exchange_rates') }} as rates
    on
        days.currency = rates.currency
        and days.date >= rates.valid_from
group by days.currency, days.date
