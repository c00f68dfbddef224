select
    aliases.contact_id as merged_contact_id,
    aliases.survivor_id as contact_id
from {{ ref('int_contact_aliases') }} as aliases
left join {{ ref('int_erased_contacts') }} as erased
    on aliases.survivor_id = erased.contact_id
where erased.contact_id is null
