with source as (

    select * from {{ source('raw', 'exchange_rates') }}

),

deduplicated as (

    select
        currency,
        valid_from,
        rate,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by currency, valid_from
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
