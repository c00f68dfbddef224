with source as (

    select * from {{ source('raw', 'events') }}

),

deduplicated as (

    select
        event_id,
        event_type,
        occurred_at,
        visitor_id,
        {{ hash_key('visitor_id') }} as visitor_key,
        contact_id,
        deal_id,
        asset_id,
        url,
        {{ hash_key('url') }} as url_key,
        {{ hash_key('referrer') }} as referrer_key,
        referrer,
        user_agent,
        ip_country,
        ip_region,
        ip_city,
        device_type,
        browser,
        user_id,
        properties,
        {{ json_text('properties', 'workflow_id') }} as workflow_id,
        {{ json_text('properties', 'interaction') }} as interaction,
        _file,
        _load_id
    from source
    qualify row_number() over (
        partition by event_id
        order by received_at asc nulls last, _file asc, _row_number asc, _load_id asc
    ) = 1

)

select * from deduplicated
