{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='deal_id'
) }}

with associations as (

    select
        associations.deal_id,
        coalesce(aliases.survivor_id, associations.contact_id) as contact_id,
        associations.associated_at,
        associations.removed_at
    from {{ ref('stg_deal_contacts') }} as associations
    left join {{ ref('int_contact_aliases') }} as aliases
        on associations.contact_id = aliases.contact_id

),

-- At the close; for a deal without one, now.
at_close as (

    select distinct
        deals.deal_id,
        contacts.contact_id
    from {{ ref('int_deals') }} as deals
    inner join associations
        on
            deals.deal_id = associations.deal_id
            and (
                (deals.closed_at is null and associations.removed_at is null)
                or (
                    deals.closed_at >= associations.associated_at
                    and (
                        associations.removed_at is null or deals.closed_at < associations.removed_at
                    )
                )
            )
    inner join {{ ref('int_contacts') }} as contacts
        on associations.contact_id = contacts.contact_id

)

select * from at_close
