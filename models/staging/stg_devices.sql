{{ config(unique_key=['device_key', 'other_key']) }}

with devices as (

    select
        {{ device_key() }} as device_key,
        {{ tuple_key(['user_agent', 'device_type', 'browser', 'ip_country']) }} as other_key,
        user_agent,
        device_type,
        browser,
        ip_country
    from {{ new_rows('events') }}

)

-- Two devices with one key would stand here twice, which the primary key's test tells.
select distinct * from devices
