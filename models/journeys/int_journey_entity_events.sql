{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='entity_key',
    meta={'affected': 'int_affected_journey_entities'}
) }}

{%- set definitions = (var('journeys') or {}).values() | list -%}
{#- Whether some stage has two steps of one event type, which events can share. -#}
{%- set shared = namespace(is_so=false) -%}
{%- for journey in definitions -%}
{%- for stage in journey['stages'] -%}
{%- set types = stage['steps'] | map(attribute='event') | list -%}
{%- if types | unique | list | length < types | length -%}
{%- set shared.is_so = true -%}
{%- endif -%}
{%- endfor -%}
{%- endfor -%}

with journeys as (

    select * from {{ ref('int_journeys') }}

),

entity_types (entity_type) as (

    values
    ('contact'),
    ('visitor'),
    ('deal')

),

-- What a step asks for, of each kind of entity that it admits: events of a type, or those that meet
-- its own conditions.
steps as {{ materialized() }} (

    select
        steps.*,
        count(*) over (
            partition by
                steps.journey_key, steps.stage, steps.event_type, entity_types.entity_type
        ) > 1 as is_contested,
        entity_types.entity_type,
        case
            when steps.has_filters
                then {{ tuple_key(['entity_types.entity_type', 'steps.step_key']) }}
            else {{ tuple_key(['entity_types.entity_type', 'steps.event_type']) }}
        end as asked_key,
        steps.event_type = 'deal_stage_entered' as of_stage_entries,
        coalesce(journeys.starts_on, journeys.ends_on) is not null as is_dated,
        coalesce(journeys.starts_on, cast({{ start_of_time() }} as date)) as starts_on,
        coalesce(journeys.ends_on, cast({{ end_of_time() }} as date)) as ends_on
    from {{ ref('int_journey_steps') }} as steps
    inner join journeys
        on steps.journey_key = journeys.journey_key
    inner join entity_types
        on case entity_types.entity_type
            when 'deal' then journeys.entity = 'deals'
            when 'contact' then journeys.entity = 'contacts'
            else journeys.entity = 'contacts' and steps.admits_visitors
        end

),

asked_types as {{ materialized() }} (

    select distinct
        entity_type,
        event_type,
        of_stage_entries,
        asked_key
    from steps
    where not has_filters

),

-- Entries into stages are those of the history, not of the stream.
contact_events as {{ inlined() }} (

    select
        event_key,
        occurred_at,
        event_type,
        {{ entity_key("'contact'", hash_key('contact_id')) }} as entity_key
    from {{ ref('int_contact_events') }}
    where event_type != 'deal_stage_entered'

    union all

    select
        entries.event_key,
        entries.occurred_at,
        'deal_stage_entered' as event_type,
        {{ entity_key("'contact'", hash_key('deal_contacts.contact_id')) }} as entity_key
    from {{ ref('int_stage_entry_events') }} as entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

),

deal_events as {{ inlined() }} (

    select
        event_key,
        {{ entity_key("'deal'", hash_key('deal_id')) }} as entity_key
    from {{ ref('int_deal_events') }}

),

their_contact_events as {{ inlined() }} (

    select *
    from contact_events
    {{ only_affected('int_affected_journey_entities', ['entity_key']) }}

),

their_deal_events as {{ inlined() }} (

    select *
    from deal_events
    {{ only_affected('int_affected_journey_entities', ['entity_key']) }}

),

{% if is_incremental() -%}
affected_visitors as (

    select id_key as visitor_key
    from {{ ref('int_affected_journey_entities') }}
    where entity_type = 'visitor'

),

{% endif -%}
asked_events as {{ inlined() }} (

    select
        asked_types.entity_type,
        asked_types.asked_key,
        events.event_key,
        events.occurred_at,
        events.visitor_key
    from {{ ref('int_events') }} as events
    inner join asked_types
        on events.event_type = asked_types.event_type
    where not asked_types.of_stage_entries

    union all

    select
        asked_types.entity_type,
        asked_types.asked_key,
        entries.event_key,
        entries.occurred_at,
        cast(null as {{ key_type() }}) as visitor_key
    from {{ ref('int_stage_entry_events') }} as entries
    inner join asked_types
        on asked_types.of_stage_entries

    union all

    select
        steps.entity_type,
        steps.asked_key,
        filtered.event_key,
        filtered.occurred_at,
        filtered.visitor_key
    from {{ ref('int_journey_filtered_events') }} as filtered
    inner join steps
        on filtered.step_key = steps.step_key

),

-- What is a contact's is not its visitor's too.
known_visits as {{ inlined() }} (

    select event_key
    from contact_events
    where
        event_type in (
            select event_type from steps
            where entity_type = 'visitor'
        )

),

entity_events as {{ materialized() }} (

    select
        contact_events.entity_key,
        contact_events.event_key,
        contact_events.occurred_at,
        asked_types.asked_key
    from their_contact_events as contact_events
    inner join asked_types
        on
            contact_events.event_type = asked_types.event_type
            and asked_types.entity_type = 'contact'

    union all

    select
        contact_events.entity_key,
        contact_events.event_key,
        contact_events.occurred_at,
        steps.asked_key
    from their_contact_events as contact_events
    inner join {{ ref('int_journey_filtered_events') }} as filtered
        on contact_events.event_key = filtered.event_key
    inner join steps
        on
            filtered.step_key = steps.step_key
            and steps.entity_type = 'contact'

    union all

    select
        {{ entity_key("'visitor'", 'asked_events.visitor_key') }} as entity_key,
        asked_events.event_key,
        asked_events.occurred_at,
        asked_events.asked_key
    from asked_events
    {% if is_incremental() -%}
    semi join affected_visitors using (visitor_key)
    {%- endif %}
    anti join known_visits
        on asked_events.event_key = known_visits.event_key
    where
        asked_events.entity_type = 'visitor'
        and asked_events.visitor_key is not null
    {%- if definitions | selectattr('entity', 'equalto', 'deals') | list %}

    union all

    select
        deal_events.entity_key,
        asked_events.event_key,
        asked_events.occurred_at,
        asked_events.asked_key
    from their_deal_events as deal_events
    inner join asked_events
        on deal_events.event_key = asked_events.event_key
    where asked_events.entity_type = 'deal'
    {%- endif %}

),

fitting as {{ inlined() }} (

    select
        steps.journey_key,
        entity_events.entity_key,
        steps.stage,
        steps.step,
        entity_events.event_key,
        entity_events.occurred_at,
        steps.is_contested
    from entity_events
    inner join steps
        on entity_events.asked_key = steps.asked_key
    where
        not steps.is_dated
        or {{ report_date('entity_events.occurred_at') }} between steps.starts_on and steps.ends_on

),

beginnings as (

    select
        journey_key,
        entity_key,
        min(occurred_at) as began_at
    from fitting
    where stage = 1
    group by journey_key, entity_key

),

-- What lies before the first stage is nothing, and of the first stage only its first event counts.
within_reach as {{ inlined() }} (

    select fitting.*
    from fitting
    inner join beginnings
        on
            fitting.journey_key = beginnings.journey_key
            and fitting.entity_key = beginnings.entity_key
            and fitting.occurred_at >= beginnings.began_at
    where
        fitting.stage > 1
        or fitting.occurred_at = beginnings.began_at

)

select
    journey_key,
    entity_key,
    stage,
    step,
    event_key,
    occurred_at
from within_reach
{%- if shared.is_so %}
where not is_contested

union all

-- Of the steps of a stage that an event fits the first counts: they ask for one event type.
select
    journey_key,
    entity_key,
    stage,
    min(step) as step,
    event_key,
    occurred_at
from within_reach
where is_contested
group by journey_key, entity_key, stage, event_key, occurred_at
{%- endif %}
