with campaigns as (

    select
        campaign_id,
        budget,
        coalesce(currency, '{{ var("company_currency") }}') as currency,
        coalesce(start_date, {{ report_date('created_at') }}) as valued_on
    from {{ ref('stg_campaigns') }}
    where not is_deleted

),

rates as (

    select
        campaigns.campaign_id,
        max_by(rates.rate, rates.valid_from) as rate
    from campaigns
    inner join {{ ref('stg_exchange_rates') }} as rates
        on
            campaigns.currency = rates.currency
            and campaigns.valued_on >= rates.valid_from
    group by campaigns.campaign_id

),

converted as (

    select
        campaigns.campaign_id,
        campaigns.budget as budget_original,
        {{ company_amount('campaigns.budget', 'campaigns.currency', 'rates.rate') }} as budget
    from campaigns
    left join rates
        on campaigns.campaign_id = rates.campaign_id

)

select * from converted
