with source as (

    select * from {{ source('raw', 'search_rankings') }}

),

deduplicated as (

    select
        keyword,
        engine,
        stat_date,
        position,
        url,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by keyword, engine, stat_date
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
