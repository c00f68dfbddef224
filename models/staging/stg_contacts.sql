{{ config(unique_key=['contact_id']) }}

with source as (

    select * from {{ new_rows('contacts') }}

),

typed as (

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
        _row_number,
        _load_id
    from source

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['contact_id']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by contact_id
        order by {{ newest_row_first() }}
    ) = 1

)

select * from deduplicated
