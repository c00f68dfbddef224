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

touches as (

    select * from {{ ref('int_contact_touches') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

-- I-1 to I-6, I-8, I-10, I-11
by_asset as (

    select
        touches.campaign_id,
        touches.contact_id,
        rules.rule,
        touches.asset_type,
        touches.asset_id,
        touches.event_key,
        touches.event_id,
        touches.occurred_at
    from touches
    inner join rules
        on
            touches.event_type = rules.event_type
            and touches.asset_type = rules.asset_type
    inner join assets
        on touches.asset_id = assets.asset_id
    where
        touches.touch = 'asset'
        and (
            rules.contains_form is null
            or rules.contains_form = (assets.form_id is not null)
        )

),

-- I-7
by_utm as (

    select
        campaign_id,
        contact_id,
        'I-7' as rule,
        'utm_campaign' as asset_type,
        cast(null as string) as asset_id,
        event_key,
        event_id,
        occurred_at
    from touches
    where touch = 'utm'

),

-- I-9
by_keyword as (

    select
        touches.campaign_id,
        touches.contact_id,
        'I-9' as rule,
        'referral_keyword' as asset_type,
        cast(null as string) as asset_id,
        touches.event_key,
        touches.event_id,
        touches.occurred_at
    from touches
    inner join {{ ref('int_first_page_views') }} as first_views
        on
            touches.event_key = first_views.event_key
            and touches.contact_id = first_views.contact_id
    where touches.touch = 'keyword'

),

cta_views as (

    select
        campaign_id,
        contact_id,
        asset_id,
        min(occurred_at) as first_viewed_at
    from touches
    where event_type = 'cta_viewed'
    group by
        campaign_id,
        contact_id,
        asset_id

),

-- I-12
by_cta_form as (

    select
        touches.campaign_id,
        touches.contact_id,
        'I-12' as rule,
        'cta' as asset_type,
        touches.asset_id,
        touches.event_key,
        touches.event_id,
        touches.occurred_at
    from touches
    inner join cta_views
        on
            touches.campaign_id = cta_views.campaign_id
            and touches.contact_id = cta_views.contact_id
            and touches.asset_id = cta_views.asset_id
            and touches.occurred_at >= cta_views.first_viewed_at
    where touches.touch = 'cta_form'

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
        event_key,
        event_id,
        occurred_at
    from influences

)

select * from numbered
