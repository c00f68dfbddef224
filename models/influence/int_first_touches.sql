with eligible as (

    select
        first_views.contact_id,
        first_views.event_id
    from {{ ref('int_first_page_views') }} as first_views
    inner join {{ ref('int_contacts') }} as contacts
        on first_views.contact_id = contacts.contact_id
    where
        not contacts.is_deleted
        and not first_views.has_click_identifier
        and first_views.occurred_at
        <= contacts.created_at + {{ seconds(var('contact_creation_grace_seconds')) }}

),

touches as (

    -- N-1
    select
        event_id,
        campaign_id
    from {{ ref('int_utm_visits') }}

    union

    -- N-2
    select
        event_id,
        campaign_id
    from {{ ref('int_asset_interactions') }}
    where asset_type in (select asset_type from {{ ref('page_asset_types') }})

    union

    -- N-3
    select
        event_id,
        campaign_id
    from {{ ref('int_keyword_visits') }}

),

first_touches as (

    select
        touches.campaign_id,
        eligible.contact_id
    from eligible
    inner join touches
        on eligible.event_id = touches.event_id

)

select * from first_touches
