with campaigns as (

    select
        event_key,
        occurred_on,
        {{ sorted_list('campaign_id') }} as campaign_ids
    from {{ ref('int_event_campaigns') }}
    group by event_key, occurred_on

),

deals as (

    select
        event_key,
        occurred_on,
        deal_id
    from {{ ref('stg_events') }}
    where deal_id is not null

),

steps as (

    select
        events.contact_id,
        events.event_id,
        events.occurred_at,
        events.event_type,
        events.asset_id,
        coalesce(campaigns.campaign_ids, cast([] as varchar[])) as campaign_ids,
        deals.deal_id
    from {{ ref('int_contact_events') }} as events
    left join campaigns
        on
            events.event_key = campaigns.event_key
            and events.occurred_on = campaigns.occurred_on
    left join deals
        on
            events.event_key = deals.event_key
            and events.occurred_on = deals.occurred_on

    union all

    select
        deal_contacts.contact_id,
        entries.event_id,
        entries.occurred_at,
        'deal_stage_entered' as event_type,
        null as asset_id,
        cast([] as varchar[]) as campaign_ids,
        entries.deal_id
    from {{ ref('int_stage_entry_events') }} as entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

)

select
    steps.contact_id,
    steps.event_id,
    steps.occurred_at,
    event_types.area,
    steps.event_type,
    steps.asset_id,
    steps.campaign_ids,
    steps.deal_id
from steps
left join {{ ref('event_types') }} as event_types
    on steps.event_type = event_types.event_type
where steps.contact_id not in (select contact_id from {{ ref('int_erased_contacts') }})
