{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_paths'}
) }}

with paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['contact_id']) }}
    where path_kind = 'contact_create'

)

select
    paths.contact_id,
    interactions.event_id,
    credits.model,
    {{ each_of('interactions.campaign_ids') }} as campaign_id,
    interactions.occurred_at,
    credits.credit / {{ list_length('interactions.campaign_ids') }} as credit
from {{ ref('int_attribution_credits') }} as credits
inner join paths
    on credits.path_key = paths.path_key
inner join {{ ref('int_contacts') }} as contacts
    on paths.contact_id = contacts.contact_id
inner join {{ ref('int_credit_interactions') }} as interactions
    on credits.event_key = interactions.event_key
where not contacts.is_erased
