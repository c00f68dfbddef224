with source as (

    select * from {{ source('raw', 'social_stats') }}

),

deduplicated as (

    select
        asset_id,
        stat_date,
        network,
        impressions,
        reach,
        mentions,
        followers,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by asset_id, stat_date
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
