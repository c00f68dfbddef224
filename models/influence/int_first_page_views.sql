{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_contacts'}
) }}

with page_views as {{ inlined() }} (

    select
        contact_id,
        event_key,
        event_id,
        occurred_at,
        occurred_on,
        url_key,
        source_key
    from {{ ref('int_contact_events') }}
    {{ only_affected('int_affected_contacts', ['contact_id']) }}
    where event_type = 'page_viewed'

),

first_instants as (

    select
        contact_id,
        min(occurred_at) as occurred_at
    from page_views
    group by contact_id

),

first_views as (

    select page_views.*
    from page_views
    inner join first_instants
        on
            page_views.contact_id = first_instants.contact_id
            and page_views.occurred_at = first_instants.occurred_at
    qualify row_number() over (
        partition by page_views.contact_id order by page_views.event_id
    ) = 1

),

sourced as (

    select
        first_views.contact_id,
        first_views.event_key,
        first_views.occurred_at,
        first_views.occurred_on,
        first_views.url_key,
        sources.channel,
        sources.utm_campaign,
        sources.has_click_identifier
    from first_views
    inner join {{ ref('int_traffic_sources') }} as sources
        on first_views.source_key = sources.source_key

)

select * from sourced
