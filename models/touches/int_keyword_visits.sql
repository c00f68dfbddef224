{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_touches'}
) }}

with page_views as (

    select * from {{ affected_rows(
        'int_events', 'int_affected_touches', ['event_key', 'occurred_on']
    ) }}
    where event_type = 'page_viewed'

),

keyword_sources as (

    select
        sources.source_key,
        keywords.campaign_id,
        keywords.associated_at,
        keywords.removed_at
    from {{ ref('int_traffic_sources') }} as sources
    inner join {{ ref('int_campaign_keywords') }} as keywords
        on sources.keyword = keywords.comparable_keyword

),

visits as (

    select distinct
        page_views.event_key,
        keyword_sources.campaign_id,
        page_views.occurred_at,
        page_views.occurred_on
    from page_views
    inner join keyword_sources
        on
            page_views.source_key = keyword_sources.source_key
            and page_views.occurred_at >= keyword_sources.associated_at
            and (
                keyword_sources.removed_at is null
                or page_views.occurred_at < keyword_sources.removed_at
            )

)

select * from visits
