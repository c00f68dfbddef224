{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

select
    campaign_id,
    contact_id,
    asset_type,
    asset_id,
    min(occurred_at) as first_influenced_at,
    count(distinct event_key) as interactions
from {{ ref('int_influences') }}
{{ only_affected('int_affected_contacts', ['contact_id']) }}
group by
    campaign_id,
    contact_id,
    asset_type,
    asset_id
