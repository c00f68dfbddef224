{{ config(unique_key=['contact_id']) }}

with source as (

    select * from {{ new_rows('contact_erasures') }}

),

typed as (

    select
        contact_id,
        requested_at,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['contact_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by contact_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
