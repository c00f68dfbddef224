with events as (

    select event_key from {{ changes_of('int_journey_step_events') }}

    union

    select event_key from {{ changes_of('int_contact_events') }}

    union

    select event_key from {{ changes_of('int_stage_entry_events') }}

),

entry_deals as (

    select deal_id from {{ changes_of('int_stage_entry_events') }}

    union

    select deal_id
    from {{ ref('int_stage_entry_events') }}
    where event_key in (select event_key from events)

    union

    select deal_id from {{ changes_of('int_deal_contacts') }}

),

contacts as (

    select contact_id from {{ changes_of('int_contact_events') }}

    union

    select contact_id
    from {{ ref('int_contact_events') }}
    where event_key in (select event_key from events)

    union

    select contact_id from {{ changes_of('int_deal_contacts') }}

    union

    select contact_id
    from {{ ref('int_deal_contacts') }}
    where deal_id in (select deal_id from entry_deals)

    union

    -- Whether an entity is shown changes with its erasure.
    select contact_id from {{ changes_of('int_erased_contacts') }}

),

deals as (

    select deal_id from entry_deals

    union

    select deal_id from {{ changes_of('stg_deals') }}

    union

    select deal_id
    from {{ changes_of('stg_events') }}
    where deal_id is not null

    union

    select deal_id
    from {{ ref('stg_events') }}
    where
        deal_id is not null
        and event_key in (select event_key from events)

    union

    select deal_id
    from {{ ref('int_deal_contacts') }}
    where contact_id in (select contact_id from contacts)

),

visitors as (

    select visitor_key
    from {{ changes_of('int_events') }}
    where visitor_key is not null

    union

    select visitor_key
    from {{ ref('int_events') }}
    where
        visitor_key is not null
        and event_key in (select event_key from events)

    union

    select {{ hash_key('visitor_id') }} as visitor_key
    from {{ changes_of('int_erased_visitors') }}

),

affected as (

    select
        'contact' as entity_type,
        contact_id as entity_id,
        {{ hash_key('contact_id') }} as id_key
    from contacts

    union all

    select
        'deal' as entity_type,
        deal_id as entity_id,
        {{ hash_key('deal_id') }} as id_key
    from deals

    union all

    select
        'visitor' as entity_type,
        stg_visitors.visitor_id as entity_id,
        visitors.visitor_key as id_key
    from visitors
    inner join {{ ref('stg_visitors') }} as stg_visitors
        on visitors.visitor_key = stg_visitors.visitor_key

)

select
    entity_type,
    entity_id,
    id_key,
    {{ entity_key('entity_type', 'id_key') }} as entity_key
from affected
