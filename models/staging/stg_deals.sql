{{ config(unique_key=['deal_id']) }}

with source as (

    select * from {{ new_rows('deals') }}

),

typed as (

    select
        deal_id,
        created_at,
        name,
        amount,
        currency,
        pipeline_id,
        stage_id,
        closed_at,
        owner_id,
        coalesce(is_deleted, false) as is_deleted,
        updated_at,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['deal_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by deal_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
