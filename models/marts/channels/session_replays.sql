with in_session as (

    select
        session_key,
        event_key,
        occurred_on
    from {{ ref('int_session_events') }}

),

steps as (

    select
        in_session.session_key,
        events.event_id,
        events.occurred_at,
        events.event_type,
        events.asset_id,
        urls.url,
        case when events.event_type = 'page_clicked' then cast(behaviour.x as double) end as x,
        case when events.event_type = 'page_clicked' then cast(behaviour.y as double) end as y,
        behaviour.is_dead,
        behaviour.grid_column is not null and coalesce(
            {{ microseconds_between(
                'lag(events.occurred_at, 2) over same_cell', 'events.occurred_at'
            ) }} <= 1000000,
            false
        ) as is_rage
    from in_session
    inner join {{ ref('int_events') }} as events
        on
            in_session.event_key = events.event_key
            and in_session.occurred_on = events.occurred_on
    left join {{ ref('stg_urls') }} as urls
        on events.url_key = urls.url_key
    left join {{ ref('int_page_behaviour') }} as behaviour
        on
            in_session.event_key = behaviour.event_key
            and in_session.occurred_on = behaviour.occurred_on
    window same_cell as (
        partition by
            in_session.session_key,
            events.url_key,
            behaviour.grid_column,
            behaviour.grid_row
        order by events.occurred_at, events.event_id
    )

),

replays as (

    select
        session_key,
        max(occurred_at) as last_at,
        list(
            {
                'event_id': event_id,
                'occurred_at': occurred_at,
                'event_type': event_type,
                'asset_id': asset_id,
                'url': url,
                'x': x,
                'y': y
            }
            order by occurred_at, event_id
        ) as events,
        count(*) filter (where is_rage) as rage_clicks,
        count(*) filter (where is_dead) as dead_clicks,
        count(*) filter (where event_type = 'page_error') as errors
    from steps
    group by session_key

)

select
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    sessions.session_id,
    {{ report_date('sessions.started_at') }} as date,
    cast({{ microseconds_between('sessions.started_at', 'replays.last_at') }} as double) / 1000000
        as length_s,
    replays.events,
    replays.rage_clicks,
    replays.dead_clicks,
    replays.errors
from replays
inner join {{ ref('int_sessions') }} as sessions
    on replays.session_key = sessions.session_key
left join {{ ref('int_campaign_sessions') }} as campaigns
    on replays.session_key = campaigns.session_key
