{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='contact_id'
) }}

with erasures as (

    select contact_id from {{ ref('stg_contact_erasures') }}

),

groups as (

    select distinct coalesce(aliases.survivor_id, erasures.contact_id) as contact_id
    from erasures
    left join {{ ref('int_contact_aliases') }} as aliases
        on erasures.contact_id = aliases.contact_id

)

select * from groups
