select contact_id
from {{ ref('int_affected_contacts') }}

union

select contact_id
from {{ changes_of('stg_contacts') }}

union

select contact_id
from {{ changes_of('int_won_deal_contacts') }}

union

select contact_id
from {{ changes_of('int_campaign_revenue_interactions') }}
