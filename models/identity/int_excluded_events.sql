{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_events'}
) }}

with events as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        visitor_key,
        device_key
    from {{ affected_rows('stg_events', 'int_affected_events', ['event_key', 'occurred_on']) }}

),

excluded as (

    select
        events.event_key,
        events.occurred_on,
        'user_agent' as list,
        agents.entry
    from events
    inner join {{ ref('stg_devices') }} as devices
        on events.device_key = devices.device_key
    inner join {{ ref('int_excluded_user_agents') }} as agents
        on devices.user_agent = agents.user_agent

    union all

    select
        events.event_key,
        events.occurred_on,
        'visitor' as list,
        visitors.entry
    from events
    inner join {{ ref('excluded_visitors') }} as visitors
        on events.visitor_key = {{ hash_key('visitors.entry') }}

)

select * from excluded
