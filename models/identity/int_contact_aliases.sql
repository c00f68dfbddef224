with recursive merges as (

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
    from merges

    union all

    select
        walked.merged_contact_id,
        merges.contact_id as survivor_id
    from walked
    inner join merges
        on walked.survivor_id = merges.merged_contact_id

),

-- The walk ends at a contact that was not merged away, or at a member of a cycle, which stays apart.
ended as (

    select
        walked.merged_contact_id as contact_id,
        walked.survivor_id
    from walked
    left join merges
        on walked.survivor_id = merges.merged_contact_id
    where merges.merged_contact_id is null

)

select * from ended
