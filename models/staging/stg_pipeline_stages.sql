with source as (

    select * from {{ source('raw', 'pipeline_stages') }}

),

deduplicated as (

    select
        pipeline_id,
        stage_id,
        label,
        display_order,
        is_won,
        is_closed,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by pipeline_id, stage_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
