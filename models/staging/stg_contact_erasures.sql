with source as (

    select * from {{ source('raw', 'contact_erasures') }}

),

deduplicated as (

    select
        contact_id,
        requested_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by contact_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
