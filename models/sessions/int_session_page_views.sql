with page_views as (

    select
        visitor_key,
        occurred_at,
        event_id
    from {{ ref('int_page_views') }}
    where visitor_key is not null

),

gaps as (

    select
        visitor_key,
        occurred_at,
        event_id,
        coalesce(
            occurred_at
            >= lag(occurred_at) over visitor + {{ minutes(var('session_inactivity_minutes')) }},
            true
        ) as is_after_gap
    from page_views
    window visitor as (partition by visitor_key order by occurred_at, event_id)

),

{% if var('session_split_on_new_source') %}

runs as (

    select
        visitor_key,
        occurred_at,
        event_id,
        is_after_gap,
        count(*) filter (where is_after_gap) over (
            partition by visitor_key order by occurred_at, event_id rows unbounded preceding
        ) as run_number
    from gaps

),

sources as (

    select
        page_views.event_id,
        case
            when traffic_sources.channel != 'direct'
                then concat_ws(
                    chr(31),
                    traffic_sources.channel,
                    coalesce(traffic_sources.utm_source, ''),
                    coalesce(traffic_sources.utm_medium, ''),
                    coalesce(traffic_sources.utm_campaign, ''),
                    coalesce(traffic_sources.utm_term, ''),
                    coalesce(traffic_sources.utm_content, '')
                )
        end as brought_source
    from {{ ref('int_page_views') }} as page_views
    inner join {{ ref('int_traffic_sources') }} as traffic_sources
        on
            page_views.url_key is not distinct from traffic_sources.url_key
            and page_views.referrer_key is not distinct from traffic_sources.referrer_key

),

-- The session's source is the one that last split the run, so a page view brings a new one exactly
-- where its source differs from the last that was not direct.
starts as (

    select
        runs.visitor_key,
        runs.occurred_at,
        runs.event_id,
        runs.is_after_gap or (
            sources.brought_source is not null
            and sources.brought_source is distinct from last_value(sources.brought_source ignore nulls) over (
                partition by runs.visitor_key, runs.run_number
                order by runs.occurred_at, runs.event_id
                rows between unbounded preceding and 1 preceding
            )
        ) as is_start
    from runs
    inner join sources
        on runs.event_id = sources.event_id

),

{% else %}

    starts as (

        select
            visitor_key,
            occurred_at,
            event_id,
            is_after_gap as is_start
        from gaps

    ),

{% endif %}

numbered as (

    select
        visitor_key,
        occurred_at,
        event_id,
        count(*) filter (where is_start) over (
            partition by visitor_key order by occurred_at, event_id rows unbounded preceding
        ) as session_number
    from starts

)

select * from numbered
