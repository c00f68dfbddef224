with deal_contacts as (

    select
        deal_id,
        count(*) as contacts
    from {{ ref('int_deal_contacts') }}
    group by deal_id

),

deal_campaigns as (

    select
        deal_id,
        count(*) as campaigns
    from {{ ref('int_closed_campaign_deals') }}
    group by deal_id

),

deals as (

    select
        deals.deal_id,
        deals.name,
        deals.amount,
        deals.amount_original,
        deals.currency,
        deals.stage_id,
        deals.is_closed_won,
        deals.created_at,
        deals.closed_at,
        coalesce(deal_contacts.contacts, 0) as contacts,
        coalesce(deal_campaigns.campaigns, 0) as campaigns
    from {{ ref('int_deals') }} as deals
    left join deal_contacts
        on deals.deal_id = deal_contacts.deal_id
    left join deal_campaigns
        on deals.deal_id = deal_campaigns.deal_id

)

select * from deals
