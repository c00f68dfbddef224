with attributed as (

    select
        channel,
        model,
        {{ report_date('closed_at') }} as date,
        {{ exact_sum('credit') }} as credit,
        cast(coalesce(sum(revenue), 0) as decimal(18, 2)) as revenue,
        count(distinct deal_id) as deals,
        count(distinct contact_id) as contacts
    from {{ ref('int_deal_credits') }}
    group by all

),

unattributed as (

    select
        'unattributed' as channel,
        model,
        {{ report_date('closed_at') }} as date,
        cast(count(*) as double) as credit,
        cast(coalesce(sum(amount), 0) as decimal(18, 2)) as revenue,
        count(*) as deals,
        cast(0 as bigint) as contacts
    from {{ ref('int_unattributed_deals') }}
    group by all

)

select * from attributed

union all

select * from unattributed
