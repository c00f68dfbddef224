-- An event may belong to a deal by several ways.
select
    events.event_key,
    events.deal_id
from {{ ref('stg_events') }} as events
inner join {{ ref('int_deals') }} as deals
    on events.deal_id = deals.deal_id

union

select
    event_key,
    deal_id
from {{ ref('int_stage_entry_events') }}

union

select
    contact_events.event_key,
    deal_contacts.deal_id
from {{ ref('int_contact_events') }} as contact_events
inner join {{ ref('int_deal_contacts') }} as deal_contacts
    on contact_events.contact_id = deal_contacts.contact_id
