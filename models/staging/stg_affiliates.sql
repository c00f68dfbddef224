{{ config(unique_key=['asset_id']) }}

with source as (

    select * from {{ new_rows('affiliates') }}

),

typed as (

    select
        asset_id,
        partner,
        commission_rate,
        commission_fixed,
        currency,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['asset_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by asset_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
