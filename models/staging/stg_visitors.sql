{{ config(unique_key=['visitor_key', 'visitor_id']) }}

with visitors as (

    select
        {{ hash_key('visitor_id') }} as visitor_key,
        hash(visitor_id) as other_key,
        visitor_id
    from {{ new_rows('events') }}
    where visitor_id is not null

),

-- Two visitors with one key would stand here twice, which the primary key's test tells.
distinct_visitors as (

    select
        visitor_key,
        any_value(visitor_id) as visitor_id
    from visitors
    group by visitor_key, other_key

)

select * from distinct_visitors
