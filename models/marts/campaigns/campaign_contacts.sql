{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_published_contacts'}
) }}

with influenced as (

    select * from {{ ref('int_influenced_contacts') }}
    {{ only_affected('int_affected_published_contacts', ['contact_id']) }}

),

flags as (

    select
        campaign_id,
        contact_id,
        bool_or(is_new_first_touch) as is_new_first_touch,
        bool_or(is_new_last_touch) as is_new_last_touch,
        bool_or(has_revenue) as has_revenue
    from (
        select
            campaign_id,
            contact_id,
            true as is_new_first_touch,
            false as is_new_last_touch,
            false as has_revenue
        from {{ ref('int_first_touches') }}
        {{ only_affected('int_affected_published_contacts', ['contact_id']) }}

        union all

        select
            campaign_id,
            contact_id,
            false as is_new_first_touch,
            true as is_new_last_touch,
            false as has_revenue
        from {{ ref('int_last_touches') }}
        {{ only_affected('int_affected_published_contacts', ['contact_id']) }}

        union all

        select
            campaign_id,
            contact_id,
            false as is_new_first_touch,
            false as is_new_last_touch,
            true as has_revenue
        from {{ ref('int_contacts_with_revenue') }}
        {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
    ) as flagged
    group by campaign_id, contact_id

),

joined as (

    select
        coalesce(influenced.campaign_id, flags.campaign_id) as campaign_id,
        coalesce(influenced.contact_id, flags.contact_id) as contact_id,
        influenced.first_influenced_at,
        influenced.first_influence_rule,
        influenced.first_asset_id,
        influenced.last_influenced_at,
        coalesce(influenced.influences, 0) as influences,
        coalesce(flags.is_new_first_touch, false) as is_new_first_touch,
        coalesce(flags.is_new_last_touch, false) as is_new_last_touch,
        coalesce(flags.has_revenue, false) as has_revenue
    from influenced
    full outer join flags
        on
            influenced.campaign_id = flags.campaign_id
            and influenced.contact_id = flags.contact_id

),

without_erased as (

    select joined.*
    from joined
    inner join {{ ref('int_contacts') }} as contacts
        on joined.contact_id = contacts.contact_id
    where not contacts.is_erased

)

select * from without_erased
