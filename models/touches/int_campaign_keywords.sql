{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='comparable_keyword'
) }}

select distinct
    associations.campaign_id,
    associations.comparable_keyword,
    associations.associated_at,
    associations.removed_at
from {{ ref('stg_campaign_keywords') }} as associations
inner join {{ ref('int_campaigns') }} as campaigns
    on associations.campaign_id = campaigns.campaign_id
where associations.comparable_keyword is not null
