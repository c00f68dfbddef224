-- A-9: every model of a dimension credits all converting deals, and their revenue to the cent.
with converting as (

    select
        count(*) as deals,
        coalesce(sum(amount), 0) as revenue
    from {{ ref('int_attribution_paths') }}
    where
        path_kind = 'deal'
        and lookback_days is not distinct from {{ attribution_lookback_days() }}
        and path_key in (select path_key from {{ ref('int_path_interactions') }})

)

select
    data_driven.dimension,
    data_driven.model,
    sum(data_driven.credit) as credit,
    sum(data_driven.revenue) as revenue
from {{ ref('data_driven_attribution') }} as data_driven
cross join converting
group by
    data_driven.dimension,
    data_driven.model,
    converting.deals,
    converting.revenue
having
    abs(sum(data_driven.credit) - converting.deals) > 1e-6
    or sum(data_driven.revenue) != converting.revenue
