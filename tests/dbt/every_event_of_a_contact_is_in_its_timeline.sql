-- A returned row is an event or stage entry that a contact's timeline lost, doubled or invented.
with expected as (

    select
        contact_id,
        event_id
    from {{ ref('int_contact_events') }}

    union

    select
        deal_contacts.contact_id,
        entries.event_id
    from {{ ref('int_stage_entry_events') }} as entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

),

counted as (

    select
        contact_id,
        event_id,
        1 as expected,
        0 as present
    from expected
    where contact_id in (select contact_id from {{ ref('contacts') }})

    union all

    select
        contact_id,
        event_id,
        0 as expected,
        1 as present
    from {{ ref('contact_timeline') }}

)

select
    contact_id,
    event_id
from counted
group by contact_id, event_id
having sum(expected) != 1 or sum(present) != 1
