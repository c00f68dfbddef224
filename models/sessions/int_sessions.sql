{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='session_key',
    meta={'affected': 'int_affected_sessions'}
) }}

with spans as (

    select * from {{ affected_rows('int_session_spans', 'int_affected_sessions', ['session_key']) }}

),

-- With two page views a session is engaged; only of the others do other events decide.
single_views as (

    select
        session_key,
        visitor_key,
        started_at
    from spans
    where page_views = 1

),

engaged_by_events as (

    select distinct single_views.session_key
    from single_views
    inner join {{ ref('int_session_events') }} as session_events
        on
            single_views.session_key = session_events.session_key
            and single_views.visitor_key = session_events.visitor_key
    where
        {{ microseconds_between('single_views.started_at', 'session_events.occurred_at') }}
        >= 10000000
        or session_events.is_conversion

),

entries as (

    select
        spans.session_key,
        {% if var('session_split_on_new_source') -%}
        {{ sha256_hex(
            "visitors.visitor_id || '|' || " ~ iso_instant('spans.started_at')
            ~ " || case when spans.is_first_at_instant then '' else '|' || staged.event_id end"
        ) }} as session_id,
        {%- else -%}
        {{ sha256_hex("visitors.visitor_id || '|' || " ~ iso_instant('spans.started_at')) }}
            as session_id,
        {%- endif %}
        spans.visitor_key,
        spans.page_views,
        spans.started_at,
        spans.started_on,
        spans.ended_at,
        spans.ended_on,
        spans.page_views >= 2 or engaged.session_key is not null as is_engaged,
        entry_events.url_key as entry_url_key,
        case
            when spans.exit_event_key = spans.session_key then entry_events.url_key
            else exit_events.url_key
        end as exit_url_key,
        entry_events.source_key,
        sources.has_click_identifier as is_excluded_from_campaigns,
        entry_events.device_key
    from spans
    inner join {{ ref('int_events') }} as entry_events
        on
            spans.session_key = entry_events.event_key
            and spans.started_on = entry_events.occurred_on
    {% if var('session_split_on_new_source') -%}
    inner join {{ ref('stg_events') }} as staged
        on
            spans.session_key = staged.event_key
            and spans.started_on = staged.occurred_on
    {%- endif %}
    inner join {{ ref('stg_visitors') }} as visitors
        on spans.visitor_key = visitors.visitor_key
    inner join {{ ref('int_traffic_sources') }} as sources
        on entry_events.source_key = sources.source_key
    left join {{ ref('int_events') }} as exit_events
        on
            nullif(spans.exit_event_key, spans.session_key) = exit_events.event_key
            and spans.ended_on = exit_events.occurred_on
    left join engaged_by_events as engaged
        on spans.session_key = engaged.session_key

)

select * from entries
