{{ config(unique_key=['pipeline_id', 'stage_id']) }}

with source as (

    select * from {{ new_rows('pipeline_stages') }}

),

typed as (

    select
        pipeline_id,
        stage_id,
        label,
        display_order,
        is_won,
        is_closed,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['pipeline_id', 'stage_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by pipeline_id, stage_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
