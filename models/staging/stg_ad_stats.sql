with source as (

    select * from {{ source('raw', 'ad_stats') }}

),

deduplicated as (

    select
        asset_id,
        network,
        placement,
        stat_date,
        impressions,
        clicks,
        cost,
        currency,
        reported_conversions,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by asset_id, network, placement, stat_date
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
