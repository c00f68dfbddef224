with pages as (

    select url_key
    from {{ ref('stg_urls') }}
    where page_address in (select page_address from {{ changes_of('int_page_addresses') }})

),

affected as (

    select
        event_key,
        occurred_on
    from {{ changes_of('stg_events') }}

    union

    select
        event_key,
        occurred_on
    from {{ ref('stg_events') }}
    where
        url_key in (select url_key from pages)
        and event_type = 'page_viewed'
        and asset_id is null

)

select * from affected
