with recursive merges as (

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
    from merges

    union

    select
        reached.start_id,
        merges.contact_id as reached_id
    from reached
    inner join merges
        on reached.reached_id = merges.merged_contact_id

)

select start_id as contact_id
from reached
where start_id = reached_id
