{%- set materialized = '' if is_incremental() else 'not ' -%}
{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_journey_events'}
) }}

with steps as (

    select * from {{ ref('int_journey_steps') }}

),

filters as (

    select * from {{ ref('int_journey_filters') }}

),

events as {{ materialized }}materialized (

    select
        event_key,
        occurred_on,
        occurred_at,
        event_type,
        visitor_key,
        asset_id,
        url_key,
        device_key,
        cast(null as varchar) as stage_id,
        cast(null as varchar) as pipeline_id
    from {{ affected_rows(
        'int_events', 'int_affected_journey_events', ['event_key', 'occurred_on']
    ) }}
    where
        event_type in (select event_type from steps)
        and event_type != 'deal_stage_entered'

    union all

    select
        event_key,
        occurred_on,
        occurred_at,
        'deal_stage_entered' as event_type,
        cast(null as ubigint) as visitor_key,
        cast(null as varchar) as asset_id,
        cast(null as ubigint) as url_key,
        cast(null as ubigint) as device_key,
        stage_id,
        pipeline_id
    from {{ ref('int_stage_entry_events') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

),

candidates as {{ materialized }}materialized (

    select
        events.event_key,
        events.occurred_on,
        events.occurred_at,
        case when steps.admits_visitors then events.visitor_key end as visitor_key,
        steps.journey_key,
        steps.stage,
        steps.step,
        steps.step_key,
        steps.is_contested,
        steps.branch_by
    from events
    inner join steps
        on
            events.event_type = steps.event_type
            and (
                steps.starts_on is null
                or {{ report_date('events.occurred_at') }} >= steps.starts_on
            )
            and (
                steps.ends_on is null or {{ report_date('events.occurred_at') }} <= steps.ends_on
            )

),

-- What conditions and branches ask of events, by where an event has it.
asked as (

    select
        event_type,
        property,
        kind,
        read_from
    from filters

    union

    select
        steps.event_type,
        properties.property,
        properties.kind,
        properties.read_from
    from steps
    inner join {{ ref('event_properties') }} as properties
        on
            properties.event_type in (steps.event_type, '*')
            and steps.branch_by = properties.property

),

answers as (

    select
        events.event_key,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'asset_id' then events.asset_id
            when 'stage_id' then events.stage_id
            else events.pipeline_id
        end as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from in ('asset_id', 'stage_id', 'pipeline_id')

    union all

    select
        events.event_key,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'user_id' then details.user_id
            when 'region' then details.ip_region
            else {{ json_text_at('details.properties', 'asked.property') }}
        end as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from in ('user_id', 'region', 'property')
    inner join {{ ref('stg_events') }} as details
        on
            events.event_key = details.event_key
            and events.occurred_on = details.occurred_on

    union all

    select
        events.event_key,
        asked.property,
        asked.kind,
        coalesce(
            {{ json_text_at('details.properties', 'asked.property') }},
            case asked.read_from
                when 'country' then devices.ip_country
                else assets.asset_type
            end
        ) as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from in ('country', 'content_type')
    inner join {{ ref('stg_events') }} as details
        on
            events.event_key = details.event_key
            and events.occurred_on = details.occurred_on
    left join {{ ref('stg_devices') }} as devices
        on events.device_key = devices.device_key
    left join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id

    union all

    select
        events.event_key,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'browser' then devices.browser
            else devices.device_type
        end as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from in ('browser', 'device_type')
    inner join {{ ref('stg_devices') }} as devices
        on events.device_key = devices.device_key

    union all

    select
        events.event_key,
        asked.property,
        asked.kind,
        urls.url as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from = 'url'
    inner join {{ ref('stg_urls') }} as urls
        on events.url_key = urls.url_key

    union all

    select
        events.event_key,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'utm_source' then tracking.utm_source
            when 'utm_medium' then tracking.utm_medium
            when 'utm_campaign' then tracking.utm_campaign
            when 'utm_term' then tracking.utm_term
            else tracking.utm_content
        end as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and starts_with(asked.read_from, 'utm_')
    inner join {{ ref('int_url_tracking') }} as tracking
        on events.url_key = tracking.url_key

    union all

    -- An event that counts for several campaigns has several values, and no other property has.
    select
        events.event_key,
        asked.property,
        asked.kind,
        touches.campaign_id as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from = 'campaign_id'
    inner join (
        select
            event_key,
            occurred_on,
            campaign_id
        from {{ ref('int_asset_interactions') }}

        union

        select
            event_key,
            occurred_on,
            campaign_id
        from {{ ref('int_utm_visits') }}
    ) as touches
        on
            events.event_key = touches.event_key
            and events.occurred_on = touches.occurred_on

),

-- What is no number or flag where one is asked for is missing.
properties as (

    select
        event_key,
        property,
        case kind
            when 'text' then value
            when 'number'
                then
                    case
                        when {{ matches('value', "'^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$'") }}
                            then value
                    end
            when 'flag'
                then
                    case
                        when lower(value) in ('true', '1', 'yes') then 'true'
                        when lower(value) in ('false', '0', 'no') then 'false'
                    end
        end as value
    from answers
    where value is not null

),

failed as (

    select distinct
        candidates.event_key,
        candidates.step_key
    from candidates
    inner join filters
        on candidates.step_key = filters.step_key
    left join properties
        on
            candidates.event_key = properties.event_key
            and filters.property = properties.property
    group by
        candidates.event_key,
        candidates.step_key,
        filters.filter,
        filters.is_negated
    having
        filters.is_negated = coalesce(bool_or(
            properties.value is not null
            and case filters.operator
                when 'is known' then true
                when 'is'
                    then
                        case
                            when filters.kind = 'number'
                                then
                                    array_contains(
                                        filters.numbers, try_cast(properties.value as double)
                                    )
                            else array_contains(filters.texts, properties.value)
                        end
                when 'contains' then contains(properties.value, filters.texts[1])
                when 'starts with' then starts_with(properties.value, filters.texts[1])
                when 'at least' then try_cast(properties.value as double) >= filters.numbers[1]
                when 'at most' then try_cast(properties.value as double) <= filters.numbers[1]
            end
        ), false)

),

admitted as (

    select candidates.*
    from candidates
    anti join failed
        on
            candidates.event_key = failed.event_key
            and candidates.step_key = failed.step_key

),

-- An event may fit several steps of a stage: only those that ask for one event type can share one.
first_steps as (

    select
        event_key,
        journey_key,
        stage,
        min(step) as step
    from admitted
    where is_contested
    group by event_key, journey_key, stage

),

counted as (

    select admitted.*
    from admitted
    left join first_steps
        on
            admitted.is_contested
            and admitted.event_key = first_steps.event_key
            and admitted.journey_key = first_steps.journey_key
            and admitted.stage = first_steps.stage
    where
        not admitted.is_contested
        or admitted.step = first_steps.step

)

select
    counted.event_key,
    counted.occurred_on,
    counted.occurred_at,
    counted.visitor_key,
    counted.journey_key,
    counted.stage,
    counted.step,
    properties.value as branch
from counted
left join properties
    on
        counted.event_key = properties.event_key
        and counted.branch_by = properties.property
