{{ config(
    materialized='incremental',
    incremental_strategy='new_units',
    unique_key='referrer_key'
) }}

with referrers as (

    select distinct referrer_key
    from {{ changes_of('stg_events') if is_incremental() else ref('stg_events') }}
    where referrer_key is not null

),

hosts as (

    select distinct urls.host
    from referrers
    inner join {{ ref('stg_urls') }} as urls
        on referrers.referrer_key = urls.url_key
    where urls.host is not null

),

-- `*` in a listed host stands for one or two labels; a listed host's subdomains are it.
listed as (

    select
        hosts.host,
        listed_hosts.kind,
        listed_hosts.keyword_parameter
    from hosts
    inner join {{ ref('referrer_hosts') }} as listed_hosts
        on {{ matches(
            'hosts.host',
            "'(^|[.])' || replace(replace(listed_hosts.host, '.', '[.]'), '*', '[^.]+([.][^.]+)?') || '$'"
        ) }}

),

host_kinds as (

    select
        host,
        bool_or(kind = 'network') as is_network,
        bool_or(kind = 'web_mail') as is_web_mail,
        bool_or(kind = 'search_engine') and not bool_or(kind = 'web_mail') as is_search_engine,
        max(keyword_parameter) as keyword_parameter
    from listed
    group by host

),

classified as (

    select
        referrers.referrer_key,
        urls.host,
        coalesce(host_kinds.is_network, false) as is_network,
        coalesce(host_kinds.is_web_mail, false) as is_web_mail,
        coalesce(host_kinds.is_search_engine, false) as is_search_engine,
        case when host_kinds.is_search_engine then parameters.value end as search_keyword
    from referrers
    inner join {{ ref('stg_urls') }} as urls
        on referrers.referrer_key = urls.url_key
    left join host_kinds
        on urls.host = host_kinds.host
    left join {{ ref('stg_url_parameters') }} as parameters
        on
            referrers.referrer_key = parameters.url_key
            and host_kinds.keyword_parameter = parameters.name

)

select * from classified
