with keywords as (

    select distinct
        associations.campaign_id,
        associations.comparable_keyword,
        associations.associated_at,
        associations.removed_at
    from {{ ref('stg_campaign_keywords') }} as associations
    inner join {{ ref('int_campaigns') }} as campaigns
        on associations.campaign_id = campaigns.campaign_id

),

keyword_sources as (

    select
        sources.url_key,
        sources.referrer_key,
        keywords.campaign_id,
        keywords.associated_at,
        keywords.removed_at
    from {{ ref('int_traffic_sources') }} as sources
    inner join keywords
        on sources.keyword = keywords.comparable_keyword

),

visits as (

    select distinct
        page_views.event_id,
        keyword_sources.campaign_id,
        page_views.occurred_at,
        page_views.contact_id
    from {{ ref('int_page_views') }} as page_views
    inner join keyword_sources
        on
            page_views.url_key is not distinct from keyword_sources.url_key
            and page_views.referrer_key is not distinct from keyword_sources.referrer_key
            and page_views.occurred_at >= keyword_sources.associated_at
            and (
                keyword_sources.removed_at is null
                or page_views.occurred_at < keyword_sources.removed_at
            )

)

select * from visits
