select
    costs.campaign_id,
    costs.asset_id,
    costs.network,
    costs.placement,
    costs.date,
    costs.impressions,
    costs.clicks,
    coalesce(costs.cost, 0) as cost,
    costs.conversions,
    {{ ratio('costs.clicks', 'costs.impressions') }} as ctr,
    benchmarks.ctr as benchmark_ctr,
    {{ unit_amount('coalesce(costs.cost, 0)', 'costs.clicks') }} as cpc,
    {{ ratio('costs.conversions', 'costs.clicks') }} as conversion_rate
from {{ ref('int_ad_costs') }} as costs
left join {{ ref('ad_benchmarks') }} as benchmarks
    on costs.placement = benchmarks.placement
