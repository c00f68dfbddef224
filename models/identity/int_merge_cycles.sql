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

-- A walk that comes back to where it stood a power of two of steps ago goes round and round: it
-- ends there, or where it began (Brent's algorithm).
reached as (

    select
        merged_contact_id as start_id,
        contact_id as reached_id,
        merged_contact_id as remembered_id,
        cast(1 as bigint) as steps_since,
        cast(1 as bigint) as steps_to_go
    from merged_contacts

    union all

    select
        reached.start_id,
        merged_contacts.contact_id as reached_id,
        case
            when reached.steps_since = reached.steps_to_go then reached.reached_id
            else reached.remembered_id
        end as remembered_id,
        case
            when reached.steps_since = reached.steps_to_go then 1 else reached.steps_since + 1
        end as steps_since,
        case
            when reached.steps_since = reached.steps_to_go then 2 * reached.steps_to_go
            else reached.steps_to_go
        end as steps_to_go
    from reached
    inner join merged_contacts
        on reached.reached_id = merged_contacts.merged_contact_id
    where
        reached.reached_id != reached.remembered_id
        and reached.reached_id != reached.start_id

)

select start_id as contact_id
from reached
where start_id = reached_id
