{{ config(unique_key=['merged_contact_id']) }}

with source as (

    select * from {{ new_rows('contact_merges') }}

),

typed as (

    select
        merged_contact_id,
        contact_id,
        merged_at,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['merged_contact_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by merged_contact_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
