{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with first_page_views as (

    select * from {{ ref('int_first_page_views') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

eligible as (

    select
        first_views.contact_id,
        first_views.event_key,
        first_views.occurred_on
    from first_page_views as first_views
    inner join {{ ref('int_contacts') }} as contacts
        on first_views.contact_id = contacts.contact_id
    where
        not contacts.is_deleted
        and not first_views.has_click_identifier
        and first_views.occurred_at
        <= contacts.created_at + {{ seconds(var('contact_creation_grace_seconds')) }}

),

first_touches as (

    -- N-1
    select
        visits.campaign_id,
        eligible.contact_id
    from eligible
    inner join {{ ref('int_utm_visits') }} as visits
        on
            eligible.event_key = visits.event_key
            and eligible.occurred_on = visits.occurred_on

    union

    -- N-2
    select
        interactions.campaign_id,
        eligible.contact_id
    from eligible
    inner join {{ ref('int_asset_interactions') }} as interactions
        on
            eligible.event_key = interactions.event_key
            and eligible.occurred_on = interactions.occurred_on
    where interactions.asset_type in (select asset_type from {{ ref('page_asset_types') }})

    union

    -- N-3
    select
        visits.campaign_id,
        eligible.contact_id
    from eligible
    inner join {{ ref('int_keyword_visits') }} as visits
        on
            eligible.event_key = visits.event_key
            and eligible.occurred_on = visits.occurred_on

)

select * from first_touches
