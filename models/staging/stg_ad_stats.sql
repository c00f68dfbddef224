{{ config(unique_key=['asset_id', 'network', 'stat_date']) }}

with source as (

    select * from {{ new_rows('ad_stats') }}

),

typed as (

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
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['asset_id', 'network', 'stat_date']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by asset_id, network, placement, stat_date
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
