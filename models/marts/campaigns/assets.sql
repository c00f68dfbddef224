with current_campaigns as (

    select
        asset_id,
        case when count(distinct campaign_id) = 1 then min(campaign_id) end as campaign_id
    from {{ ref('int_live_campaign_assets') }}
    where ended_at is null
    group by asset_id

),

assets as (

    select
        assets.asset_id,
        assets.asset_type,
        assets.name,
        current_campaigns.campaign_id,
        coalesce(measures.views, 0) as views,
        coalesce(measures.submissions, 0) as submissions,
        coalesce(measures.opens, 0) as opens,
        coalesce(measures.clicks, 0) as clicks,
        coalesce(measures.interactions, 0) as interactions,
        coalesce(measures.contacts, 0) as contacts
    from {{ ref('stg_assets') }} as assets
    left join current_campaigns
        on assets.asset_id = current_campaigns.asset_id
    left join {{ ref('int_asset_measures') }} as measures
        on assets.asset_id = measures.asset_id

)

select * from assets
