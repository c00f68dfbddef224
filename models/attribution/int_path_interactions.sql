{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='path_key',
    meta={'affected': 'int_affected_paths'}
) }}

with paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['path_key']) }}

),

path_contacts as (

    select
        paths.path_key,
        deal_contacts.contact_id
    from paths
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on paths.deal_id = deal_contacts.deal_id

    union all

    select
        path_key,
        contact_id
    from paths
    where deal_id is null

),

interactions as (

    select
        paths.path_key,
        interactions.event_key,
        interactions.event_id,
        interactions.contact_id,
        interactions.occurred_at,
        interactions.contact_id = paths.lead_contact_id
        and interactions.occurred_at <= paths.lead_until as may_be_lead_creation,
        interactions.occurred_at <= paths.deal_created_at as may_be_deal_creation,
        paths.closed_at is not null as ends_in_close,
        greatest({{ microseconds_between('interactions.occurred_at', 'paths.aged_from') }}, 0)
            as age_us
    from {{ ref('int_credit_interactions') }} as interactions
    inner join path_contacts
        on interactions.contact_id = path_contacts.contact_id
    inner join paths
        on
            path_contacts.path_key = paths.path_key
            and interactions.occurred_at <= paths.ends_at
            and (paths.starts_at is null or interactions.occurred_at >= paths.starts_at)

),

in_order as (

    select
        *,
        row_number() over (partition by path_key order by occurred_at, event_id) as position
    from interactions

),

milestones as (

    select
        path_key,
        max(position) filter (where may_be_lead_creation) as lead_creation,
        max(position) filter (where may_be_deal_creation) as deal_creation,
        max(position) as last_interaction
    from in_order
    group by path_key

)

select
    in_order.path_key,
    in_order.position,
    in_order.event_key,
    in_order.contact_id,
    in_order.occurred_at,
    in_order.age_us,
    in_order.position = 1 as is_first_interaction,
    coalesce(in_order.position = milestones.lead_creation, false) as is_lead_creation,
    coalesce(in_order.position = milestones.deal_creation, false) as is_deal_creation,
    in_order.ends_in_close and in_order.position = milestones.last_interaction as is_closed_won,
    in_order.position = milestones.last_interaction as is_last_interaction
from in_order
inner join milestones
    on in_order.path_key = milestones.path_key
