{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='campaign_id'
) }}

select
    campaign_id,
    created_at,
    utm_campaign,
    start_date,
    end_date
from {{ ref('stg_campaigns') }}
where not is_deleted
