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

form_cta_views as (

    select
        interactions.campaign_id,
        interactions.contact_id,
        interactions.asset_id,
        assets.form_id,
        min(interactions.occurred_at) as first_viewed_at
    from interactions
    inner join assets
        on interactions.asset_id = assets.asset_id
    where
        interactions.event_type = 'cta_viewed'
        and interactions.asset_type = 'cta'
        and assets.form_id is not null
    group by
        interactions.campaign_id,
        interactions.contact_id,
        interactions.asset_id,
        assets.form_id

),

-- I-12
by_cta_form as (

    select
        form_cta_views.campaign_id,
        form_cta_views.contact_id,
        'I-12' as rule,
        'cta' as asset_type,
        form_cta_views.asset_id,
        submissions.event_id,
        submissions.occurred_at
    from form_cta_views
    inner join {{ ref('int_events') }} as submissions
        on
            form_cta_views.contact_id = submissions.contact_id
            and form_cta_views.form_id = submissions.asset_id
            and submissions.event_type = 'form_submitted'
            and submissions.occurred_at >= form_cta_views.first_viewed_at
    inner join {{ ref('int_live_campaign_assets') }} as intervals
        on
            form_cta_views.campaign_id = intervals.campaign_id
            and form_cta_views.asset_id = intervals.asset_id
            and submissions.occurred_at >= intervals.associated_at
            and (intervals.ended_at is null or submissions.occurred_at < intervals.ended_at)

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
