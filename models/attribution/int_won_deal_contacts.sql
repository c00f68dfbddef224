{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='deal_id'
) }}

select
    deals.deal_id,
    deal_contacts.contact_id,
    deals.closed_at,
    deals.amount
from {{ ref('int_deals') }} as deals
inner join {{ ref('int_deal_contacts') }} as deal_contacts
    on deals.deal_id = deal_contacts.deal_id
where
    deals.is_closed_won
    and deals.closed_at is not null
