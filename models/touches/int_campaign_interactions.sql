with counted as (

    select
        event_id,
        campaign_id,
        event_type,
        occurred_at,
        contact_id
    from {{ ref('int_asset_interactions') }}

    union

    select
        event_id,
        campaign_id,
        event_type,
        occurred_at,
        contact_id
    from {{ ref('int_utm_visits') }}

)

select * from counted
