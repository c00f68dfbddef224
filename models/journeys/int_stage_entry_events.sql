{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key=['event_key', 'occurred_on']
) }}

with entries as (

    select
        entries.deal_id || ':' || entries.stage_id || ':' || {{ iso_instant('entries.entered_at') }}
            as event_id,
        entries.deal_id,
        entries.stage_id,
        entries.pipeline_id,
        entries.entered_at as occurred_at,
        cast(entries.entered_at as date) as occurred_on
    from {{ ref('int_stage_entries') }} as entries
    inner join {{ ref('int_deals') }} as deals
        on entries.deal_id = deals.deal_id

)

select
    -- Apart from the keys of the stream's events, whatever their ids are.
    {{ tuple_key(["'deal_stage_entered'", hash_key('event_id')]) }} as event_key,
    event_id,
    deal_id,
    stage_id,
    pipeline_id,
    occurred_at,
    occurred_on
from entries
