with spans as (

    {% for mart in [
        'campaign_daily', 'campaign_attribution', 'ad_performance', 'affiliate_performance',
        'behavior_daily', 'call_performance', 'conversions', 'email_performance', 'feedback',
        'qr_performance', 'social_performance', 'traffic_performance'
    ] -%}
    select
        min(date) as first_date,
        max(date) as last_date
    from {{ ref(mart) }}

    union all

    {% endfor -%}
    {% for mart, instant in [
        ('campaigns', 'created_at'), ('sessions', 'started_at'), ('deals', 'created_at'),
        ('deals', 'closed_at')
    ] -%}
    select
        {{ report_date('min(' ~ instant ~ ')') }} as first_date,
        {{ report_date('max(' ~ instant ~ ')') }} as last_date
    from {{ ref(mart) }}
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

),

ends as (

    select
        min(first_date) as first_date,
        max(last_date) as last_date
    from spans

),

dates as (

    select {{ each_date('first_date', 'last_date') }} as date
    from ends

)

select * from dates
