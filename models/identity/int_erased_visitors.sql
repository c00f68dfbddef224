{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='visitor_id'
) }}

with identities as (

    select
        identities.visitor_id,
        coalesce(aliases.survivor_id, identities.contact_id) as contact_id
    from {{ ref('stg_visitor_identities') }} as identities
    left join {{ ref('int_contact_aliases') }} as aliases
        on identities.contact_id = aliases.contact_id

),

erased as (

    select distinct identities.visitor_id
    from identities
    inner join {{ ref('int_erased_contacts') }} as erased_contacts
        on identities.contact_id = erased_contacts.contact_id

)

select * from erased
