{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['visitor_key', 'occurred_on'],
    meta={'affected': 'int_affected_visits'}
) }}

with events as (

    select
        visitor_key,
        occurred_on,
        occurred_at,
        event_key,
        event_type
    from {{ ref('int_events') }}
    {{ only_affected('int_affected_visits', ['visitor_key', 'occurred_on']) }}
    where visitor_key is not null

),

conversion_types as (

    select event_type
    from {{ ref('event_types') }}
    where is_conversion

),

spans as (

    select
        session_key,
        visitor_key,
        started_at,
        until_at
    from {{ ref('int_session_spans') }}
    {{ only_affected('int_affected_visits', ['visitor_key']) }}

),

{% if var('session_split_on_new_source') %}

with_ids as (

    select
        spans.*,
        stg_events.event_id as entry_event_id
    from spans
    inner join {{ ref('stg_events') }} as stg_events
        on spans.session_key = stg_events.event_key

),

-- Two sessions may begin at one instant: there the page views' event ids tell which is whose.
in_session as (

    select
        events.event_key,
        events.visitor_key,
        events.occurred_on,
        events.occurred_at,
        spans.session_key,
        events.event_type in (select event_type from conversion_types) as is_conversion
    from events
    inner join {{ ref('stg_events') }} as stg_events
        on
            events.event_key = stg_events.event_key
            and events.occurred_on = stg_events.occurred_on
    inner join with_ids as spans
        on
            events.visitor_key = spans.visitor_key
            and events.occurred_at >= spans.started_at
            and events.occurred_at <= spans.until_at
    where
        case
            when events.event_type != 'page_viewed' then events.occurred_at < spans.until_at
            else
                events.occurred_at > spans.started_at
                or stg_events.event_id >= spans.entry_event_id
        end
    qualify row_number() over (
        partition by events.event_key
        order by spans.started_at desc, spans.entry_event_id desc
    ) = 1

)

{% else %}

in_session as (

    select
        events.event_key,
        events.visitor_key,
        events.occurred_on,
        events.occurred_at,
        spans.session_key,
        events.event_type in (select event_type from conversion_types) as is_conversion
    from events
    inner join spans
        on
            events.visitor_key = spans.visitor_key
            and events.occurred_at >= spans.started_at
            and events.occurred_at < spans.until_at

)

{% endif %}

select * from in_session
