{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with pairs as (

    select * from {{ ref('int_influence_pairs') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

)

select
    pairs.campaign_id,
    pairs.contact_id,
    pairs.asset_type,
    pairs.asset_id,
    pairs.first_influenced_at,
    pairs.interactions
from pairs
inner join {{ ref('int_contacts') }} as contacts
    on pairs.contact_id = contacts.contact_id
where not contacts.is_erased
