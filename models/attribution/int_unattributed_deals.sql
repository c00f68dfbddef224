select
    paths.deal_id,
    paths.closed_at,
    paths.amount,
    models.model
from {{ ref('int_attribution_paths') }} as paths
inner join {{ ref('int_attribution_models') }} as models
    on paths.lookback_days is not distinct from models.lookback_days
anti join {{ ref('int_deal_credits') }} as credits
    on
        paths.deal_id = credits.deal_id
        and models.model = credits.model
where paths.path_kind = 'deal'
