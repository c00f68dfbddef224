{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='date',
    meta={'affected': 'int_affected_session_days'}
) }}

{#- Two sessions begin at one instant only where a new source splits them. -#}
{%- set in_order = ['sessions.started_at'] -%}
{%- if var('session_split_on_new_source') -%}
{%- do in_order.append('sessions.session_id') -%}
{%- endif -%}

with dated as {{ inlined() }} (

    select
        *,
        {{ report_date('started_at') }} as date
    from {{ ref('int_sessions') }}

),

sessions as {{ inlined() }} (

    select *
    from dated
    {{ only_affected('int_affected_session_days', ['date']) }}

),

conversions as (

    select
        session_key,
        count(*) as conversions
    from {{ ref('int_session_events') }}
    where is_conversion
    group by session_key

),

counted as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        sessions.date,
        sessions.source_key,
        sessions.entry_url_key,
        sessions.device_key,
        sessions.is_engaged,
        sessions.page_views,
        coalesce(conversions.conversions, 0) as conversions,
        row_number() over (
            partition by
                sessions.date,
                coalesce(campaigns.campaign_id, 'no campaign'),
                sessions.visitor_key
            order by {{ in_order | join(', ') }}
        ) = 1 as is_visitors_first,
        sum(conversions.conversions) over (
            partition by
                sessions.date,
                coalesce(campaigns.campaign_id, 'no campaign'),
                sessions.visitor_key
        ) > 0 as is_visitor_converting
    from sessions
    left join {{ ref('int_campaign_sessions') }} as campaigns
        on sessions.session_key = campaigns.session_key
    left join conversions
        on sessions.session_key = conversions.session_key

)

select
    campaign_id,
    date,
    source_key,
    entry_url_key,
    device_key,
    count(*) as sessions,
    count(*) filter (where is_engaged) as engaged_sessions,
    count(*) filter (where is_visitors_first) as visitors,
    count(*) filter (where is_visitors_first and is_visitor_converting) as converting_visitors,
    cast(sum(page_views) as bigint) as page_views,
    cast(sum(conversions) as bigint) as conversions
from counted
group by campaign_id, date, source_key, entry_url_key, device_key
