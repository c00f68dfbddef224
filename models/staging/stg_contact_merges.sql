with source as (

    select * from {{ source('raw', 'contact_merges') }}

),

deduplicated as (

    select
        merged_contact_id,
        contact_id,
        merged_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by merged_contact_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
