with source as (

    select * from {{ source('raw', 'campaigns') }}

),

deduplicated as (

    select
        campaign_id,
        name,
        created_at,
        {{ comparable_text('utm_campaign') }} as utm_campaign,
        start_date,
        end_date,
        budget,
        currency,
        owner_id,
        status,
        coalesce(is_deleted, false) as is_deleted,
        updated_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by campaign_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
