{{ config(unique_key=['url_key', 'name']) }}

with urls as (

    select
        url_key,
        {{ split_text('query', '&') }} as parameters
    from {{ changes_of('stg_urls') if is_incremental() else ref('stg_urls') }}
    where query is not null

),

numbered as (

    select
        url_key,
        {{ each_with_place('parameters', 'parameter', 'position') }}
    from urls

),

named as (

    select
        url_key,
        position,
        split_part(parameter, '=', 1) as written_name,
        {{ lower_text("split_part(parameter, '=', 1)") }} as name,
        parameter
    from numbered

),

first_of_name as (

    select
        url_key,
        name,
        min_by(substr(parameter, length(written_name) + 2), position) as written_value
    from named
    where name != ''
    group by url_key, name

),

valued as (

    select
        url_key,
        name,
        {{ comparable_text(plus_percent_decode('written_value')) }} as value
    from first_of_name

)

select *
from valued
where value is not null
