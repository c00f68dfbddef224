{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='url_key',
    meta={'affected': 'int_affected_tracking_url_matches'}
) }}

with tracking_urls as (

    select * from {{ ref('int_campaign_tracking_urls') }}

),

wanted as (

    select
        tracking_urls.campaign_id,
        tracking_urls.asset_id,
        parameters.name,
        parameters.value
    from tracking_urls
    inner join {{ ref('stg_url_parameters') }} as parameters
        on tracking_urls.url_key = parameters.url_key
    where {{ begins_with('parameters.name', "'utm_'") }}

),

urls as (

    select
        url_key,
        page_address
    from {{ affected_rows('stg_urls', 'int_affected_tracking_url_matches', ['url_key']) }}

),

candidates as (

    select
        tracking_urls.campaign_id,
        tracking_urls.asset_id,
        tracking_urls.created_at,
        urls.url_key
    from tracking_urls
    inner join urls
        on tracking_urls.page_address = urls.page_address

),

candidate_parameters as (

    select
        url_key,
        name,
        value
    from {{ ref('stg_url_parameters') }}
    where url_key in (select url_key from candidates)

),

found as (

    select
        candidates.campaign_id,
        candidates.asset_id,
        candidates.url_key,
        count(*) as parameters
    from candidates
    inner join wanted
        on
            candidates.campaign_id = wanted.campaign_id
            and candidates.asset_id = wanted.asset_id
    inner join candidate_parameters as parameters
        on
            candidates.url_key = parameters.url_key
            and wanted.name = parameters.name
            and wanted.value = parameters.value
    group by candidates.campaign_id, candidates.asset_id, candidates.url_key

),

wanted_counts as (

    select
        campaign_id,
        asset_id,
        count(*) as parameters
    from wanted
    group by campaign_id, asset_id

),

matching as (

    select
        candidates.campaign_id,
        candidates.asset_id,
        candidates.created_at,
        candidates.url_key
    from candidates
    left join wanted_counts
        on
            candidates.campaign_id = wanted_counts.campaign_id
            and candidates.asset_id = wanted_counts.asset_id
    left join found
        on
            candidates.campaign_id = found.campaign_id
            and candidates.asset_id = found.asset_id
            and candidates.url_key = found.url_key
    where coalesce(wanted_counts.parameters, 0) = coalesce(found.parameters, 0)

)

select * from matching
