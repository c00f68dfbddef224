{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='path_key'
) }}

{%- set grace = seconds(var('contact_creation_grace_seconds')) %}

with oldest_contacts as (

    select
        deal_contacts.deal_id,
        min_by(deal_contacts.contact_id, (contacts.created_at, deal_contacts.contact_id))
            as contact_id,
        min(contacts.created_at) as created_at
    from {{ ref('int_deal_contacts') }} as deal_contacts
    inner join {{ ref('int_contacts') }} as contacts
        on deal_contacts.contact_id = contacts.contact_id
    group by deal_contacts.deal_id

),

lookbacks as (

    select lookback_days from {{ ref('int_attribution_models') }}
    union
    select {{ attribution_lookback_days() }} as lookback_days

),

ends as (

    select
        'deal' as path_kind,
        deal_id,
        cast(null as string) as contact_id,
        closed_at as ends_at,
        closed_at as aged_from,
        created_at as deal_created_at,
        closed_at,
        amount
    from {{ ref('int_deals') }}
    where is_closed_won and closed_at is not null

    union all

    select
        'deal_create' as path_kind,
        deal_id,
        null as contact_id,
        created_at + {{ grace }} as ends_at,
        created_at as aged_from,
        created_at as deal_created_at,
        null as closed_at,
        null as amount
    from {{ ref('int_deals') }}

    union all

    select
        'contact_create' as path_kind,
        null as deal_id,
        contact_id,
        created_at + {{ grace }} as ends_at,
        created_at as aged_from,
        null as deal_created_at,
        null as closed_at,
        null as amount
    from {{ ref('int_contacts') }}
    where not is_deleted

),

cut_paths as (

    select
        ends.*,
        lookbacks.lookback_days,
        {{ days_before('ends.ends_at', 'lookbacks.lookback_days') }} as starts_at
    from ends
    cross join lookbacks

    union all

    -- The contacts of no closed-won deal, whose paths nothing cuts.
    select
        'no_deal' as path_kind,
        null as deal_id,
        contact_id,
        {{ end_of_time() }} as ends_at,
        null as aged_from,
        null as deal_created_at,
        null as closed_at,
        null as amount,
        null as lookback_days,
        null as starts_at
    from {{ ref('int_contacts') }}
    where contact_id not in (select contact_id from {{ ref('int_won_deal_contacts') }})

)

select
    {{ hash_key(
        "cut_paths.path_kind || ':' || coalesce(cast(cut_paths.lookback_days as string), '') "
        ~ "|| ':' || coalesce(cut_paths.deal_id, cut_paths.contact_id)"
    ) }} as path_key,
    cut_paths.path_kind,
    cut_paths.deal_id,
    cut_paths.contact_id,
    cut_paths.lookback_days,
    cut_paths.starts_at,
    cut_paths.ends_at,
    cut_paths.aged_from,
    coalesce(cut_paths.contact_id, oldest_contacts.contact_id) as lead_contact_id,
    case
        when cut_paths.path_kind = 'contact_create' then cut_paths.ends_at
        else oldest_contacts.created_at + {{ grace }}
    end as lead_until,
    cut_paths.deal_created_at,
    cut_paths.closed_at,
    cut_paths.amount
from cut_paths
left join oldest_contacts
    on cut_paths.deal_id = oldest_contacts.deal_id
