with changed_urls as (

    select urls.url_key
    from {{ ref('stg_urls') }} as urls
    where urls.page_address in (select page_address from {{ changes_of('int_page_addresses') }})

)

select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where asset_id in (select asset_id from {{ changes_of('stg_assets') }})

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where
    url_key in (select url_key from changed_urls)
    and event_type = 'page_viewed'
    and asset_id is null
