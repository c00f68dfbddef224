{{ config(unique_key=['campaign_id', 'kpi', 'period_start']) }}

with source as (

    select * from {{ new_rows('kpi_targets') }}

),

typed as (

    select
        campaign_id,
        kpi,
        period_start,
        period_end,
        target,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['campaign_id', 'kpi', 'period_start']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by campaign_id, kpi, period_start
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
