with source as (

    select * from {{ source('raw', 'deal_contacts') }}

),

deduplicated as (

    select
        deal_id,
        contact_id,
        associated_at,
        removed_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by deal_id, contact_id, associated_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
