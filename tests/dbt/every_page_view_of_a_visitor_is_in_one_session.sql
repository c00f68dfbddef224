-- A returned row means that the sessions hold more or fewer page views than visitors made.
with page_views as (

    select count(*) as page_views
    from {{ ref('int_events') }}
    where
        event_type = 'page_viewed'
        and visitor_key is not null

),

sessions as (

    select coalesce(sum(page_views), 0) as page_views
    from {{ ref('sessions') }}

)

select
    page_views.page_views as made,
    sessions.page_views as in_sessions
from page_views
cross join sessions
where page_views.page_views != sessions.page_views
