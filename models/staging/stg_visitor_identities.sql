{{ config(unique_key=['visitor_id', 'contact_id', 'identified_at']) }}

with source as (

    select * from {{ new_rows('visitor_identities') }}

),

typed as (

    select
        visitor_id,
        contact_id,
        identified_at,
        source,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['visitor_id', 'contact_id', 'identified_at']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by visitor_id, contact_id, identified_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
