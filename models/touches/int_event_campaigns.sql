{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['event_key', 'occurred_on'],
    meta={'affected': 'int_affected_event_campaigns'}
) }}

with touches as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        campaign_id
    from {{ ref('int_asset_interactions') }}
    {{ only_affected('int_affected_event_campaigns', ['event_key', 'occurred_on']) }}

    union all

    select
        event_key,
        occurred_on,
        campaign_id
    from {{ ref('int_utm_visits') }}
    {{ only_affected('int_affected_event_campaigns', ['event_key', 'occurred_on']) }}

),

without_asset as {{ inlined() }} (

    select
        event_key,
        occurred_on
    from {{ ref('int_events') }}
    {{ only_affected('int_affected_event_campaigns', ['event_key', 'occurred_on']) }}
    where
        asset_id is null
        and visitor_key is not null

),

in_session as {{ inlined() }} (

    select
        event_key,
        occurred_on,
        session_key
    from {{ ref('int_session_events') }}
    {{ only_affected('int_affected_event_campaigns', ['event_key', 'occurred_on']) }}

)

select
    event_key,
    occurred_on,
    campaign_id
from touches

union

select
    in_session.event_key,
    in_session.occurred_on,
    campaign_sessions.campaign_id
from in_session
inner join {{ ref('int_campaign_sessions') }} as campaign_sessions
    on in_session.session_key = campaign_sessions.session_key
semi join without_asset
    on
        in_session.event_key = without_asset.event_key
        and in_session.occurred_on = without_asset.occurred_on
