with spans as (

    select
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('campaign_daily') }}

    union all

    select
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('campaign_attribution') }}

    union all

    select
        {{ report_date('min(created_at)') }} as first_date,
        {{ report_date('max(created_at)') }} as last_date
    from {{ ref('campaigns') }}

    union all

    select
        {{ report_date('min(started_at)') }} as first_date,
        {{ report_date('max(started_at)') }} as last_date
    from {{ ref('sessions') }}

    union all

    select
        {{ report_date('min(created_at)') }} as first_date,
        {{ report_date('max(created_at)') }} as last_date
    from {{ ref('deals') }}

    union all

    select
        {{ report_date('min(closed_at)') }} as first_date,
        {{ report_date('max(closed_at)') }} as last_date
    from {{ ref('deals') }}

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
