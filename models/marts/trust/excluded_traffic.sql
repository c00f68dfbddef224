with events as (

    select
        user_agent,
        visitor_id
    from {{ ref('stg_events') }}

),

by_user_agent as (

    select
        agents.entry,
        count(*) as events
    from events
    inner join {{ ref('int_excluded_user_agents') }} as agents
        on events.user_agent = agents.user_agent
    group by agents.entry

),

by_visitor as (

    select
        visitor_id as entry,
        count(*) as events
    from events
    where visitor_id in (select entry from {{ ref('excluded_visitors') }})
    group by visitor_id

),

entries as (

    select
        'user_agent' as list,
        entries.entry,
        coalesce(by_user_agent.events, 0) as events
    from {{ ref('excluded_user_agents') }} as entries
    left join by_user_agent
        on entries.entry = by_user_agent.entry

    union all

    select
        'visitor' as list,
        entries.entry,
        coalesce(by_visitor.events, 0) as events
    from {{ ref('excluded_visitors') }} as entries
    left join by_visitor
        on entries.entry = by_visitor.entry

)

select * from entries
