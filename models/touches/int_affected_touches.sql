with tracked_urls as (

    select tracking.url_key
    from {{ ref('int_url_tracking') }} as tracking
    where tracking.utm_campaign in (select utm_campaign from {{ changes_of('int_campaigns') }})

),

-- Their scans and clicks are visits by the asset's URL.
tracked_assets as (

    select asset_id from {{ changes_of('stg_assets') }}

    union

    select asset_id
    from {{ ref('stg_assets') }}
    where url_key in (select url_key from tracked_urls)

),

forms as (

    select
        form_id,
        {{ start_of_time() }} as from_at,
        {{ end_of_time() }} as until_at
    from {{ changes_of('stg_assets') }}
    where form_id is not null

    union

    select
        assets.form_id,
        changed.from_at,
        changed.until_at
    from {{ ref('stg_assets') }} as assets
    inner join {{ ref('int_affected_associations') }} as changed
        on assets.asset_id = changed.asset_id
    where assets.form_id is not null

),

keyword_sources as (

    select source_key
    from {{ ref('int_traffic_sources') }}
    where keyword in (select comparable_keyword from {{ changes_of('int_campaign_keywords') }})

)

select
    event_key,
    occurred_on
from {{ changes_of('int_events') }}

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where url_key in (select url_key from tracked_urls)

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where
    asset_id in (select asset_id from tracked_assets)
    and event_type in (
        select event_type
        from {{ ref('event_types') }}
        where utm_visit_url = 'own_or_asset'
    )

union

select
    events.event_key,
    events.occurred_on
from {{ ref('int_events') }} as events
inner join forms
    on
        events.asset_id = forms.form_id
        and events.occurred_at >= forms.from_at
        and events.occurred_at < forms.until_at
where events.event_type = 'form_submitted'

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where source_key in (select source_key from keyword_sources)
