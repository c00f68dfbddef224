with first_views as (

    select
        contact_id,
        min_by(event_id, (occurred_at, event_id)) as event_id
    from {{ ref('int_page_views') }}
    where contact_id is not null
    group by contact_id

),

sourced as (

    select
        first_views.contact_id,
        first_views.event_id,
        page_views.occurred_at,
        page_views.url_key,
        sources.channel,
        sources.utm_campaign,
        sources.has_click_identifier
    from first_views
    inner join {{ ref('int_page_views') }} as page_views
        on first_views.event_id = page_views.event_id
    inner join {{ ref('int_traffic_sources') }} as sources
        on
            page_views.url_key is not distinct from sources.url_key
            and page_views.referrer_key is not distinct from sources.referrer_key

)

select * from sourced
