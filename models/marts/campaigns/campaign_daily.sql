with measures as (

    select
        campaign_id,
        {{ report_date('started_at') }} as date,
        'sessions' as measure,
        count(*) as number,
        cast(0 as decimal(18, 2)) as money
    from {{ ref('campaign_sessions') }}
    group by all

    union all

    select
        touches.campaign_id,
        {{ report_date('contacts.created_at') }} as date,
        'new_contacts_first_touch' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_first_touches') }} as touches
    inner join {{ ref('int_contacts') }} as contacts
        on touches.contact_id = contacts.contact_id
    group by all

    union all

    select
        touches.campaign_id,
        {{ report_date('contacts.created_at') }} as date,
        'new_contacts_last_touch' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_last_touches') }} as touches
    inner join {{ ref('int_contacts') }} as contacts
        on touches.contact_id = contacts.contact_id
    group by all

    union all

    select
        campaign_id,
        {{ report_date('first_influenced_at') }} as date,
        'influenced_contacts' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_influenced_contacts') }}
    group by all

    union all

    select
        campaign_id,
        {{ report_date('first_influenced_at') }} as date,
        'unique_marketing_influences' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_influence_pairs') }}
    group by all

    union all

    select
        campaign_id,
        {{ report_date('closed_at') }} as date,
        'closed_deals' as measure,
        count(*) as number,
        coalesce(sum(amount), 0) as money
    from {{ ref('int_closed_campaign_deals') }}
    group by all

    union all

    select
        campaign_id,
        {{ report_date('first_closed_at') }} as date,
        'contacts_with_revenue' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_contacts_with_revenue') }}
    group by all

    union all

    select
        campaign_id,
        {{ report_date('closed_at') }} as date,
        'revenue' as measure,
        0 as number,
        coalesce(sum(revenue), 0) as money
    from {{ ref('campaign_revenue') }}
    where campaign_id in (select campaign_id from {{ ref('int_campaigns') }})
    group by all

    union all

    select
        campaign_id,
        {{ report_date('first_closed_at') }} as date,
        'contacts_with_attributed_revenue' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_contacts_with_attributed_revenue') }}
    group by all

    union all

    select
        campaign_id,
        date,
        'attributed_revenue' as measure,
        0 as number,
        revenue as money
    from {{ ref('campaign_attribution') }}
    where
        model = '{{ var("default_attribution_model") }}'
        and campaign_id in (select campaign_id from {{ ref('int_campaigns') }})

    union all

    select
        campaign_id,
        date,
        'spend' as measure,
        0 as number,
        amount as money
    from {{ ref('int_campaign_spend') }}
    where campaign_id != 'no campaign'

    union all

    select
        campaign_id,
        date,
        'ad_cost' as measure,
        0 as number,
        cost as money
    from {{ ref('int_ad_costs') }}
    where campaign_id != 'no campaign'

    union all

    select
        campaign_id,
        date,
        'commission' as measure,
        0 as number,
        commission as money
    from {{ ref('int_affiliate_days') }}
    where campaign_id not in ('all', 'no campaign')

    union all

    select
        campaign_id,
        {{ report_date('closed_at') }} as date,
        'customers' as measure,
        count(*) as number,
        0 as money
    from {{ ref('int_customers') }}
    where campaign_id != 'all'
    group by all

),

daily as (

    select
        campaign_id,
        date,
        cast(coalesce(sum(number) filter (where measure = 'sessions'), 0) as bigint)
            as sessions,
        cast(coalesce(sum(number) filter (where measure = 'new_contacts_first_touch'), 0) as bigint)
            as new_contacts_first_touch,
        cast(coalesce(sum(number) filter (where measure = 'new_contacts_last_touch'), 0) as bigint)
            as new_contacts_last_touch,
        cast(coalesce(sum(number) filter (where measure = 'influenced_contacts'), 0) as bigint)
            as influenced_contacts,
        cast(
            coalesce(
                sum(number) filter (where measure = 'unique_marketing_influences'), 0
            ) as bigint
        )
            as unique_marketing_influences,
        cast(coalesce(sum(number) filter (where measure = 'closed_deals'), 0) as bigint)
            as closed_deals,
        cast(coalesce(sum(money) filter (where measure = 'closed_deals'), 0) as decimal(18, 2))
            as influenced_revenue,
        cast(coalesce(sum(number) filter (where measure = 'contacts_with_revenue'), 0) as bigint)
            as contacts_with_revenue,
        cast(coalesce(sum(money) filter (where measure = 'revenue'), 0) as decimal(18, 2))
            as revenue,
        cast(
            coalesce(
                sum(number) filter (where measure = 'contacts_with_attributed_revenue'), 0
            ) as bigint
        )
            as contacts_with_attributed_revenue,
        cast(
            coalesce(sum(money) filter (where measure = 'attributed_revenue'), 0) as decimal(18, 2)
        )
            as attributed_revenue,
        cast(
            coalesce(
                sum(money) filter (where measure in ('spend', 'ad_cost', 'commission')), 0
            ) as decimal(18, 2)
        )
            as spend,
        cast(coalesce(sum(money) filter (where measure = 'ad_cost'), 0) as decimal(18, 2))
            as ad_cost,
        cast(coalesce(sum(number) filter (where measure = 'customers'), 0) as bigint)
            as customers,
        sum(number) as something_counted
    from measures
    group by campaign_id, date

),

with_something_to_say as (

    select
        campaign_id,
        date,
        sessions,
        new_contacts_first_touch,
        new_contacts_last_touch,
        influenced_contacts,
        unique_marketing_influences,
        closed_deals,
        influenced_revenue,
        contacts_with_revenue,
        revenue,
        contacts_with_attributed_revenue,
        attributed_revenue,
        spend,
        ad_cost,
        customers,
        {{ ratio('revenue - spend', 'spend') }} as roi,
        {{ unit_amount('spend', 'customers') }} as cac
    from daily
    where
        something_counted > 0
        or revenue != 0
        or attributed_revenue != 0
        or spend != 0
        or ad_cost != 0

)

select * from with_something_to_say
