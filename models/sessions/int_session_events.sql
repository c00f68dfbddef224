with page_views as (

    select * from {{ ref('int_session_page_views') }}

),

timeline as (

    select
        visitor_key,
        occurred_at,
        0 as is_other,
        event_id,
        session_number,
        occurred_at as page_viewed_at
    from page_views

    union all

    select
        visitor_key,
        occurred_at,
        1 as is_other,
        event_id,
        null as session_number,
        null as page_viewed_at
    from {{ ref('int_events') }}
    where
        event_type != 'page_viewed'
        and visitor_key is not null

),

-- Session numbers and page views only grow along a visitor's timeline: the latest is the greatest.
latest as (

    select
        visitor_key,
        occurred_at,
        event_id,
        max(session_number) over visitor as session_number,
        max(page_viewed_at) over visitor as page_viewed_at
    from timeline
    window visitor as (
        partition by visitor_key order by occurred_at, is_other, event_id rows unbounded preceding
    )

),

in_session as (

    select
        event_id,
        visitor_key,
        session_number,
        occurred_at
    from latest
    where occurred_at < page_viewed_at + {{ minutes(var('session_inactivity_minutes')) }}

)

select * from in_session
