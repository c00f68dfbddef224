{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key=['campaign_id', 'asset_id']
) }}

select distinct
    campaigns.campaign_id,
    assets.asset_id,
    campaigns.created_at,
    assets.url_key,
    urls.page_address
from {{ ref('stg_assets') }} as assets
inner join {{ ref('int_campaign_assets') }} as associations
    on assets.asset_id = associations.asset_id
inner join {{ ref('int_campaigns') }} as campaigns
    on associations.campaign_id = campaigns.campaign_id
left join {{ ref('stg_urls') }} as urls
    on assets.url_key = urls.url_key
where assets.asset_type = 'tracking_url'
