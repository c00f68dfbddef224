{%- set lengths = (var('journeys') or {}).values() | map(attribute='stages') | map('length') -%}
{%- set most_stages = ([1] + lengths | list) | max -%}
{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='entity_key',
    meta={'affected': 'int_affected_journey_entities'}
) }}

with journeys as (

    select * from {{ ref('int_journeys') }}

),

stages as (

    select * from {{ ref('int_journey_stages') }}

),

step_events as (

    select * from {{ ref('int_journey_step_events') }}

),

contact_events as (

    select
        event_key,
        contact_id
    from {{ ref('int_contact_events') }}

    union all

    select
        entries.event_key,
        deal_contacts.contact_id
    from {{ ref('int_stage_entry_events') }} as entries
    inner join {{ ref('int_deal_contacts') }} as deal_contacts
        on entries.deal_id = deal_contacts.deal_id

),

deal_events as (

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

),

of_contacts as (

    select
        step_events.*,
        case when contact_events.contact_id is null then 'visitor' else 'contact' end as entity_type,
        coalesce(
            {{ hash_key('contact_events.contact_id') }}, step_events.visitor_key
        ) as id_key
    from step_events
    inner join journeys
        on
            step_events.journey_key = journeys.journey_key
            and journeys.entity = 'contacts'
    left join contact_events
        on step_events.event_key = contact_events.event_key

),

of_deals as (

    select
        step_events.*,
        'deal' as entity_type,
        {{ hash_key('deal_events.deal_id') }} as id_key
    from step_events
    inner join journeys
        on
            step_events.journey_key = journeys.journey_key
            and journeys.entity = 'deals'
    inner join deal_events
        on step_events.event_key = deal_events.event_key

),

keyed as (

    select
        *,
        {{ entity_key('entity_type', 'id_key') }} as entity_key
    from (
        select * from of_contacts
        union all
        select * from of_deals
    )
    where id_key is not null

),

entity_events as materialized (

    select
        journey_key,
        entity_key,
        stage,
        event_key,
        occurred_at
    from keyed
    {{ only_affected('int_affected_journey_entities', ['entity_key']) }}

),

-- What lies before the first stage admits to no other, and of the first stage only its first event counts.
beginnings as (

    select
        journey_key,
        entity_key,
        min(occurred_at) as began_at
    from entity_events
    where stage = 1
    group by journey_key, entity_key

),

within_reach as (

    select entity_events.*
    from entity_events
    inner join beginnings
        on
            entity_events.journey_key = beginnings.journey_key
            and entity_events.entity_key = beginnings.entity_key
            and entity_events.occurred_at >= beginnings.began_at
    where
        entity_events.stage > 1
        or entity_events.occurred_at = beginnings.began_at

),

-- By time alone, for few events share an instant: only theirs are put in the order of their ids.
ranked as materialized (

    select
        *,
        dense_rank() over by_time as position,
        coalesce(
            lag(occurred_at) over by_time = occurred_at
            and lag(event_key) over by_time != event_key,
            false
        ) as is_tied
    from within_reach
    window by_time as (partition by entity_key order by occurred_at, event_key)

),

tied_instants as (

    select distinct
        entity_key,
        occurred_at
    from ranked
    where is_tied

),

tied_events as (

    select
        ranked.entity_key,
        ranked.occurred_at,
        ranked.event_key,
        min(ranked.position) as position
    from ranked
    semi join tied_instants
        on
            ranked.entity_key = tied_instants.entity_key
            and ranked.occurred_at = tied_instants.occurred_at
    group by ranked.entity_key, ranked.occurred_at, ranked.event_key

),

event_ids as (

    select
        event_key,
        event_id
    from {{ ref('stg_events') }}
    where event_key in (select event_key from tied_events)

    union all

    select
        event_key,
        event_id
    from {{ ref('int_stage_entry_events') }}
    where event_key in (select event_key from tied_events)

),

