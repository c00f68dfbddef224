{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_journey_events'}
) }}

{#- What an operator of one value compares with. -#}
{%- set text = list_item('filters.texts', 1) -%}
{%- set number = list_item('filters.numbers', 1) %}

with filters as (

    select
        *,
        count(*) over (partition by step_key) as filters_of_step
    from {{ ref('int_journey_filters') }}

),

steps as (

    select
        step_key,
        event_type
    from {{ ref('int_journey_steps') }}
    where step_key in (select step_key from filters)

),

own_values as (

    select
        event_key,
        property,
        value
    from {{ ref('int_journey_event_values') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

),

events as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        occurred_at,
        event_type,
        visitor_key,
        asset_id,
        url_key,
        device_key
    from {{ affected_rows(
        'int_events', 'int_affected_journey_events', ['event_key', 'occurred_on']
    ) }}
    where event_type != 'deal_stage_entered'

    union all

    select
        event_key,
        occurred_on,
        occurred_at,
        'deal_stage_entered' as event_type,
        cast(null as {{ key_type() }}) as visitor_key,
        cast(null as string) as asset_id,
        cast(null as {{ key_type() }}) as url_key,
        cast(null as {{ key_type() }}) as device_key
    from {{ ref('int_stage_entry_events') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

),

candidates as {{ inlined() }} (

    select
        events.event_key,
        events.occurred_on,
        events.occurred_at,
        events.visitor_key,
        events.asset_id,
        events.url_key,
        events.device_key,
        steps.step_key
    from events
    inner join steps
        on events.event_type = steps.event_type

),

-- By the key of what has the value: few URLs, devices and assets stand for many events.
keyed_values as (

    select
        property,
        event_key as key,
        value
    from own_values

    union all

    select
        property,
        key,
        value
    from {{ ref('int_journey_shared_values') }}

),

hits as (

    select
        filters.step_key,
        filters.filter,
        keyed_values.key
    from keyed_values
    inner join filters
        on keyed_values.property = filters.property
    where
        case filters.operator
            when 'is known' then true
            when 'is'
                then
                    case
                        when filters.kind = 'number'
                            then
                                array_contains(
                                    filters.numbers, try_cast(keyed_values.value as double)
                                )
                        else array_contains(filters.texts, keyed_values.value)
                    end
            when 'contains' then contains(keyed_values.value, {{ text }})
            when 'starts with' then {{ begins_with('keyed_values.value', text) }}
            when 'at least' then try_cast(keyed_values.value as double) >= {{ number }}
            when 'at most' then try_cast(keyed_values.value as double) <= {{ number }}
        end

),

-- A country or content type of the event's own comes before that of its visitor or asset.
looked_up as {{ inlined() }} (

    select
        candidates.event_key,
        candidates.occurred_on,
        candidates.occurred_at,
        candidates.visitor_key,
        candidates.step_key,
        filters.filter,
        filters.is_negated,
        filters.filters_of_step,
        case
            when filters.read_from in ('browser', 'device_type') then candidates.device_key
            when filters.read_from = 'url' or {{ begins_with('filters.read_from', "'utm_'") }}
                then candidates.url_key
            when own_values.event_key is not null then own_values.event_key
            when filters.read_from = 'country' then candidates.device_key
            when filters.read_from = 'content_type' then {{ hash_key('candidates.asset_id') }}
            else candidates.event_key
        end as key
    from candidates
    inner join filters
        on candidates.step_key = filters.step_key
    left join own_values
        on
            case
                when filters.read_from in ('country', 'content_type') then candidates.event_key
            end = own_values.event_key
            and filters.property = own_values.property

),

met as {{ inlined() }} (

    select looked_up.*
    from looked_up
    semi join hits
        on
            looked_up.step_key = hits.step_key
            and looked_up.filter = hits.filter
            and looked_up.key = hits.key
    where not looked_up.is_negated

    union all

    select looked_up.*
    from looked_up
    anti join hits
        on
            looked_up.step_key = hits.step_key
            and looked_up.filter = hits.filter
            and looked_up.key = hits.key
    where looked_up.is_negated

)

select
    event_key,
    occurred_on,
    occurred_at,
    visitor_key,
    step_key
from met
where filters_of_step = 1

union all

select
    event_key,
    occurred_on,
    occurred_at,
    visitor_key,
    step_key
from met
where filters_of_step > 1
group by event_key, occurred_on, occurred_at, visitor_key, step_key
having count(*) = max(filters_of_step)
