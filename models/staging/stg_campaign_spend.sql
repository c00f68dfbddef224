with source as (

    select * from {{ source('raw', 'campaign_spend') }}

),

deduplicated as (

    select
        spend_id,
        spent_on,
        amount,
        campaign_id,
        currency,
        category,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by spend_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
