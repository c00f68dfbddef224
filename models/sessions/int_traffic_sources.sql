{{ config(
    materialized='incremental',
    incremental_strategy='new_units',
    unique_key='source_key'
) }}

with visits as (

    select
        url_key,
        referrer_key
    from {{ changes_of('stg_events') if is_incremental() else ref('stg_events') }}

    union all

    -- What an event without a URL of its own has of its asset (T-2, A-11).
    select
        assets.url_key,
        events.referrer_key
    from {{ changes_of('stg_events') if is_incremental() else ref('stg_events') }} as events
    inner join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.utm_visit_url = 'own_or_asset'
    where events.url_key is null

    {% if is_incremental() -%}
    union all

    select
        assets.url_key,
        events.referrer_key
    from {{ ref('stg_events') }} as events
    inner join {{ changes_of('stg_assets') }} as assets
        on events.asset_id = assets.asset_id
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.utm_visit_url = 'own_or_asset'
    where events.url_key is null

    union all

    select
        held.url_key,
        held.referrer_key
    from {{ this }} as held
    where held.url_key in (select url_key from {{ changes_of('int_url_tracking') }})
    {%- endif %}

),

keyed_visits as (

    select distinct
        {{ source_key('url_key', 'referrer_key') }} as source_key,
        url_key,
        referrer_key
    from visits

),

parameters as (

    select
        url_key,
        name
    from {{ ref('stg_url_parameters') }}
    where
        name in (select parameter from {{ ref('channel_rules') }})
        and url_key in (select url_key from keyed_visits)

),

url_parameters as (

    select
        url_key,
        {{ sorted_list('name') }} as names
    from parameters
    group by url_key

),

signals as (

    select
        visits.source_key,
        visits.url_key,
        visits.referrer_key,
        tracking.utm_source,
        tracking.utm_medium,
        tracking.utm_campaign,
        tracking.utm_term,
        tracking.utm_content,
        coalesce(tracking.has_utm, false) as has_utm,
        coalesce(tracking.has_click_identifier, false) as has_click_identifier,
        coalesce(url_parameters.names, {{ text_list([]) }}) as parameter_names,
        network_sources.utm_source is not null as is_source_network,
        visits.referrer_key is null as has_no_referrer,
        coalesce(referrers.host = urls.host, false) as is_own_host,
        coalesce(referrers.is_web_mail, false) as is_web_mail,
        coalesce(referrers.is_network, false) as is_referrer_network,
        coalesce(referrers.is_search_engine, false) as is_search_engine,
        coalesce(referrers.search_keyword, tracking.utm_term) as keyword
    from keyed_visits as visits
    left join {{ ref('stg_urls') }} as urls
        on visits.url_key = urls.url_key
    left join {{ ref('int_url_tracking') }} as tracking
        on visits.url_key = tracking.url_key
    left join url_parameters
        on visits.url_key = url_parameters.url_key
    left join {{ ref('network_sources') }} as network_sources
        on tracking.utm_source = network_sources.utm_source
    left join {{ ref('int_referrers') }} as referrers
        on visits.referrer_key = referrers.referrer_key

),

distinct_signals as (

    select distinct
        utm_source,
        utm_medium,
        utm_campaign,
        has_utm,
        parameter_names,
        is_source_network,
        has_no_referrer,
        is_own_host,
        is_web_mail,
        is_referrer_network,
        is_search_engine
    from signals

),

channels as (

    select
        distinct_signals.*,
        min_by(rules.channel, rules.rule_number) as channel
    from distinct_signals
    inner join {{ ref('channel_rules') }} as rules
        on
            (rules.utm_medium_is is null or utm_medium = rules.utm_medium_is)
            and (
                rules.utm_medium_contains is null or contains(utm_medium, rules.utm_medium_contains)
            )
            and (rules.utm_source_is is null or utm_source = rules.utm_source_is)
            and (
                rules.utm_source_contains is null or contains(utm_source, rules.utm_source_contains)
            )
            and (
                rules.utm_campaign_contains is null
                or contains(utm_campaign, rules.utm_campaign_contains)
            )
            and (rules.parameter is null or array_contains(parameter_names, rules.parameter))
            and (rules.any_utm is null or has_utm = rules.any_utm)
            and (
                rules.is_network is null
                or (is_source_network or is_referrer_network) = rules.is_network
            )
            and (
                rules.referrer is null
                or (rules.referrer = 'none' and has_no_referrer)
                or (rules.referrer = 'own_host' and is_own_host)
                or (rules.referrer = 'web_mail' and is_web_mail)
                or (rules.referrer = 'network' and is_referrer_network)
                or (rules.referrer = 'search_engine' and is_search_engine)
            )
    group by all

),

sources as (

    select
        signals.source_key,
        signals.url_key,
        signals.referrer_key,
        channels.channel,
        signals.utm_source,
        signals.utm_medium,
        signals.utm_campaign,
        signals.utm_term,
        signals.utm_content,
        signals.keyword,
        signals.has_click_identifier
    from signals
    inner join channels
        on
            signals.utm_source is not distinct from channels.utm_source
            and signals.utm_medium is not distinct from channels.utm_medium
            and signals.utm_campaign is not distinct from channels.utm_campaign
            and signals.has_utm = channels.has_utm
            and signals.parameter_names = channels.parameter_names
            and signals.is_source_network = channels.is_source_network
            and signals.has_no_referrer = channels.has_no_referrer
            and signals.is_own_host = channels.is_own_host
            and signals.is_web_mail = channels.is_web_mail
            and signals.is_referrer_network = channels.is_referrer_network
            and signals.is_search_engine = channels.is_search_engine

)

select * from sources
