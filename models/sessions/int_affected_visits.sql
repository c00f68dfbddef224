{%- set limit = minutes(var('session_inactivity_minutes')) -%}

with points as (

    select distinct
        visitor_key,
        occurred_at
    from {{ changes_of('int_events') }}
    where visitor_key is not null

),

-- A session that an event may join, leave, extend or shorten lies less than the limit from it.
touched as (

    {% if is_night() -%}
    select distinct
        sessions.visitor_key,
        sessions.session_key,
        sessions.started_at as from_at,
        sessions.ended_at as to_at
    from {{ held('sessions', 'int_session_spans') }} as sessions
    inner join points
        on
            sessions.visitor_key = points.visitor_key
            {% if not var('session_split_on_new_source') -%}
            and points.occurred_at > sessions.started_at - {{ limit }}
            and points.occurred_at < sessions.ended_at + {{ limit }}
            {%- endif %}
    {%- else -%}
    select
        visitor_key,
        cast(null as {{ key_type() }}) as session_key,
        occurred_at as from_at,
        occurred_at as to_at
    from points
    {%- endif %}

),

visits as (

    select * from touched

    union all

    select
        visitor_key,
        null as session_key,
        occurred_at as from_at,
        occurred_at as to_at
    from points

),

by_day as (

    select
        visitor_key,
        session_key,
        from_at,
        to_at,
        {{ each_date('cast(from_at as date)', 'cast(to_at + ' ~ limit ~ ' as date)') }}
            as occurred_on
    from visits

)

select * from by_day
