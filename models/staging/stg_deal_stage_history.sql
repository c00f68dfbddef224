{{ config(unique_key=['deal_id', 'stage_id', 'entered_at']) }}

with source as (

    select * from {{ new_rows('deal_stage_history') }}

),

typed as (

    select
        deal_id,
        stage_id,
        entered_at,
        pipeline_id,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['deal_id', 'stage_id', 'entered_at']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by deal_id, stage_id, entered_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
