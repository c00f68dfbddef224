with keys as (

    select distinct
        dimension,
        path_key,
        last_key as key
    from {{ ref('int_key_steps') }}
    where is_converting

),

sized as (

    select
        *,
        count(*) over (partition by dimension, path_key) as keys
    from keys

)

select
    sized.dimension,
    sized.key,
    sized.keys,
    count(*) as conversions,
    cast(coalesce(sum(paths.amount), 0) as decimal(18, 2)) as revenue
from sized
inner join {{ ref('int_attribution_paths') }} as paths
    on sized.path_key = paths.path_key
group by
    sized.dimension,
    sized.key,
    sized.keys
