with source as (

    select * from {{ source('raw', 'visitor_identities') }}

),

deduplicated as (

    select
        visitor_id,
        contact_id,
        identified_at,
        source,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by visitor_id, contact_id, identified_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
