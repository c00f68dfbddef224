{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

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
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    where contact_id is not null

),

keyword_visits as (

    select * from {{ ref('int_keyword_visits') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

cta_form_submissions as (

    select * from {{ ref('int_cta_form_submissions') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

-- I-1 to I-6, I-8, I-10, I-11
by_asset as (

    select
        interactions.campaign_id,
        interactions.contact_id,
        rules.rule,
        interactions.asset_type,
        interactions.asset_id,
        interactions.event_key,
        interactions.occurred_at,
        interactions.occurred_on
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
        event_key,
        occurred_at,
        occurred_on
    from {{ ref('int_utm_visits') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
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
        visits.event_key,
        visits.occurred_at,
        visits.occurred_on
    from keyword_visits as visits
    inner join {{ ref('int_first_page_views') }} as first_views
        on
            visits.event_key = first_views.event_key
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
        submissions.event_key,
        submissions.occurred_at,
        submissions.occurred_on
    from cta_form_submissions as submissions
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
        influences.campaign_id,
        influences.contact_id,
        influences.rule,
        cast(split_part(influences.rule, '-', 2) as integer) as rule_number,
        influences.asset_type,
        influences.asset_id,
        influences.event_key,
        events.event_id,
        influences.occurred_at
    from influences
    inner join {{ ref('int_contact_events') }} as events
        on
            influences.event_key = events.event_key
            and influences.occurred_on = events.occurred_on

)

select * from numbered
