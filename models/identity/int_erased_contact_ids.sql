with aliases as (

    select * from {{ ref('int_contact_aliases') }}

),

erased as (

    select contact_id from {{ ref('int_erased_contacts') }}

),

ids as (

    select contact_id from erased

    union

    select aliases.contact_id
    from aliases
    inner join erased
        on aliases.survivor_id = erased.contact_id

)

select * from ids
