with tracking_assets as (

    select
        assets.asset_id,
        assets.url_key,
        urls.page_address,
        campaigns.campaign_id,
        campaigns.created_at
    from {{ ref('stg_assets') }} as assets
    inner join {{ ref('int_campaign_assets') }} as associations
        on assets.asset_id = associations.asset_id
    inner join {{ ref('int_campaigns') }} as campaigns
        on associations.campaign_id = campaigns.campaign_id
    left join {{ ref('stg_urls') }} as urls
        on assets.url_key = urls.url_key
    where assets.asset_type = 'tracking_url'

),

utm_values as (

    select
        url_key,
        name,
        value
    from {{ ref('stg_url_parameters') }}
    where name like 'utm\_%' escape '\'

),

views as (

    select
        occurred_at,
        url_key
    from {{ ref('int_events') }}
    where
        event_type = 'page_viewed'
        and url_key in (
            select urls.url_key
            from {{ ref('stg_urls') }} as urls
            where urls.page_address in (select page_address from tracking_assets)
        )

),

by_name as (

    select
        tracking_assets.campaign_id,
        tracking_assets.asset_id
    from tracking_assets
    inner join {{ ref('int_asset_measures') }} as measures
        on
            tracking_assets.asset_id = measures.asset_id
            and tracking_assets.created_at <= measures.last_viewed_at

),

last_views as (

    select
        views.url_key,
        urls.page_address,
        max(views.occurred_at) as last_viewed_at
    from views
    inner join {{ ref('stg_urls') }} as urls
        on views.url_key = urls.url_key
    group by views.url_key, urls.page_address

),

candidates as (

    select
        tracking_assets.campaign_id,
        tracking_assets.asset_id,
        tracking_assets.url_key as wanted_url_key,
        last_views.url_key as visited_url_key
    from tracking_assets
    inner join last_views
        on
            tracking_assets.page_address = last_views.page_address
            and tracking_assets.created_at <= last_views.last_viewed_at

),

by_url as (

    select
        candidates.campaign_id,
        candidates.asset_id
    from candidates
    left join utm_values as wanted
        on candidates.wanted_url_key = wanted.url_key
    left join utm_values as visited
        on
            candidates.visited_url_key = visited.url_key
            and wanted.name = visited.name
            and wanted.value = visited.value
    group by
        candidates.campaign_id,
        candidates.asset_id,
        candidates.visited_url_key
    having count(wanted.name) = count(visited.name)

),

visited as (

    select * from by_name
    union
    select * from by_url

)

select * from visited
