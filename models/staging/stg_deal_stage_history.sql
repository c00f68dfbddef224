with source as (

    select * from {{ source('raw', 'deal_stage_history') }}

),

deduplicated as (

    select
        deal_id,
        stage_id,
        entered_at,
        pipeline_id,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by deal_id, stage_id, entered_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
