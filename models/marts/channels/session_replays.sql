{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['date', 'session_id'],
    meta={
        'affected': 'int_affected_session_replays',
        'pieces': {
            'of': 'int_session_events',
            'by': 'occurred_on',
            'rows': var('rows_of_a_piece', 700000)
        }
    }
) }}

with sessions as (

    select
        session_key,
        session_id,
        started_at
    from {{ affected_rows('int_sessions', 'int_affected_session_replays', ['session_key']) }}
    where {{ of_piece('started_on') }}

),

in_session as {{ inlined() }} (

    select
        session_key,
        event_key,
        occurred_on,
        occurred_at
    from {{ affected_rows(
        'int_session_events', 'int_affected_session_replays', ['session_key']
    ) }}
    where
        occurred_on >= {{ from_piece() }}
        and session_key in (select session_key from sessions)

),

clicks as (

    select
        in_session.session_key,
        in_session.event_key,
        coalesce(
            {{ microseconds_between(
                'lag(in_session.occurred_at, 2) over same_cell', 'in_session.occurred_at'
            ) }} <= 1000000,
            false
        ) as is_rage
    from in_session
    inner join {{ ref('int_page_behaviour') }} as behaviour
        on
            in_session.event_key = behaviour.event_key
            and in_session.occurred_on = behaviour.occurred_on
    where behaviour.grid_column is not null
    window same_cell as (
        partition by
            in_session.session_key,
            behaviour.url_key,
            behaviour.grid_column,
            behaviour.grid_row
        order by in_session.occurred_at, behaviour.event_id
    )

),

rage_clicks as (

    select
        session_key,
        count(*) as rage_clicks
    from clicks
    where is_rage
    group by session_key

),

replays as (

    select
        in_session.session_key,
        max(events.occurred_at) as last_at,
        {{ ordered_structs(
            {'occurred_at': 'events.occurred_at', 'event_id': 'events.event_id'},
            {
                'occurred_at': 'events.occurred_at',
                'event_type': 'events.event_type',
                'asset_id': 'events.asset_id',
                'url': 'urls.url',
                'x': 'cast(behaviour.x as double)',
                'y': 'cast(behaviour.y as double)',
            }
        ) }} as events,
        count(*) filter (where behaviour.is_dead_click) as dead_clicks,
        count(*) filter (where events.event_type = 'page_error') as errors
    from in_session
    inner join {{ ref('int_events') }} as events
        on
            in_session.event_key = events.event_key
            and in_session.occurred_on = events.occurred_on
    left join {{ ref('stg_urls') }} as urls
        on case when events.event_type = 'page_viewed' then events.url_key end = urls.url_key
    left join {{ ref('int_page_behaviour') }} as behaviour
        on
            in_session.event_key = behaviour.event_key
            and in_session.occurred_on = behaviour.occurred_on
    group by in_session.session_key

)

select
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    sessions.session_id,
    {{ report_date('sessions.started_at') }} as date,
    cast({{ microseconds_between('sessions.started_at', 'replays.last_at') }} as double) / 1000000
        as length_s,
    replays.events,
    coalesce(rage_clicks.rage_clicks, 0) as rage_clicks,
    replays.dead_clicks,
    replays.errors
from replays
inner join sessions
    on replays.session_key = sessions.session_key
left join rage_clicks
    on replays.session_key = rage_clicks.session_key
left join {{ ref('int_campaign_sessions') }} as campaigns
    on replays.session_key = campaigns.session_key
