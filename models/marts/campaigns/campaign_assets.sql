with held as (

    select
        campaign_id,
        asset_id,
        asset_type,
        bool_or(ended_at is null) as is_current
    from {{ ref('int_live_campaign_assets') }}
    group by campaign_id, asset_id, asset_type

),

counted as (

    select
        campaign_id,
        asset_id,
        cast(sum(views) as bigint) as views,
        cast(sum(submissions) as bigint) as submissions,
        cast(sum(opens) as bigint) as opens,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(interactions) as bigint) as interactions
    from {{ ref('int_campaign_asset_days') }}
    group by campaign_id, asset_id

),

influenced as (

    select
        campaign_id,
        asset_id,
        count(*) as influenced_contacts
    from {{ ref('int_influence_pairs') }}
    where asset_id is not null
    group by campaign_id, asset_id

),

history as (

    select * from {{ ref('int_asset_measures') }}

),

campaign_assets as (

    select
        held.campaign_id,
        held.asset_id,
        held.asset_type,
        held.is_current,
        coalesce(counted.views, 0) as views,
        coalesce(counted.submissions, 0) as submissions,
        coalesce(counted.opens, 0) as opens,
        coalesce(counted.clicks, 0) as clicks,
        coalesce(counted.interactions, 0) as interactions,
        coalesce(influenced.influenced_contacts, 0) as influenced_contacts,
        case
            when
                held.is_current and held.asset_type = 'marketing_email'
                then coalesce(history.sent, 0)
        end as travelling_sent,
        case
            when
                held.is_current and held.asset_type = 'marketing_email'
                then coalesce(history.opens, 0)
        end as travelling_opens,
        case
            when held.is_current and held.asset_type in ('marketing_email', 'social_post')
                then coalesce(history.clicks, 0)
        end as travelling_clicks,
        case
            when
                held.is_current and held.asset_type = 'social_post'
                then coalesce(history.interactions, 0)
        end as travelling_interactions
    from held
    left join counted
        on
            held.campaign_id = counted.campaign_id
            and held.asset_id = counted.asset_id
    left join influenced
        on
            held.campaign_id = influenced.campaign_id
            and held.asset_id = influenced.asset_id
    left join history
        on held.asset_id = history.asset_id

)

select * from campaign_assets
