with asked as (

    select distinct
        property,
        read_from
    from {{ ref('int_journey_properties') }}

),

found as (

    select
        asked.property,
        urls.url_key as key,
        urls.url as value
    from {{ ref('stg_urls') }} as urls
    inner join asked
        on asked.read_from = 'url'

    union all

    select
        asked.property,
        tracking.url_key as key,
        case asked.read_from
            when 'utm_source' then tracking.utm_source
            when 'utm_medium' then tracking.utm_medium
            when 'utm_campaign' then tracking.utm_campaign
            when 'utm_term' then tracking.utm_term
            else tracking.utm_content
        end as value
    from {{ ref('int_url_tracking') }} as tracking
    inner join asked
        on {{ begins_with('asked.read_from', "'utm_'") }}

    union all

    select
        asked.property,
        devices.device_key as key,
        case asked.read_from
            when 'browser' then devices.browser
            when 'device_type' then devices.device_type
            else devices.ip_country
        end as value
    from {{ ref('stg_devices') }} as devices
    inner join asked
        on asked.read_from in ('browser', 'device_type', 'country')

    union all

    select
        asked.property,
        {{ hash_key('assets.asset_id') }} as key,
        assets.asset_type as value
    from {{ ref('stg_assets') }} as assets
    inner join asked
        on asked.read_from = 'content_type'

)

select *
from found
where value is not null
