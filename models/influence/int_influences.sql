with rules as (

    select * from {{ ref('influence_rules') }}

),

assets as (

    select
        asset_id,
        form_id
    from {{ ref('stg_assets') }}

),

interactions as (

    select * from {{ ref('int_asset_interactions') }}
    where contact_id is not null

),

-- I-1 to I-6, I-8, I-10, I-11
by_asset as (

    select
        interactions.campaign_id,
        interactions.contact_id,
        rules.rule,
        interactions.asset_type,
        interactions.asset_id,
        interactions.event_id,
        interactions.occurred_at
    from interactions
    inner join rules
        on
            interactions.event_type = rules.event_type
            and interactions.asset_type = rules.asset_type
    inner join assets
        on interactions.asset_id = assets.asset_id
    where
        rules.contains_form is null
        or rules.contains_form = (assets.form_id is not null)

),

-- I-7
by_utm as (

    select
        campaign_id,
        contact_id,
        'I-7' as rule,
        'utm_campaign' as asset_type,
        cast(null as varchar) as asset_id,
        event_id,
        occurred_at
    from {{ ref('int_utm_visits') }}
    where contact_id is not null

),

-- I-9
by_keyword as (

    select
        visits.campaign_id,
        visits.contact_id,
        'I-9' as rule,
        'referral_keyword' as asset_type,
        cast(null as varchar) as asset_id,
        visits.event_id,
        visits.occurred_at
    from {{ ref('int_keyword_visits') }} as visits
    inner join {{ ref('int_first_page_views') }} as first_views
        on
            visits.event_id = first_views.event_id
            and visits.contact_id = first_views.contact_id

),

cta_views as (

    select
        campaign_id,
        contact_id,
        asset_id,
        min(occurred_at) as first_viewed_at
    from interactions
    where event_type = 'cta_viewed'
    group by
        campaign_id,
        contact_id,
        asset_id

),

-- I-12
by_cta_form as (

    select
        submissions.campaign_id,
        submissions.contact_id,
        'I-12' as rule,
        'cta' as asset_type,
        submissions.asset_id,
        submissions.event_id,
        submissions.occurred_at
    from {{ ref('int_cta_form_submissions') }} as submissions
    inner join cta_views
        on
            submissions.campaign_id = cta_views.campaign_id
            and submissions.contact_id = cta_views.contact_id
            and submissions.asset_id = cta_views.asset_id
            and submissions.occurred_at >= cta_views.first_viewed_at

),

influences as (

    select * from by_asset
    union all
    select * from by_utm
    union all
    select * from by_keyword
    union all
    select * from by_cta_form

),

numbered as (

    select
        campaign_id,
        contact_id,
        rule,
        cast(split_part(rule, '-', 2) as integer) as rule_number,
        asset_type,
        asset_id,
        event_id,
        occurred_at
    from influences

)

select * from numbered
