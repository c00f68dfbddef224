with source as (

    select * from {{ source('raw', 'assets') }}

),

deduplicated as (

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
        _load_id
    from source
    qualify row_number() over (
        partition by asset_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
