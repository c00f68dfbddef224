{{ config(
    materialized='incremental',
    incremental_strategy='new_units',
    unique_key=['user_agent', 'entry']
) }}

with user_agents as (

    select distinct user_agent
    from {{ changes_of('stg_devices') if is_incremental() else ref('stg_devices') }}
    where user_agent is not null

)

select
    user_agents.user_agent,
    entries.entry
from user_agents
inner join {{ ref('excluded_user_agents') }} as entries
    on contains({{ lower_text('user_agents.user_agent') }}, {{ lower_text('entries.entry') }})
