with conversions as (

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
        sessions.source_key,
        sessions.entry_url_key,
        sessions.device_key,
        {{ report_date('sessions.started_at') }} as date,
        sessions.is_engaged,
        sessions.page_views,
        coalesce(conversions.conversions, 0) as conversions,
        row_number() over (
            partition by
                coalesce(campaigns.campaign_id, 'no campaign'),
                {{ report_date('sessions.started_at') }},
                sessions.visitor_key
            order by sessions.started_at, sessions.session_id
        ) = 1 as is_visitors_first
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('int_campaign_sessions') }} as campaigns
        on sessions.session_key = campaigns.session_key
    left join conversions
        on sessions.session_key = conversions.session_key

),

-- By keys first: the texts are few.
keyed as (

    select
        campaign_id,
        source_key,
        entry_url_key,
        device_key,
        date,
        count(*) as sessions,
        count(*) filter (where is_engaged) as engaged_sessions,
        count(*) filter (where is_visitors_first) as visitors,
        sum(page_views) as page_views,
        sum(conversions) as conversions
    from counted
    group by campaign_id, source_key, entry_url_key, device_key, date

),

daily as (

    select
        keyed.campaign_id,
        sources.channel as entry_channel,
        urls.url as entry_url,
        devices.device_type,
        devices.ip_country as country,
        devices.browser,
        keyed.date,
        cast(sum(keyed.sessions) as bigint) as sessions,
        cast(sum(keyed.engaged_sessions) as bigint) as engaged_sessions,
        cast(sum(keyed.visitors) as bigint) as visitors,
        cast(sum(keyed.page_views) as bigint) as page_views,
        cast(sum(keyed.conversions) as bigint) as conversions
    from keyed
    inner join {{ ref('int_traffic_sources') }} as sources
        on keyed.source_key = sources.source_key
    inner join {{ ref('stg_devices') }} as devices
        on keyed.device_key = devices.device_key
    left join {{ ref('stg_urls') }} as urls
        on keyed.entry_url_key = urls.url_key
    group by all

)

select
    *,
    {{ ratio('sessions - engaged_sessions', 'sessions') }} as bounce_rate
from daily
