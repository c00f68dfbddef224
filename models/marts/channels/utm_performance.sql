with first_influences as (

    select
        influenced.campaign_id,
        influenced.contact_id,
        influenced.first_influenced_at,
        events.event_key,
        events.occurred_on,
        events.source_key
    from {{ ref('int_influenced_contacts') }} as influenced
    inner join {{ ref('int_contact_events') }} as events
        on
            influenced.contact_id = events.contact_id
            and influenced.first_event_id = events.event_id

),

in_sessions as (

    select
        event_key,
        occurred_on,
        session_key
    from {{ ref('int_session_events') }}
    where event_key in (select event_key from first_influences)

),

influences as (

    select
        first_influences.campaign_id,
        first_influences.contact_id,
        first_influences.first_influenced_at,
        coalesce(sessions.source_key, first_influences.source_key) as source_key
    from first_influences
    left join in_sessions
        on
            first_influences.event_key = in_sessions.event_key
            and first_influences.occurred_on = in_sessions.occurred_on
    left join {{ ref('int_sessions') }} as sessions
        on in_sessions.session_key = sessions.session_key

),

contacts as (

    select
        contacts.contact_id,
        coalesce(touches.campaign_id, 'no campaign') as campaign_id,
        {{ report_date('contacts.created_at') }} as date,
        views.url_key
    from {{ ref('int_contacts') }} as contacts
    left join {{ ref('int_first_touches') }} as touches
        on contacts.contact_id = touches.contact_id
    left join {{ ref('int_first_page_views') }} as views
        on contacts.contact_id = views.contact_id
    where not contacts.is_deleted

),

keyed as (

    select
        campaign_id,
        entry_url_key as url_key,
        date,
        sessions,
        0 as new_contacts,
        0 as influenced_contacts,
        0 as closed_deals,
        cast(0 as decimal(18, 2)) as influenced_revenue
    from {{ ref('int_session_days') }}

    union all

    select
        campaign_id,
        url_key,
        date,
        0 as sessions,
        count(*) as new_contacts,
        0 as influenced_contacts,
        0 as closed_deals,
        0 as influenced_revenue
    from contacts
    group by all

    union all

    select
        influences.campaign_id,
        sources.url_key,
        {{ report_date('influences.first_influenced_at') }} as date,
        0 as sessions,
        0 as new_contacts,
        count(*) as influenced_contacts,
        0 as closed_deals,
        0 as influenced_revenue
    from influences
    inner join {{ ref('int_traffic_sources') }} as sources
        on influences.source_key = sources.source_key
    group by all

    union all

    select
        deals.campaign_id,
        sources.url_key,
        {{ report_date('deals.closed_at') }} as date,
        0 as sessions,
        0 as new_contacts,
        0 as influenced_contacts,
        count(*) as closed_deals,
        coalesce(sum(deals.amount), 0) as influenced_revenue
    from {{ ref('int_closed_campaign_deals') }} as deals
    inner join influences
        on
            deals.campaign_id = influences.campaign_id
            and deals.contact_id = influences.contact_id
    inner join {{ ref('int_traffic_sources') }} as sources
        on influences.source_key = sources.source_key
    group by all

)

select
    keyed.campaign_id,
    tracking.utm_source,
    tracking.utm_medium,
    tracking.utm_campaign,
    tracking.utm_term,
    tracking.utm_content,
    keyed.date,
    cast(sum(keyed.sessions) as bigint) as sessions,
    cast(sum(keyed.new_contacts) as bigint) as new_contacts,
    cast(sum(keyed.influenced_contacts) as bigint) as influenced_contacts,
    cast(sum(keyed.closed_deals) as bigint) as closed_deals,
    cast(sum(keyed.influenced_revenue) as decimal(18, 2)) as influenced_revenue
from keyed
left join {{ ref('int_url_tracking') }} as tracking
    on keyed.url_key = tracking.url_key
group by all
