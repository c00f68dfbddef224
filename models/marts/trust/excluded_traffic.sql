with removed as (

    select
        list,
        entry,
        count(*) as events
    from {{ ref('int_excluded_events') }}
    group by list, entry

),

listed as (

    select
        'user_agent' as list,
        entry
    from {{ ref('excluded_user_agents') }}

    union all

    select
        'visitor' as list,
        entry
    from {{ ref('excluded_visitors') }}

),

entries as (

    select
        listed.list,
        listed.entry,
        coalesce(removed.events, 0) as events
    from listed
    left join removed
        on
            listed.list = removed.list
            and listed.entry = removed.entry

)

select * from entries
