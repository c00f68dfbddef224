with addresses as (

    select url from {{ ref('stg_events') }}
    union
    select referrer as url from {{ ref('stg_events') }}
    union
    select url from {{ ref('stg_assets') }}

),

without_fragment as (

    select
        url,
        split_part({{ trimmed_text('url') }}, '#', 1) as resource
    from addresses
    where url is not null

),

split_at_query as (

    select
        url,
        regexp_replace(split_part(resource, '?', 1), '^([A-Za-z][A-Za-z0-9+.-]*:)?//', '') as place,
        case
            when contains(resource, '?')
                then substr(resource, length(split_part(resource, '?', 1)) + 2)
        end as query
    from without_fragment

),

split_at_path as (

    select
        url,
        query,
        lower(split_part(place, '/', 1)) as authority,
        substr(place, length(split_part(place, '/', 1)) + 1) as path
    from split_at_query

),

addressed as (

    select
        {{ hash_key('url') }} as url_key,
        url,
        nullif(
            regexp_replace(
                regexp_replace(regexp_replace(authority, '^.*@', ''), ':[0-9]*$', ''), '^www\.', ''
            ),
            ''
        ) as host,
        nullif(
            regexp_replace(authority, '^www\.', '') || regexp_replace(path, '/$', ''), ''
        ) as page_address,
        nullif(query, '') as query
    from split_at_path

)

select * from addressed
