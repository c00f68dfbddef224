with associations as (

    select
        associations.campaign_id,
        associations.asset_id,
        associations.associated_at,
        associations.ended_at,
        associations.is_refused,
        associations.asset_type,
        assets.published_at,
        campaigns.start_date,
        campaigns.end_date
    from {{ ref('int_campaign_assets') }} as associations
    inner join {{ ref('int_campaigns') }} as campaigns
        on associations.campaign_id = campaigns.campaign_id
    inner join {{ ref('stg_assets') }} as assets
        on associations.asset_id = assets.asset_id

),

named_paid_searches as (

    select asset_id
    from {{ ref('int_asset_measures') }}
    where
        views > 0
        or ad_interactions > 0

),

visited_tracking_urls as (

    select * from {{ ref('int_visited_tracking_urls') }}

),

judged as (

    select
        associations.campaign_id,
        associations.asset_id,
        associations.associated_at,
        associations.ended_at,
        associations.ended_at is not null as association_ended,
        (
            associations.asset_type = 'paid_search_campaign'
            and named_paid_searches.asset_id is null
        ) as paid_search_not_visited,
        coalesce(
            {{ report_date('associations.published_at') }} < associations.start_date
            or {{ report_date('associations.published_at') }} > associations.end_date,
            false
        ) as published_outside_campaign_dates,
        associations.is_refused as social_post_limit_reached,
        (
            associations.asset_type = 'social_post'
            and associations.published_at is null
        ) as social_post_not_published,
        (
            associations.asset_type = 'tracking_url'
            and visited_tracking_urls.asset_id is null
        ) as tracking_url_not_visited_since_campaign_creation
    from associations
    left join named_paid_searches
        on associations.asset_id = named_paid_searches.asset_id
    left join visited_tracking_urls
        on
            associations.campaign_id = visited_tracking_urls.campaign_id
            and associations.asset_id = visited_tracking_urls.asset_id

),

with_reasons as (

    select
        campaign_id,
        asset_id,
        associated_at,
        ended_at,
        {{ compact_list([
            'association_ended',
            'paid_search_not_visited',
            'published_outside_campaign_dates',
            'social_post_limit_reached',
            'social_post_not_published',
            'tracking_url_not_visited_since_campaign_creation',
        ]) }} as reasons
    from judged

),

with_visibility as (

    select
        campaign_id,
        asset_id,
        associated_at,
        ended_at,
        {{ list_length('reasons') }} = 0 as is_visible,
        reasons
    from with_reasons

)

select * from with_visibility
