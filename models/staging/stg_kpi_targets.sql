with source as (

    select * from {{ source('raw', 'kpi_targets') }}

),

deduplicated as (

    select
        campaign_id,
        kpi,
        period_start,
        period_end,
        target,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by campaign_id, kpi, period_start
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
