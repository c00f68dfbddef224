{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['occurred_at', 'event_id'],
    meta={'affected': 'int_affected_timeline_events'}
) }}

with events as (

    select * from {{ affected_rows(
        'int_contact_events', 'int_affected_timeline_events', ['event_key', 'occurred_on']
    ) }}

),

campaigns as (

    select
        campaigns.event_key,
        {{ list_in_order('campaigns.campaign_id') }} as campaign_ids
    from {{ ref('int_event_campaigns') }} as campaigns
    semi join events
        on
            campaigns.event_key = events.event_key
            and campaigns.occurred_on = events.occurred_on
    group by campaigns.event_key

),

deals as (

    select
        event_key,
        deal_id
    from {{ ref('stg_events') }}
    {{ only_affected('int_affected_timeline_events', ['event_key', 'occurred_on']) }}
    where deal_id is not null

),

entries as (

    select * from {{ ref('int_stage_entry_events') }}
    {{ only_affected('int_affected_timeline_events', ['event_key', 'occurred_on']) }}

),

entered as (

    select
        deal_contacts.contact_id,
        entries.event_id,
        {{ hash_key('entries.event_id') }} as event_key,
        entries.occurred_at,
        entries.deal_id
    from entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

),

steps as (

    select
        events.contact_id,
        events.event_id,
        events.occurred_at,
        events.event_type,
        events.asset_id,
        campaigns.campaign_ids,
        deals.deal_id
    from events
    left join campaigns
        on events.event_key = campaigns.event_key
    left join deals
        on events.event_key = deals.event_key
    -- What the stream tells under an entry's id is the entry.
    anti join entered
        on
            events.event_key = entered.event_key
            and events.contact_id = entered.contact_id

    union all

    select
        contact_id,
        event_id,
        occurred_at,
        'deal_stage_entered' as event_type,
        null as asset_id,
        null as campaign_ids,
        deal_id
    from entered

)

select
    steps.contact_id,
    steps.event_id,
    steps.occurred_at,
    event_types.area,
    steps.event_type,
    steps.asset_id,
    coalesce(steps.campaign_ids, {{ text_list([]) }}) as campaign_ids,
    steps.deal_id
from steps
left join {{ ref('event_types') }} as event_types
    on steps.event_type = event_types.event_type
where steps.contact_id not in (select contact_id from {{ ref('int_erased_contacts') }})
