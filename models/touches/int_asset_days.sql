{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['asset_id', 'occurred_on'],
    meta={'affected': 'changes of int_asset_events'}
) }}

with asset_events as (

    select * from {{ ref('int_asset_events') }}
    {{ only_affected('changes of int_asset_events', ['asset_id', 'occurred_on']) }}

)

select
    asset_id,
    occurred_on,
    count(*) filter (where measure = 'views') as views,
    count(*) filter (where measure = 'submissions') as submissions,
    count(*) filter (where measure = 'sent') as sent,
    count(*) filter (where measure = 'opens') as opens,
    count(*) filter (where measure = 'clicks') as clicks,
    count(*) as interactions,
    count(*) filter (where event_type = 'ad_interaction') as ad_interactions,
    max(occurred_at) filter (where event_type = 'page_viewed') as last_viewed_at
from asset_events
group by asset_id, occurred_on
