{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='contact_id'
) }}

with recursive merged_contacts as (

    select
        merged_contact_id,
        contact_id
    from {{ ref('stg_contact_merges') }}

),

-- UNION drops pairs that were already reached, so that a cycle ends the walk.
reached as (

    select
        merged_contact_id as start_id,
        contact_id as reached_id
    from merged_contacts

    union

    select
        reached.start_id,
        merged_contacts.contact_id as reached_id
    from reached
    inner join merged_contacts
        on reached.reached_id = merged_contacts.merged_contact_id

)

select start_id as contact_id
from reached
where start_id = reached_id
