with source as (

    select * from {{ source('raw', 'users') }}

),

deduplicated as (

    select
        user_id,
        name,
        team,
        business_unit,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by user_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
