{{ config(unique_key=['keyword', 'engine', 'stat_date']) }}

with source as (

    select * from {{ new_rows('search_rankings') }}

),

typed as (

    select
        keyword,
        engine,
        stat_date,
        position,
        url,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['keyword', 'engine', 'stat_date']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by keyword, engine, stat_date
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
