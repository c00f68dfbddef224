-- depends_on: {{ ref('int_affected_visits') }}
{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='session_key',
    meta={'affected': 'int_affected_visits'}
) }}

{%- set limit = minutes(var('session_inactivity_minutes')) %}

with page_views as (

    select
        events.visitor_key,
        events.occurred_at,
        events.occurred_on,
        events.event_key,
        events.source_key
    from {{ ref('int_events') }} as events
    {% if is_incremental() -%}
    semi join {{ ref('int_affected_visits') }} as affected
        on
            events.visitor_key = affected.visitor_key
            and events.occurred_on = affected.occurred_on
            and events.occurred_at >= affected.from_at
            and events.occurred_at <= affected.to_at
    {%- endif %}
    where
        events.event_type = 'page_viewed'
        and events.visitor_key is not null

),

{% if var('session_split_on_new_source') %}

sourced as (

    select
        page_views.visitor_key,
        page_views.occurred_at,
        page_views.occurred_on,
        page_views.event_key,
        events.event_id,
        case
            when traffic_sources.channel != 'direct'
                then concat_ws(
                    chr(31),
                    traffic_sources.channel,
                    coalesce(traffic_sources.utm_source, ''),
                    coalesce(traffic_sources.utm_medium, ''),
                    coalesce(traffic_sources.utm_campaign, ''),
                    coalesce(traffic_sources.utm_term, ''),
                    coalesce(traffic_sources.utm_content, '')
                )
        end as brought_source
    from page_views
    inner join {{ ref('stg_events') }} as events
        on
            page_views.event_key = events.event_key
            and page_views.occurred_on = events.occurred_on
    inner join {{ ref('int_traffic_sources') }} as traffic_sources
        on page_views.source_key = traffic_sources.source_key

),

gaps as (

    select
        *,
        coalesce(
            occurred_at >= lag(occurred_at) over visitor + {{ limit }}, true
        ) as is_after_gap
    from sourced
    window visitor as (partition by visitor_key order by occurred_at, event_id)

),

runs as (

    select
        *,
        count(*) filter (where is_after_gap) over (
            partition by visitor_key order by occurred_at, event_id rows unbounded preceding
        ) as run_number
    from gaps

),

-- The session's source is the one that last split the run, so a page view brings a new one exactly
-- where its source differs from the last that was not direct.
starts as (

    select
        visitor_key,
        occurred_at,
        occurred_on,
        event_key,
        event_id,
        is_after_gap or (
            brought_source is not null
            and brought_source is distinct from {{ last_known('brought_source') }} over (
                partition by visitor_key, run_number
                order by occurred_at, event_id
                rows between unbounded preceding and 1 preceding
            )
        ) as is_first
    from runs

),

bounds as (

    select
        visitor_key,
        occurred_at,
        occurred_on,
        event_key,
        row_number() over visitor as place,
        is_first,
        lead(is_first, 1, true) over visitor as is_last,
        false as is_tied
    from starts
    window visitor as (partition by visitor_key order by occurred_at, event_id)
    qualify is_first or is_last

),

{% else %}

ordered as (

    select
        visitor_key,
        occurred_at,
        occurred_on,
        event_key,
        row_number() over visitor as place,
        lag(occurred_at) over visitor as previous_at,
        lead(occurred_at) over visitor as next_at
    from page_views
    window visitor as (partition by visitor_key order by occurred_at)

),

-- What a session is known by stands in its first and its last page view.
bounds as (

    select
        visitor_key,
        occurred_at,
        occurred_on,
        event_key,
        place,
        coalesce(occurred_at >= previous_at + {{ limit }}, true) as is_first,
        coalesce(next_at >= occurred_at + {{ limit }}, true) as is_last,
        coalesce(occurred_at = previous_at, false)
        or coalesce(occurred_at = next_at, false) as is_tied
    from ordered
    where
        previous_at is null
        or next_at is null
        or occurred_at >= previous_at + {{ limit }}
        or next_at >= occurred_at + {{ limit }}

),

{% endif %}

paired as (

    select
        visitor_key,
        place,
        occurred_at as started_at,
        occurred_on as started_on,
        event_key as entry_event_key,
        is_tied as is_entry_tied,
        is_first,
        case when is_last then place else lead(place) over visitor end - place + 1 as page_views,
        case when is_last then occurred_at else lead(occurred_at) over visitor end as ended_at,
        case when is_last then occurred_on else lead(occurred_on) over visitor end as ended_on,
        case when is_last then event_key else lead(event_key) over visitor end as exit_event_key,
        case when is_last then is_tied else lead(is_tied) over visitor end as is_exit_tied
    from bounds
    window visitor as (partition by visitor_key order by place)

),

spans as (

    select
        *,
        -- Up to here, exclusively, other events of the visitor are in the session.
        {% if var('session_split_on_new_source') -%}
        least(
            ended_at + {{ limit }},
            coalesce(lead(started_at) over visitor, {{ end_of_time() }})
        ) as until_at,
        coalesce(started_at > lag(started_at) over visitor, true) as is_first_at_instant
        {%- else -%}
        ended_at + {{ limit }} as until_at,
        true as is_first_at_instant
        {%- endif %}
    from paired
    where is_first
    {% if var('session_split_on_new_source') -%}
    window visitor as (partition by visitor_key order by place)
    {%- endif %}

),

-- Page views at one instant are in the order of their event ids: few are, so that only theirs are
-- looked at.
tied_instants as (

    select
        visitor_key,
        started_at as occurred_at,
        started_on as occurred_on
    from spans
    where is_entry_tied

    union

    select
        visitor_key,
        ended_at as occurred_at,
        ended_on as occurred_on
    from spans
    where is_exit_tied

),

tied_page_views as (

    select
        page_views.visitor_key,
        page_views.occurred_at,
        min_by(page_views.event_key, events.event_id) as first_event_key,
        max_by(page_views.event_key, events.event_id) as last_event_key
    from page_views
    inner join tied_instants
        on
            page_views.visitor_key = tied_instants.visitor_key
            and page_views.occurred_on = tied_instants.occurred_on
            and page_views.occurred_at = tied_instants.occurred_at
    inner join {{ ref('stg_events') }} as events
        on
            page_views.event_key = events.event_key
            and page_views.occurred_on = events.occurred_on
    group by page_views.visitor_key, page_views.occurred_at

),

sessions as (

    select
        coalesce(entries.first_event_key, spans.entry_event_key) as session_key,
        spans.visitor_key,
        spans.started_at,
        spans.started_on,
        spans.ended_at,
        spans.until_at,
        spans.is_first_at_instant,
        spans.page_views,
        coalesce(exits.last_event_key, spans.exit_event_key) as exit_event_key,
        spans.ended_on
    from spans
    left join tied_page_views as entries
        on
            spans.visitor_key = entries.visitor_key
            and spans.started_at = entries.occurred_at
            and spans.is_entry_tied
    left join tied_page_views as exits
        on
            spans.visitor_key = exits.visitor_key
            and spans.ended_at = exits.occurred_at
            and spans.is_exit_tied

)

select * from sessions
