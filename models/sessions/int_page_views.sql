with page_views as (

    select * from {{ ref('int_events') }}
    where event_type = 'page_viewed'

),

addresses as (

    select
        urls.url_key,
        page_addresses.asset_id
    from {{ ref('stg_urls') }} as urls
    inner join {{ ref('int_page_addresses') }} as page_addresses
        on urls.page_address = page_addresses.page_address

),

-- An asset id that is not known yet waits; it does not fall back on the URL.
with_asset as (

    select
        page_views.event_id,
        page_views.occurred_at,
        page_views.visitor_key,
        page_views.contact_id,
        page_views.url_key,
        page_views.referrer_key,
        case
            when page_views.asset_id is not null then assets.asset_id
            else addresses.asset_id
        end as asset_id
    from page_views
    left join {{ ref('stg_assets') }} as assets
        on page_views.asset_id = assets.asset_id
    left join addresses
        on
            page_views.url_key = addresses.url_key
            and page_views.asset_id is null

)

select * from with_asset
