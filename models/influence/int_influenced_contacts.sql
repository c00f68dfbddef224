{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with firsts as (

    select
        campaign_id,
        contact_id,
        min(occurred_at) as first_influenced_at,
        min_by(rule, (occurred_at, rule_number, event_id, coalesce(asset_id, '')))
            as first_influence_rule,
        min_by(
            coalesce(asset_id, ''), (occurred_at, rule_number, event_id, coalesce(asset_id, ''))
        ) as first_asset_id,
        min_by(event_id, (occurred_at, event_id)) as first_event_id,
        max(occurred_at) as last_influenced_at
    from {{ ref('int_influences') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    group by campaign_id, contact_id

),

pairs as (

    select
        campaign_id,
        contact_id,
        count(*) as influences
    from {{ ref('int_influence_pairs') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    group by campaign_id, contact_id

),

influenced as (

    select
        firsts.campaign_id,
        firsts.contact_id,
        firsts.first_influenced_at,
        firsts.first_influence_rule,
        nullif(firsts.first_asset_id, '') as first_asset_id,
        firsts.first_event_id,
        firsts.last_influenced_at,
        pairs.influences
    from firsts
    inner join pairs
        on
            firsts.campaign_id = pairs.campaign_id
            and firsts.contact_id = pairs.contact_id

)

select * from influenced
