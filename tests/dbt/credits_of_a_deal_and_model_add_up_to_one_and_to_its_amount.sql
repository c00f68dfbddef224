-- A-6: for every closed-won deal and model.
select
    attribution.deal_id,
    attribution.model,
    sum(attribution.credit) as credit,
    sum(attribution.revenue) as revenue,
    any_value(deals.amount) as amount
from {{ ref('deal_attribution') }} as attribution
inner join {{ ref('deals') }} as deals
    on attribution.deal_id = deals.deal_id
group by attribution.deal_id, attribution.model
having
    abs(sum(attribution.credit) - 1) > 1e-9
    or sum(attribution.revenue) is distinct from any_value(deals.amount)
