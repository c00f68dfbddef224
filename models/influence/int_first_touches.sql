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
        first_views.event_key
    from first_page_views as first_views
    inner join {{ ref('int_contacts') }} as contacts
        on first_views.contact_id = contacts.contact_id
    where
        not contacts.is_deleted
        and not first_views.has_click_identifier
        and first_views.occurred_at
        <= contacts.created_at + {{ seconds(var('contact_creation_grace_seconds')) }}

),

touches as (

    select * from {{ ref('int_contact_touches') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}

),

first_touches as (

    select distinct
        touches.campaign_id,
        eligible.contact_id
    from eligible
    inner join touches
        on eligible.event_key = touches.event_key
    where
        -- N-1
        touches.touch = 'utm'
        -- N-2
        or touches.asset_type in (select asset_type from {{ ref('page_asset_types') }})
        -- N-3
        or touches.touch = 'keyword'

)

select * from first_touches
