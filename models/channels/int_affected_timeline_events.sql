with events as (

    select
        event_key,
        occurred_on,
        event_id,
        occurred_at
    from {{ changes_of('int_contact_events') }}

    union

    select
        event_key,
        occurred_on,
        event_id,
        occurred_at
    from {{ ref('int_contact_events') }}
    where
        event_key in (
            select event_key from {{ changes_of('int_event_campaigns') }}
            union all
            select event_key from {{ changes_of('stg_events') }}
        )
        or contact_id in (select contact_id from {{ changes_of('int_erased_contacts') }})

),

entries as (

    select
        event_key,
        occurred_on,
        event_id,
        occurred_at
    from {{ changes_of('int_stage_entry_events') }}

    union

    select
        event_key,
        occurred_on,
        event_id,
        occurred_at
    from {{ ref('int_stage_entry_events') }}
    where
        deal_id in (
            select deal_id from {{ changes_of('int_deal_contacts') }}
            union all
            select deal_contacts.deal_id
            from {{ ref('int_deal_contacts') }} as deal_contacts
            where
                deal_contacts.contact_id in (
                    select contact_id from {{ changes_of('int_erased_contacts') }}
                )
        )

)

select * from events

union

select * from entries

union

-- Of an event of the stream and an entry with one id only the entry stands.
select
    event_key,
    occurred_on,
    event_id,
    occurred_at
from {{ ref('int_contact_events') }}
where event_key in (select {{ hash_key('event_id') }} from entries)

union

select
    event_key,
    occurred_on,
    event_id,
    occurred_at
from {{ ref('int_stage_entry_events') }}
where event_id in (select event_id from events)
