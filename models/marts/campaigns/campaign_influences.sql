select
    pairs.campaign_id,
    pairs.contact_id,
    pairs.asset_type,
    pairs.asset_id,
    pairs.first_influenced_at,
    pairs.interactions
from {{ ref('int_influence_pairs') }} as pairs
inner join {{ ref('int_contacts') }} as contacts
    on pairs.contact_id = contacts.contact_id
where not contacts.is_erased
