{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='page_address'
) }}

select
    urls.page_address,
    min(assets.asset_id) as asset_id
from {{ ref('stg_assets') }} as assets
inner join {{ ref('stg_urls') }} as urls
    on assets.url_key = urls.url_key
where
    assets.asset_type in (select asset_type from {{ ref('page_asset_types') }})
    and urls.page_address is not null
group by urls.page_address
