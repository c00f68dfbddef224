-- A-8: under every model the credits of a contact's creation, and of a deal's, add up to 1.
select
    'contact' as creation,
    contact_id as id,
    model
from {{ ref('contact_attribution') }}
group by contact_id, model
having abs(sum(credit) - 1) > 1e-9

union all

select
    'deal' as creation,
    deal_id as id,
    model
from {{ ref('deal_create_attribution') }}
group by deal_id, model
having abs(sum(credit) - 1) > 1e-9
