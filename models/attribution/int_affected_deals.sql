select deal_id
from {{ changes_of('int_won_deal_contacts') }}

union

select deal_id
from {{ ref('int_won_deal_contacts') }}
where contact_id in (select contact_id from {{ ref('int_affected_contacts') }})
