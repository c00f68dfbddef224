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

    select form_id from {{ changes_of('stg_assets') }}

    union

    select form_id
    from {{ ref('stg_assets') }}
    where asset_id in (select asset_id from {{ changes_of('int_live_campaign_assets') }})

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
    asset_id in (
        select asset_id from tracked_assets
        union
        select form_id from forms
    )

union

select
    event_key,
    occurred_on
from {{ ref('int_events') }}
where source_key in (select source_key from keyword_sources)
