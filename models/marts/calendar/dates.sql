with told as (

    {% for mart in [
        'campaign_daily', 'campaign_attribution', 'channel_attribution', 'ad_performance',
        'affiliate_performance', 'behavior_daily', 'call_performance', 'conversions',
        'email_performance', 'feedback', 'kpi_daily', 'page_heatmap', 'qr_performance',
        'session_replays', 'social_performance', 'traffic_performance', 'utm_performance'
    ] -%}
    select date
    from {{ ref(mart) }}

    union

    {% endfor -%}
    select month as date
    from {{ ref('search_rankings') }}

    union

    -- Of the instants of one UTC date, the first and the last have the dates of all.
    {% for mart, instant in [
        ('campaigns', 'created_at'), ('sessions', 'started_at'), ('deals', 'created_at'),
        ('deals', 'closed_at'), ('contact_timeline', 'occurred_at'),
        ('retargeting_audience', 'first_interest_at'),
        ('retargeting_audience', 'last_interest_at')
    ] -%}
    {% set is_last = loop.last -%}
    {% for bound in ['min', 'max'] -%}
    select {{ report_date(bound ~ '(' ~ instant ~ ')') }} as date
    from {{ ref(mart) }}
    group by cast({{ instant }} as date)
    {%- if not (is_last and loop.last) %}

    union

    {% endif -%}
    {%- endfor -%}
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
        'date',
        'case when ' ~ days_between('date', 'next_date') ~ ' <= 366'
        ~ ' then next_date - 1 else date end'
    ) }} as date
from followed
