{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key=['started_at', 'session_id'],
    meta={'affected': 'int_affected_published_campaign_sessions'}
) }}

select
    counted.campaign_id,
    sessions.session_id,
    counted.started_at,
    {{ compact_list({
        'counted.has_utm_visit': 'S-3',
        'counted.has_page_view': 'S-4',
        'counted.has_keyword_entry': 'S-5',
    }) }} as rules
from {{ ref('int_campaign_sessions') }} as counted
inner join {{ affected_rows(
    'int_sessions', 'int_affected_published_campaign_sessions', ['session_key']
) }} as sessions
    on counted.session_key = sessions.session_key
