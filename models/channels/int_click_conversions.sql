{%- set limit = minutes(var('session_inactivity_minutes')) -%}
{#- Two sessions begin at one instant only where a new source splits them. -#}
{%- set in_order = ['sessions.started_at'] -%}
{%- if var('session_split_on_new_source') -%}
{%- do in_order.append('entry_ids.entry_event_id') -%}
{%- endif -%}

with clicks as (

    select
        event_key,
        event_id,
        event_type,
        occurred_at,
        visitor_key
    from {{ ref('int_channel_events') }}
    where
        event_type in ('email_clicked', 'affiliate_link_clicked')
        or (event_type = 'social_post_interacted' and interaction = 'click')

),

sessions as (

    select
        session_key,
        visitor_key,
        started_at,
        ended_at
    from {{ ref('int_sessions') }}

),

{% if var('session_split_on_new_source') -%}
entry_ids as (

    select
        event_key as session_key,
        event_id as entry_event_id
    from {{ ref('int_events') }}
    where event_type = 'page_viewed'

),

{% endif -%}
-- The first page view at or after the click is in the first session that ends at or after it.
visitors_next_sessions as (

    select
        clicks.event_key,
        clicks.event_id,
        clicks.event_type,
        clicks.occurred_at,
        sessions.session_key,
        sessions.started_at
    from clicks
    inner join sessions
        on
            clicks.visitor_key = sessions.visitor_key
            and clicks.occurred_at <= sessions.ended_at
            and clicks.occurred_at + {{ limit }} > sessions.started_at
    {% if var('session_split_on_new_source') -%}
    inner join entry_ids
        on sessions.session_key = entry_ids.session_key
    {%- endif %}
    qualify row_number() over (
        partition by clicks.event_key
        order by {{ in_order | join(', ') }}
    ) = 1

),

contacts_clicks as (

    select
        clicks.*,
        contact_events.contact_id
    from clicks
    inner join {{ ref('int_contact_events') }} as contact_events
        on clicks.event_key = contact_events.event_key
    where clicks.visitor_key is null

),

contacts_page_views as (

    select
        contact_events.contact_id,
        contact_events.event_key,
        contact_events.event_id,
        contact_events.occurred_at
    from {{ ref('int_contact_events') }} as contact_events
    semi join {{ ref('int_session_events') }} as session_events
        on
            contact_events.event_key = session_events.event_key
            and contact_events.occurred_on = session_events.occurred_on
    where
        contact_events.event_type = 'page_viewed'
        and contact_events.contact_id in (select contact_id from contacts_clicks)

),

contacts_next_views as (

    select
        clicks.event_key,
        clicks.event_id,
        clicks.event_type,
        clicks.occurred_at,
        page_views.event_key as page_view_key
    from contacts_clicks as clicks
    inner join contacts_page_views as page_views
        on
            clicks.contact_id = page_views.contact_id
            and clicks.occurred_at <= page_views.occurred_at
            and clicks.occurred_at + {{ limit }} > page_views.occurred_at
    qualify row_number() over (
        partition by clicks.event_key
        order by page_views.occurred_at, page_views.event_id
    ) = 1

),

brought as (

    select
        event_key,
        event_id,
        event_type,
        occurred_at,
        session_key
    from visitors_next_sessions
    where started_at >= occurred_at

    union all

    select
        views.event_key,
        views.event_id,
        views.event_type,
        views.occurred_at,
        sessions.session_key
    from contacts_next_views as views
    inner join sessions
        on views.page_view_key = sessions.session_key

),

-- Of several clicks of one kind the last brought the session.
bringing as (

    select
        event_key,
        session_key
    from brought
    qualify row_number() over (
        partition by event_type, session_key order by occurred_at desc, event_id desc
    ) = 1

)

select
    bringing.event_key as click_key,
    conversions.event_key as conversion_key,
    conversions.occurred_at as converted_at,
    {{ report_date('conversions.occurred_at') }} as date
from bringing
inner join {{ ref('int_session_events') }} as conversions
    on bringing.session_key = conversions.session_key
where conversions.is_conversion
