with source as (

    select * from {{ source('raw', 'deals') }}

),

deduplicated as (

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
        _load_id
    from source
    qualify row_number() over (
        partition by deal_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
