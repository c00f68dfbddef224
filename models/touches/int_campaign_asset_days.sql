{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['campaign_id', 'asset_id', 'occurred_on'],
    meta={'affected': 'changes of int_asset_interactions'}
) }}

with interactions as (

    select * from {{ ref('int_asset_interactions') }}
    {{ only_affected(
        'changes of int_asset_interactions', ['campaign_id', 'asset_id', 'occurred_on']
    ) }}

)

select
    campaign_id,
    asset_id,
    occurred_on,
    count(*) filter (where measure = 'views') as views,
    count(*) filter (where measure = 'submissions') as submissions,
    count(*) filter (where measure = 'opens') as opens,
    count(*) filter (where measure = 'clicks') as clicks,
    count(*) as interactions
from interactions
group by campaign_id, asset_id, occurred_on
