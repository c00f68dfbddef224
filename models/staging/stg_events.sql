{{ config(unique_key='event_key', meta={'unnoted': ['received_at', '_file', '_row_number']}) }}

with source as {{ inlined() }} (

    select * from {{ new_rows('events') }}

),

typed as {{ inlined() }} (

    select
        {{ hash_key('event_id') }} as event_key,
        event_id,
        event_type,
        occurred_at,
        cast(occurred_at as date) as occurred_on,
        {{ hash_key('visitor_id') }} as visitor_key,
        contact_id,
        deal_id,
        asset_id,
        {{ hash_key('url') }} as url_key,
        {{ hash_key('referrer') }} as referrer_key,
        {{ device_key() }} as device_key,
        {{ json_text('properties', 'workflow_id') }} as workflow_id,
        {{ json_text('properties', 'interaction') }} as interaction,
        user_id,
        ip_region,
        ip_city,
        properties,
        received_at,
        _file,
        _row_number,
        _load_id
    from source

),

candidates as {{ materialized() if is_incremental() else inlined() }} (

    select * from typed
    {{ held_rows('typed', ['event_key']) }}

),

-- Few events came twice: only their rows are put in order.
repeated as (

    select event_key
    from candidates
    group by event_key
    having count(*) > 1

),

outdone as (

    select
        event_key,
        _load_id,
        _file,
        _row_number
    from candidates
    where event_key in (select event_key from repeated)
    qualify row_number() over (
        partition by event_id
        order by received_at asc nulls last, _file asc, _row_number asc, _load_id asc
    ) > 1

),

deduplicated as (

    select candidates.*
    from candidates
    anti join outdone
        using (event_key, _load_id, _file, _row_number)

)

select * from deduplicated
