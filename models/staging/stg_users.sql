{{ config(unique_key=['user_id']) }}

with source as (

    select * from {{ new_rows('users') }}

),

typed as (

    select
        user_id,
        name,
        team,
        business_unit,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['user_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by user_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
