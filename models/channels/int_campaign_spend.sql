select
    spend.spend_id,
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    spend.spent_on as date,
    {{ company_amount('spend.amount', 'days.currency', 'days.rate') }} as amount
from {{ ref('stg_campaign_spend') }} as spend
inner join {{ ref('int_exchange_days') }} as days
    on
        coalesce(spend.currency, '{{ var("company_currency") }}') = days.currency
        and spend.spent_on = days.date
left join {{ ref('int_campaigns') }} as campaigns
    on spend.campaign_id = campaigns.campaign_id
