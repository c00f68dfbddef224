-- A returned row is a campaign whose totals differ from a count of the rows that they are made of:
-- a join multiplied or lost some on the way.
with detail as (

    select
        campaign_id,
        'sessions' as measure,
        count(*) as total
    from {{ ref('campaign_sessions') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'new_contacts_first_touch' as measure,
        count(*) as total
    from {{ ref('int_first_touches') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'new_contacts_last_touch' as measure,
        count(*) as total
    from {{ ref('int_last_touches') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'influenced_contacts' as measure,
        count(distinct contact_id) as total
    from {{ ref('int_influences') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'unique_marketing_influences' as measure,
        count(*) as total
    from (
        select distinct
            campaign_id,
            contact_id,
            asset_type,
            asset_id
        from {{ ref('int_influences') }}
    ) as pairs
    group by campaign_id

    union all

    select
        campaign_id,
        'closed_deals' as measure,
        count(*) as total
    from {{ ref('campaign_deals') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'influenced_revenue' as measure,
        coalesce(sum(amount), 0) as total
    from {{ ref('campaign_deals') }}
    group by campaign_id

    union all

    select
        campaign_id,
        'revenue' as measure,
        coalesce(sum(revenue), 0) as total
    from {{ ref('campaign_revenue') }}
    where campaign_id != 'no campaign'
    group by campaign_id

),

totals as (

    select *
    from {{ ref('campaigns') }}
    unpivot (
        total for measure in (
            sessions, new_contacts_first_touch, new_contacts_last_touch,
            influenced_contacts, unique_marketing_influences, closed_deals,
            influenced_revenue, revenue
        )
    )

)

select
    coalesce(totals.campaign_id, detail.campaign_id) as campaign_id,
    coalesce(totals.measure, detail.measure) as measure
from totals
full outer join detail
    on
        totals.campaign_id = detail.campaign_id
        and totals.measure = detail.measure
where coalesce(totals.total, 0) != coalesce(detail.total, 0)
