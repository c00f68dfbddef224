{{ config(unique_key=['campaign_id']) }}

with source as (

    select * from {{ new_rows('campaigns') }}

),

typed as (

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
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['campaign_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by campaign_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
