{{ config(unique_key=['spend_id']) }}

with source as (

    select * from {{ new_rows('campaign_spend') }}

),

typed as (

    select
        spend_id,
        spent_on,
        amount,
        campaign_id,
        currency,
        category,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['spend_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by spend_id
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated
