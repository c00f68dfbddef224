{{ config(unique_key=['url_key', 'url']) }}

with addresses as (

    select url from {{ new_rows('events') }}
    union all
    select referrer as url from {{ new_rows('events') }}
    union all
    select url from {{ changes_of('stg_assets') if is_incremental() else ref('stg_assets') }}

),

keyed as (

    select
        {{ hash_key('url') }} as url_key,
        hash(url) as other_key,
        url
    from addresses
    where url is not null

),

-- Two URLs with one key would stand here twice, which the primary key's test tells.
distinct_urls as (

    select
        url_key,
        any_value(url) as url
    from keyed
    group by url_key, other_key

),

new_urls as (

    select
        url_key,
        url
    from distinct_urls
    {% if is_incremental() -%}
    anti join {{ this }} using (url_key, url)
    {%- endif %}

),

without_fragment as (

    select
        url_key,
        url,
        split_part({{ trimmed_text('url') }}, '#', 1) as resource
    from new_urls

),

split_at_query as (

    select
        url_key,
        url,
        {{ without_match("split_part(resource, '?', 1)", "'^([A-Za-z][A-Za-z0-9+.-]*:)?//'") }}
            as place,
        case
            when contains(resource, '?')
                then substr(resource, length(split_part(resource, '?', 1)) + 2)
        end as query
    from without_fragment

),

split_at_path as (

    select
        url_key,
        url,
        query,
        {{ lower_text("split_part(place, '/', 1)") }} as authority,
        substr(place, length(split_part(place, '/', 1)) + 1) as path
    from split_at_query

),

addressed as (

    select
        url_key,
        url,
        nullif(
            {{ without_match(
                without_match(without_match('authority', "'^.*@'"), "':[0-9]*$'"), "'^www[.]'"
            ) }},
            ''
        ) as host,
        nullif(
            {{ without_match('authority', "'^www[.]'") }} || {{ without_match('path', "'/$'") }}, ''
        ) as page_address,
        nullif(query, '') as query
    from split_at_path

)

select * from addressed
