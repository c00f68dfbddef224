{{ config(unique_key=['asset_id']) }}

with source as (

    select * from {{ new_rows('assets') }}

),

typed as (

    select
        asset_id,
        asset_type,
        name,
        url,
        {{ hash_key('url') }} as url_key,
        published_at,
        created_at,
        form_id,
        properties,
        updated_at,
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
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
