{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_journey_events'}
) }}

with asked as (

    select * from {{ ref('int_journey_properties') }}

),

events as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        event_type,
        asset_id
    from {{ affected_rows(
        'int_events', 'int_affected_journey_events', ['event_key', 'occurred_on']
    ) }}

),

details as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        event_type,
        user_id,
        ip_region,
        properties
    from {{ affected_rows(
        'stg_events', 'int_affected_journey_events', ['event_key', 'occurred_on']
    ) }}

),

entries as (

    select
        event_key,
        occurred_on,
        stage_id,
        pipeline_id
    from {{ ref('int_stage_entry_events') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

),

touches as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        event_type,
        campaign_id
    from {{ ref('int_asset_interactions') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

    union all

    select
        event_key,
        occurred_on,
        event_type,
        campaign_id
    from {{ ref('int_utm_visits') }}
    {{ only_affected('int_affected_journey_events', ['event_key', 'occurred_on']) }}

),

told as (

    select
        details.event_key,
        details.occurred_on,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'user_id' then details.user_id
            when 'region' then details.ip_region
            else {{ json_text_at('details.properties', 'asked.property') }}
        end as value
    from details
    inner join asked
        on
            details.event_type = asked.event_type
            and asked.read_from in ('property', 'user_id', 'region', 'country', 'content_type')

    union all

    select
        events.event_key,
        events.occurred_on,
        asked.property,
        asked.kind,
        events.asset_id as value
    from events
    inner join asked
        on
            events.event_type = asked.event_type
            and asked.read_from = 'asset_id'

    union all

    select
        entries.event_key,
        entries.occurred_on,
        asked.property,
        asked.kind,
        case asked.read_from
            when 'stage_id' then entries.stage_id
            else entries.pipeline_id
        end as value
    from entries
    inner join asked
        on asked.read_from in ('stage_id', 'pipeline_id')

    union all

    -- An event that counts for several campaigns has several values, which no other property has.
    select distinct
        touches.event_key,
        touches.occurred_on,
        asked.property,
        asked.kind,
        touches.campaign_id as value
    from touches
    inner join asked
        on
            touches.event_type = asked.event_type
            and asked.read_from = 'campaign_id'

),

-- What is no number or flag where one is asked for is missing; a number has one spelling.
readable as (

    select
        event_key,
        occurred_on,
        property,
        case kind
            when 'text' then value
            when 'number' then {{ number_text('value') }}
            when 'flag'
                then
                    case
                        when lower(value) in ('true', '1', 'yes') then 'true'
                        when lower(value) in ('false', '0', 'no') then 'false'
                    end
        end as value
    from told
    where value is not null

)

select *
from readable
where value is not null
