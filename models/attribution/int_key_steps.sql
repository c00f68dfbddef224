{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='path_key',
    meta={'affected': 'int_affected_paths'}
) }}

with paths as (

    select
        path_key,
        path_kind = 'deal' as is_converting
    from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['path_key']) }}
    where
        path_kind = 'no_deal'
        or (
            path_kind = 'deal'
            and lookback_days is not distinct from {{ attribution_lookback_days() }}
        )

),

interactions as (

    select
        paths.path_key,
        paths.is_converting,
        path_interactions.position,
        credit_interactions.channel,
        credit_interactions.campaign_ids
    from {{ ref('int_path_interactions') }} as path_interactions
    inner join paths
        on path_interactions.path_key = paths.path_key
    inner join {{ ref('int_credit_interactions') }} as credit_interactions
        on path_interactions.event_key = credit_interactions.event_key

),

keys as (

    select
        'channel' as dimension,
        path_key,
        is_converting,
        position,
        channel as key
    from interactions

    union all

    select
        'campaign' as dimension,
        path_key,
        is_converting,
        position,
        {{ each_of('campaign_ids') }} as key
    from interactions

)

select
    dimension,
    path_key,
    is_converting,
    row_number() over path as step,
    lag(key, 2) over path as third_last_key,
    lag(key, 1) over path as second_last_key,
    key as last_key,
    lead(key) over path as next_key
from keys
window path as (partition by dimension, path_key order by position, key)
