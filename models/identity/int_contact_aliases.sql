{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='contact_id'
) }}

with recursive merged_contacts as (

    select
        stg_contact_merges.merged_contact_id,
        stg_contact_merges.contact_id
    from {{ ref('stg_contact_merges') }} as stg_contact_merges
    where stg_contact_merges.merged_contact_id not in (
        select contact_id from {{ ref('int_merge_cycles') }}
    )

),

walked as (

    select
        merged_contact_id,
        contact_id as survivor_id
    from merged_contacts

    union all

    select
        walked.merged_contact_id,
        merged_contacts.contact_id as survivor_id
    from walked
    inner join merged_contacts
        on walked.survivor_id = merged_contacts.merged_contact_id

),

-- The walk ends at a contact that was not merged away, or at a member of a cycle.
ended as (

    select
        walked.merged_contact_id as contact_id,
        walked.survivor_id
    from walked
    left join merged_contacts
        on walked.survivor_id = merged_contacts.merged_contact_id
    where merged_contacts.merged_contact_id is null

)

select * from ended
