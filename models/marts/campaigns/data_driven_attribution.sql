select
    dimension,
    key,
    model,
    credit,
    cast(cast(cents as decimal(36, 0)) * cast(0.01 as decimal(2, 2)) as decimal(18, 2)) as revenue,
    removal_effect
from {{ ref('int_data_driven_credits') }}
