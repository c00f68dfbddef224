{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='entity_key',
    meta={'affected': 'int_affected_journey_entities'}
) }}

{#- Whether some stage has two steps of one event type, which events can share. -#}
{%- set shared = namespace(is_so=false) -%}
{%- for journey in (var('journeys') or {}).values() -%}
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

-- What a step asks for: events of a type, or those that meet its own conditions.
steps as materialized (

    select
        steps.*,
        count(*) over (
            partition by steps.journey_key, steps.stage, steps.event_type
        ) > 1 as is_contested,
        journeys.entity = 'deals' as of_deals,
        case
            when steps.has_filters then steps.step_key
            -- Entries into stages are those of the history, not of the stream.
            when steps.event_type = 'deal_stage_entered'
                then {{ tuple_key(["'deal_stage_history'"]) }}
            else {{ tuple_key(['steps.event_type']) }}
        end as asked_key,
        journeys.starts_on,
        journeys.ends_on
    from {{ ref('int_journey_steps') }} as steps
    inner join journeys
        on steps.journey_key = journeys.journey_key

),

contact_events as not materialized (

    select
        event_key,
        {{ entity_key("'contact'", hash_key('contact_id')) }} as entity_key
    from {{ ref('int_contact_events') }}

    union all

    select
        entries.event_key,
        {{ entity_key("'contact'", hash_key('deal_contacts.contact_id')) }} as entity_key
    from {{ ref('int_stage_entry_events') }} as entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

),

deal_events as not materialized (

    select
        event_key,
        {{ entity_key("'deal'", hash_key('deal_id')) }} as entity_key
    from {{ ref('int_deal_events') }}

),

{% if is_incremental() -%}
affected as (

    select
        entity_type,
        id_key,
        entity_key
    from {{ ref('int_affected_journey_entities') }}

),

-- The few events of the few entities that are recomputed, and others' beside.
their_events as materialized (

    select event_key
    from contact_events
    where entity_key in (select entity_key from affected)

    union

    select event_key
    from deal_events
    where entity_key in (select entity_key from affected)

    union

    select event_key
    from {{ ref('int_events') }}
    where visitor_key in (select id_key from affected where entity_type = 'visitor')

),

{% endif -%}
asked_types as materialized (

    select distinct
        event_type,
        asked_key
    from steps
    where
        not has_filters
        and event_type != 'deal_stage_entered'

),

events as not materialized (

    select
        events.event_key,
        events.occurred_at,
        events.visitor_key,
        asked_types.asked_key
    from {{ ref('int_events') }} as events
    {% if is_incremental() -%}
    semi join their_events
        on events.event_key = their_events.event_key
    {%- endif %}
    inner join asked_types
        on events.event_type = asked_types.event_type

    union all

    select
        event_key,
        occurred_at,
        cast(null as ubigint) as visitor_key,
        {{ tuple_key(["'deal_stage_history'"]) }} as asked_key
    from {{ ref('int_stage_entry_events') }}

    union all

    select
        event_key,
        occurred_at,
        visitor_key,
        step_key as asked_key
    from {{ ref('int_journey_filtered_events') }}
    {% if is_incremental() -%}
    semi join their_events using (event_key)
    {%- endif %}

),

-- Whose they are comes before which steps they fit: the engine knows how many events there are, and
-- not how many fit.
entity_events as not materialized (

    select
        coalesce(
            contact_events.entity_key, {{ entity_key("'visitor'", 'events.visitor_key') }}
        ) as entity_key,
        contact_events.entity_key is null as is_visitor,
        false as of_deals,
        events.event_key,
        events.occurred_at,
        events.asked_key
    from events
    left join contact_events
        on events.event_key = contact_events.event_key
    where
        contact_events.entity_key is not null
        or events.visitor_key is not null

    union all

    select
        deal_events.entity_key,
        false as is_visitor,
        true as of_deals,
        events.event_key,
        events.occurred_at,
        events.asked_key
    from events
    inner join deal_events
        on events.event_key = deal_events.event_key

),

recomputed as not materialized (

    select *
    from entity_events
    {{ only_affected('int_affected_journey_entities', ['entity_key']) }}

),

fitting as not materialized (

    select
        steps.journey_key,
        recomputed.entity_key,
        steps.stage,
        steps.step,
        recomputed.event_key,
        recomputed.occurred_at,
        steps.is_contested
    from recomputed
    inner join steps
        on
            recomputed.asked_key = steps.asked_key
            and recomputed.of_deals = steps.of_deals
    where
        (steps.admits_visitors or not recomputed.is_visitor)
        and (
            steps.starts_on is null
            or {{ report_date('recomputed.occurred_at') }} >= steps.starts_on
        )
        and (
            steps.ends_on is null
            or {{ report_date('recomputed.occurred_at') }} <= steps.ends_on
        )

)

select
    journey_key,
    entity_key,
    stage,
    step,
    event_key,
    occurred_at
from fitting
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
from fitting
where is_contested
group by journey_key, entity_key, stage, event_key, occurred_at
{%- endif %}
