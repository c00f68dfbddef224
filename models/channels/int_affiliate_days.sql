-- A row of `all` campaigns beside those of each: what counts for several stands there once.
with clicks as (

    select
        event_key,
        occurred_on,
        asset_id,
        date
    from {{ ref('int_channel_events') }}
    where event_type = 'affiliate_link_clicked'

),

counted as (

    select
        event_key,
        occurred_on,
        asset_id,
        date,
        1 as clicks,
        0 as conversions
    from clicks

    union all

    select
        clicks.event_key,
        clicks.occurred_on,
        clicks.asset_id,
        conversions.date,
        0 as clicks,
        1 as conversions
    from {{ ref('int_click_conversions') }} as conversions
    inner join clicks
        on conversions.click_key = clicks.event_key

),

measures as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        counted.asset_id,
        counted.date,
        counted.clicks,
        counted.conversions,
        cast(0 as decimal(18, 2)) as revenue
    from counted
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            counted.event_key = campaigns.event_key
            and counted.occurred_on = campaigns.occurred_on

    union all

    select
        'all' as campaign_id,
        asset_id,
        date,
        clicks,
        conversions,
        0 as revenue
    from counted

    union all

    select
        {{ each_of(list_with(['credits.campaign_id', "'all'"])) }} as campaign_id,
        clicks.asset_id,
        {{ report_date('credits.closed_at') }} as date,
        0 as clicks,
        0 as conversions,
        credits.revenue
    from {{ ref('int_deal_credits') }} as credits
    inner join clicks
        on credits.event_key = clicks.event_key
    where credits.model = '{{ var("default_attribution_model") }}'

),

days as (

    select
        campaign_id,
        asset_id,
        date,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions) as bigint) as conversions,
        cast(coalesce(sum(revenue), 0) as decimal(18, 2)) as revenue
    from measures
    group by campaign_id, asset_id, date

),

terms as (

    select
        days.*,
        affiliates.partner,
        affiliates.commission_fixed as fixed_original,
        coalesce(affiliates.currency, '{{ var("company_currency") }}') as currency,
        coalesce({{ double_as_decimal('affiliates.commission_rate', 18, 6) }}, 0) as commission_rate
    from days
    left join {{ ref('stg_affiliates') }} as affiliates
        on days.asset_id = affiliates.asset_id

),

valued as (

    select
        terms.*,
        {{ company_amount('terms.fixed_original', 'terms.currency', 'exchange_days.rate') }}
            as commission_fixed
    from terms
    left join {{ ref('int_exchange_days') }} as exchange_days
        on
            terms.currency = exchange_days.currency
            and terms.date = exchange_days.date

)

select
    campaign_id,
    asset_id,
    partner,
    date,
    clicks,
    conversions,
    revenue,
    cast(
        round(
            coalesce(commission_fixed, 0) * cast(conversions as decimal(9, 0))
            + commission_rate * cast(revenue as decimal(18, 2)),
            2
        ) as decimal(18, 2)
    ) as commission,
    conversions > 0
    and fixed_original is not null
    and commission_fixed is null as lacks_rate
from valued
