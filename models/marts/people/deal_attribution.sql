{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_paths'}
) }}

with credits as (

    select * from {{ ref('int_deal_credits') }}
    {{ only_affected('int_affected_paths', ['deal_id']) }}

),

paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['deal_id']) }}
    where path_kind = 'deal'

),

milestones as (

    select
        paths.deal_id,
        models.model,
        interactions.event_key,
        {{ compact_list({
            'interactions.is_first_interaction': 'first_interaction',
            'interactions.is_lead_creation': 'lead_creation',
            'interactions.is_deal_creation': 'deal_creation',
            'interactions.is_closed_won': 'closed_won',
        }) }} as milestones
    from paths
    inner join {{ ref('int_attribution_models') }} as models
        on paths.lookback_days is not distinct from models.lookback_days
    inner join {{ ref('int_path_interactions') }} as interactions
        on paths.path_key = interactions.path_key

)

select
    credits.deal_id,
    interactions.event_id,
    credits.model,
    credits.campaign_id,
    case when not contacts.is_erased then credits.contact_id end as contact_id,
    interactions.asset_id,
    credits.channel,
    interactions.occurred_at,
    milestones.milestones,
    credits.credit,
    credits.revenue
from credits
inner join {{ ref('int_credit_interactions') }} as interactions
    on credits.event_key = interactions.event_key
inner join {{ ref('int_contacts') }} as contacts
    on credits.contact_id = contacts.contact_id
inner join milestones
    on
        credits.deal_id = milestones.deal_id
        and credits.model = milestones.model
        and credits.event_key = milestones.event_key