put_in_order as (

    select
        tied_events.entity_key,
        tied_events.event_key,
        min(tied_events.position) over (
            partition by tied_events.entity_key, tied_events.occurred_at
        ) - 1 + row_number() over (
            partition by tied_events.entity_key, tied_events.occurred_at
            order by event_ids.event_id
        ) as position
    from tied_events
    inner join event_ids
        on tied_events.event_key = event_ids.event_key

),

ordered as materialized (

    select
        ranked.journey_key,
        ranked.entity_key,
        ranked.stage,
        ranked.event_key,
        coalesce(put_in_order.position, ranked.position) as position
    from ranked
    left join put_in_order
        on
            ranked.entity_key = put_in_order.entity_key
            and ranked.event_key = put_in_order.event_key

),

-- Stage by stage: who entered it, and where each entity then stands.
entered_1 as materialized (

    select
        journey_key,
        entity_key,
        min(position) as position
    from ordered
    where stage = 1
    group by journey_key, entity_key

),

{% for stage in range(2, most_stages + 1) -%}
{%- set stands = 'entered_1' if stage == 2 else 'standing_' ~ (stage - 1) -%}
entered_{{ stage }} as materialized (

    select
        standing.journey_key,
        standing.entity_key,
        min(ordered.position) filter (where ordered.stage = {{ stage }}) as position
    from {{ stands }} as standing
    inner join stages
        on
            standing.journey_key = stages.journey_key
            and stages.stage = {{ stage }}
    inner join ordered
        on
            standing.journey_key = ordered.journey_key
            and standing.entity_key = ordered.entity_key
            and ordered.stage >= {{ stage }}
            and ordered.stage <= stages.until_stage
            and ordered.position > standing.position
    group by standing.journey_key, standing.entity_key
    having
        min(ordered.position) filter (where ordered.stage = {{ stage }})
        < coalesce(
            min(ordered.position) filter (where ordered.stage > {{ stage }}), 9223372036854775807
        )

),

{% if stage < most_stages -%}
standing_{{ stage }} as materialized (

    select
        standing.journey_key,
        standing.entity_key,
        coalesce(entered.position, standing.position) as position
    from {{ stands }} as standing
    inner join stages
        on
            standing.journey_key = stages.journey_key
            and stages.stage = {{ stage }}
    left join entered_{{ stage }} as entered
        on
            standing.journey_key = entered.journey_key
            and standing.entity_key = entered.entity_key
    where
        entered.position is not null
        or stages.is_optional

),

{% endif -%}
{%- endfor -%}
entered as (

    {% for stage in range(1, most_stages + 1) -%}
    select
        journey_key,
        entity_key,
        cast({{ stage }} as tinyint) as stage,
        position
    from entered_{{ stage }}
    {% if not loop.last %}
    union all

    {% endif -%}
    {%- endfor %}

),

admitting as (

    select
        entered.journey_key,
        entered.entity_key,
        entered.stage,
        ordered.event_key
    from entered
    inner join ordered
        on
            entered.journey_key = ordered.journey_key
            and entered.entity_key = ordered.entity_key
            and entered.stage = ordered.stage
            and entered.position = ordered.position

),

entries as (

    select
        admitting.journey_key,
        admitting.entity_key,
        admitting.stage,
        admitting.event_key,
        step_events.occurred_at as entered_at,
        step_events.step,
        step_events.branch as own_branch,
        stages.branch_stage,
        lag(step_events.occurred_at) over (
            partition by admitting.journey_key, admitting.entity_key
            order by admitting.stage
        ) as stage_before_entered_at
    from admitting
    inner join step_events
        on
            admitting.event_key = step_events.event_key
            and admitting.journey_key = step_events.journey_key
            and admitting.stage = step_events.stage
    inner join stages
        on
            admitting.journey_key = stages.journey_key
            and admitting.stage = stages.stage

)

select
    entries.journey_key,
    entries.entity_key,
    entries.stage,
    entries.event_key,
    entries.entered_at,
    entries.stage_before_entered_at,
    entries.step,
    branching.own_branch as branch
from entries
left join entries as branching
    on
        entries.journey_key = branching.journey_key
        and entries.entity_key = branching.entity_key
        and entries.branch_stage = branching.stage
