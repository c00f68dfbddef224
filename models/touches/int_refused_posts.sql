with posts as (

    select
        associations.campaign_id,
        associations.asset_id,
        min(associations.associated_at) as associated_at
    from {{ ref('stg_campaign_assets') }} as associations
    inner join {{ ref('stg_assets') }} as assets
        on associations.asset_id = assets.asset_id
    inner join {{ ref('stg_campaigns') }} as campaigns
        on associations.campaign_id = campaigns.campaign_id
    where assets.asset_type = 'social_post'
    group by associations.campaign_id, associations.asset_id

),

refused as (

    select
        campaign_id,
        asset_id
    from posts
    qualify row_number() over (
        partition by campaign_id
        order by associated_at, asset_id
    ) > {{ var('social_post_limit') }}

)

select * from refused
