select
    history.deal_id,
    history.stage_id,
    coalesce(history.pipeline_id, deals.pipeline_id) as pipeline_id,
    history.entered_at,
    coalesce(stages.is_won, false) as is_won,
    coalesce(stages.is_closed, false) as is_closed
from {{ ref('stg_deal_stage_history') }} as history
inner join {{ ref('stg_deals') }} as deals
    on history.deal_id = deals.deal_id
inner join {{ ref('int_stages') }} as stages
    on
        coalesce(history.pipeline_id, deals.pipeline_id) is not distinct from stages.pipeline_id
        and history.stage_id = stages.stage_id
