{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='contact_id'
) }}

with contacts as (

    select * from {{ ref('stg_contacts') }}

),

aliases as (

    select * from {{ ref('int_contact_aliases') }}

),

contacts_resolved as (

    select
        coalesce(aliases.survivor_id, contacts.contact_id) as contact_id,
        contacts.created_at
    from contacts
    left join aliases
        on contacts.contact_id = aliases.contact_id

),

groups as (

    select
        contact_id,
        min(created_at) as created_at
    from contacts_resolved
    group by contact_id

),

survivors as (

    select
        groups.contact_id,
        groups.created_at,
        contacts.is_deleted,
        erased.contact_id is not null as is_erased
    from groups
    inner join contacts
        on groups.contact_id = contacts.contact_id
    left join {{ ref('int_erased_contacts') }} as erased
        on groups.contact_id = erased.contact_id

)

select * from survivors
