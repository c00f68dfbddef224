with source as (

    select * from {{ source('raw', 'affiliates') }}

),

deduplicated as (

    select
        asset_id,
        partner,
        commission_rate,
        commission_fixed,
        currency,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by asset_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
