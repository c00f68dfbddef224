with last_views as (

    select
        url_key,
        max(occurred_at) as last_viewed_at
    from {{ ref('int_events') }}
    where
        event_type = 'page_viewed'
        and url_key in (select url_key from {{ ref('int_tracking_url_matches') }})
    group by url_key

),

by_url as (

    select
        matching.campaign_id,
        matching.asset_id
    from {{ ref('int_tracking_url_matches') }} as matching
    inner join last_views
        on
            matching.url_key = last_views.url_key
            and matching.created_at <= last_views.last_viewed_at

),

by_name as (

    select
        tracking_urls.campaign_id,
        tracking_urls.asset_id
    from {{ ref('int_campaign_tracking_urls') }} as tracking_urls
    inner join {{ ref('int_asset_measures') }} as measures
        on
            tracking_urls.asset_id = measures.asset_id
            and tracking_urls.created_at <= measures.last_viewed_at

),

visited as (

    select * from by_name
    union
    select * from by_url

)

select * from visited
