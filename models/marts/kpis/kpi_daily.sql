{%- set sums = [
    'sessions', 'new_contacts_first_touch', 'new_contacts_last_touch', 'influenced_contacts',
    'closed_deals', 'influenced_revenue', 'revenue', 'attributed_revenue', 'impressions', 'clicks',
    'spend'
] -%}
{%- set ratios = ['ctr', 'cpc', 'conversion_rate', 'search_rank', 'cac', 'roi', 'roas'] -%}
{%- set of_both = [
    'impressions', 'ad_clicks', 'social_clicks', 'visitors', 'converting_visitors', 'ranks', 'rank_sum'
] -%}
{%- set of_campaigns = [
    'sessions', 'new_contacts_first_touch', 'new_contacts_last_touch', 'influenced_contacts',
    'closed_deals', 'influenced_revenue', 'revenue', 'attributed_revenue', 'spend', 'ad_cost',
    'customers'
] -%}

with daily as (

    {% for part in of_campaigns -%}
    select
        campaign_id,
        date,
        '{{ part }}' as part,
        cast({{ part }} as decimal(38, 4)) as number
    from {{ ref('campaign_daily') }}

    union all

    {% endfor -%}
    select
        campaign_id,
        date,
        part,
        number
    from {{ ref('int_kpi_parts') }}

),

telling as (

    select distinct
        campaign_id,
        date
    from daily
    where number != 0

),

followed as (

    select
        campaign_id,
        date,
        lead(date) over (partition by campaign_id order by date) as next_date
    from telling

),

-- A date that is far off (mistyped, most often) has no row for every day until then.
days as (

    select
        campaign_id,
        {{ each_date(
            'date',
            'case when ' ~ days_between('date', 'next_date') ~ ' <= 366'
            ~ ' then next_date - 1 else date end'
        ) }} as date
    from followed

),

summed as (

    select
        days.campaign_id,
        days.date,
        {{ sums_by_name('daily.number', 'daily.part', of_campaigns + of_both) }}
    from days
    left join daily
        on
            days.campaign_id = daily.campaign_id
            and days.date = daily.date
    group by days.campaign_id, days.date

),

measured as (

    select
        *,
        ad_clicks + social_clicks as clicks,
        {{ ratio('ad_clicks + social_clicks', 'impressions') }} as ctr,
        {{ unit_amount('cast(ad_cost as decimal(18, 2))', 'ad_clicks') }} as cpc,
        {{ ratio('converting_visitors', 'visitors') }} as conversion_rate,
        {{ ratio('rank_sum', 'ranks') }} as search_rank,
        {{ unit_amount('cast(spend as decimal(18, 2))', 'customers') }} as cac,
        {{ ratio('revenue - spend', 'spend') }} as roi,
        {{ ratio('revenue', 'ad_cost') }} as roas
    from summed

),

kpis as (

    {% for kpi in sums + ratios -%}
    select
        campaign_id,
        date,
        '{{ kpi }}' as kpi,
        cast({{ kpi }} as double) as value
    from measured
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

),

-- Of the targets whose period holds a date the one that began last counts.
targets as (

    select
        targets.campaign_id,
        targets.kpi,
        days.date,
        max_by(targets.target, targets.period_start) as target
    from {{ ref('stg_kpi_targets') }} as targets
    inner join days
        on
            targets.campaign_id = days.campaign_id
            and days.date between targets.period_start and targets.period_end
    group by targets.campaign_id, targets.kpi, days.date

)

select
    kpis.campaign_id,
    kpis.date,
    kpis.kpi,
    kpis.value,
    targets.target,
    case when names.is_ratio then previous.value else coalesce(previous.value, 0) end
        as previous_value
from kpis
inner join {{ ref('kpis') }} as names
    on kpis.kpi = names.kpi
left join kpis as previous
    on
        kpis.campaign_id = previous.campaign_id
        and kpis.kpi = previous.kpi
        and kpis.date = previous.date + 7
left join targets
    on
        kpis.campaign_id = targets.campaign_id
        and kpis.kpi = targets.kpi
        and kpis.date = targets.date
