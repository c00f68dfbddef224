{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_paths'}
) }}

with paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['deal_id']) }}
    where path_kind = 'deal_create'

)

select
    paths.deal_id,
    interactions.event_id,
    credits.model,
    {{ each_of('interactions.campaign_ids') }} as campaign_id,
    interactions.occurred_at,
    credits.credit / {{ list_length('interactions.campaign_ids') }} as credit
from {{ ref('int_attribution_credits') }} as credits
inner join paths
    on credits.path_key = paths.path_key
inner join {{ ref('int_credit_interactions') }} as interactions
    on credits.event_key = interactions.event_key
