-- A returned row is a campaign whose total of a measure differs from the sum of another mart that
-- has the measure by date.
with totals as (

    select *
    from {{ ref('campaigns') }}
    unpivot (
        total for measure in (
            sessions, new_contacts_first_touch, new_contacts_last_touch,
            influenced_contacts, closed_deals, influenced_revenue, revenue,
            attributed_revenue, spend
        )
    )

),

expected as (

    select
        {{ each_of("
            case
                when measure = 'sessions'
                    then " ~ text_list(['kpi_daily', 'traffic_performance', 'utm_performance']) ~ "
                when
                    measure in (
                        'new_contacts_first_touch', 'influenced_contacts', 'closed_deals',
                        'influenced_revenue'
                    )
                    then " ~ text_list(['kpi_daily', 'utm_performance']) ~ "
                else " ~ text_list(['kpi_daily']) ~ "
            end
        ") }} as mart,
        campaign_id,
        measure,
        total
    from totals

),

utm_totals as (

    select
        campaign_id,
        cast(sum(sessions) as double) as sessions,
        cast(sum(new_contacts) as double) as new_contacts_first_touch,
        cast(sum(influenced_contacts) as double) as influenced_contacts,
        cast(sum(closed_deals) as double) as closed_deals,
        cast(sum(influenced_revenue) as double) as influenced_revenue
    from {{ ref('utm_performance') }}
    where campaign_id != 'no campaign'
    group by campaign_id

),

daily as (

    select
        'kpi_daily' as mart,
        campaign_id,
        kpi as measure,
        sum(value) as total
    from {{ ref('kpi_daily') }}
    where
        campaign_id != 'all'
        and kpi in (select measure from totals)
    group by campaign_id, kpi

    union all

    select
        'traffic_performance' as mart,
        campaign_id,
        'sessions' as measure,
        sum(sessions) as total
    from {{ ref('traffic_performance') }}
    where campaign_id != 'no campaign'
    group by campaign_id

    union all

    select
        'utm_performance' as mart,
        campaign_id,
        measure,
        total
    from utm_totals
    unpivot (
        total for measure in (
            sessions, new_contacts_first_touch, influenced_contacts, closed_deals,
            influenced_revenue
        )
    )

)

select
    coalesce(expected.mart, daily.mart) as mart,
    coalesce(expected.campaign_id, daily.campaign_id) as campaign_id,
    coalesce(expected.measure, daily.measure) as measure,
    expected.total as in_campaigns,
    daily.total as by_date
from expected
full outer join daily
    on
        expected.mart = daily.mart
        and expected.campaign_id = daily.campaign_id
        and expected.measure = daily.measure
where
    abs(coalesce(expected.total, 0) - coalesce(daily.total, 0))
    > 0.001 + 1e-9 * abs(coalesce(expected.total, 0))
