{{ config(unique_key=['currency', 'valid_from']) }}

with source as (

    select * from {{ new_rows('exchange_rates') }}

),

typed as (

    select
        currency,
        valid_from,
        rate,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['currency', 'valid_from']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by currency, valid_from
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
