with source as (

    select * from {{ source('raw', 'campaign_keywords') }}

),

deduplicated as (

    select
        campaign_id,
        keyword,
        {{ comparable_text('keyword') }} as comparable_keyword,
        associated_at,
        removed_at,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by campaign_id, keyword, associated_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
