with changed as (

    select * from {{ changes_of('stg_events') }}

),

affected as (

    select
        'contact_id' as reference,
        contact_id as key,
        occurred_on
    from changed
    where contact_id is not null

    union

    select
        'asset_id' as reference,
        asset_id as key,
        occurred_on
    from changed
    where asset_id is not null

    union

    select
        'deal_id' as reference,
        deal_id as key,
        occurred_on
    from changed
    where deal_id is not null

    union

    select
        'event_type' as reference,
        event_type as key,
        occurred_on
    from changed
    where event_type is not null

)

select * from affected
