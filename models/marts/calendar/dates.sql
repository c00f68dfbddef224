with told as (

    {% for mart in [
        'campaign_daily', 'campaign_attribution', 'ad_performance', 'affiliate_performance',
        'behavior_daily', 'call_performance', 'conversions', 'email_performance', 'feedback',
        'qr_performance', 'social_performance', 'traffic_performance'
    ] -%}
    select date
    from {{ ref(mart) }}

    union

    {% endfor -%}
    {% for mart, instant in [
        ('campaigns', 'created_at'), ('sessions', 'started_at'), ('deals', 'created_at'),
        ('deals', 'closed_at')
    ] -%}
    select {{ report_date(instant) }} as date
    from {{ ref(mart) }}
    {%- if not loop.last %}

    union

    {% endif -%}
    {%- endfor %}

),

followed as (

    select
        date,
        lead(date) over (order by date) as next_date
    from told
    where date is not null

)

-- A date that is far off (mistyped, most often) has no row for every day until then.
select
    {{ each_date(
        'date', 'case when next_date - date <= 366 then next_date - 1 else date end'
    ) }} as date
from followed
