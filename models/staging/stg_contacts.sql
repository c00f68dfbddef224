with source as (

    select * from {{ source('raw', 'contacts') }}

),

deduplicated as (

    select
        contact_id,
        created_at,
        email,
        phone,
        lifecycle_stage,
        country,
        owner_id,
        salesforce_campaign_id,
        coalesce(is_deleted, false) as is_deleted,
        updated_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by contact_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
