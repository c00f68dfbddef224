{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='url_key',
    meta={'affected': 'int_affected_urls'}
) }}

with parameters as {{ inlined() }} (

    select * from {{ affected_rows('stg_url_parameters', 'int_affected_urls', ['url_key']) }}

),

utm_values as (

    select
        url_key,
        max(value) filter (where name = 'utm_source') as utm_source,
        max(value) filter (where name = 'utm_medium') as utm_medium,
        max(value) filter (where name = 'utm_campaign') as utm_campaign,
        max(value) filter (where name = 'utm_term') as utm_term,
        max(value) filter (where name = 'utm_content') as utm_content
    from parameters
    where {{ begins_with('name', "'utm_'") }}
    group by url_key

),

-- Few names are in many URLs, so that the names are looked at, not the URLs.
names as (

    select distinct name
    from parameters

),

identifiers as (

    select
        names.name,
        identifiers.required_value,
        identifiers.only_workflow_emails
    from names
    inner join {{ ref('click_identifiers') }} as identifiers
        on
            (identifiers.match = 'exact' and names.name = {{ lower_text('identifiers.parameter') }})
            or (
                identifiers.match = 'prefix'
                and {{ begins_with('names.name', lower_text('identifiers.parameter')) }}
            )

),

clicks as (

    select distinct parameters.url_key
    from parameters
    inner join identifiers
        on
            parameters.name = identifiers.name
            and (
                identifiers.required_value is null or parameters.value = identifiers.required_value
            )
            and (
                not identifiers.only_workflow_emails
                or parameters.value in (
                    select comparable_id from {{ ref('int_workflow_email_ids') }}
                )
            )

),

tracked as (

    select
        coalesce(utm_values.url_key, clicks.url_key) as url_key,
        utm_values.url_key is not null as has_utm,
        utm_values.utm_source,
        utm_values.utm_medium,
        utm_values.utm_campaign,
        utm_values.utm_term,
        utm_values.utm_content,
        clicks.url_key is not null as has_click_identifier
    from utm_values
    full outer join clicks
        on utm_values.url_key = clicks.url_key

)

select * from tracked
