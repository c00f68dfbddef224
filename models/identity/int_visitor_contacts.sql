{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='visitor_key'
) }}

with identities as (

    select
        visitor_id,
        max(contact_id) as contact_id,
        identified_at
    from {{ ref('stg_visitor_identities') }}
    group by visitor_id, identified_at

),

ordered as (

    select
        visitor_id,
        contact_id,
        identified_at,
        lead(identified_at) over visitor as next_identified_at,
        row_number() over visitor = 1 as is_first
    from identities
    window visitor as (partition by visitor_id order by identified_at)

),

resolved as (

    select
        ordered.visitor_id,
        {{ hash_key('ordered.visitor_id') }} as visitor_key,
        coalesce(aliases.survivor_id, ordered.contact_id) as contact_id,
        case when not ordered.is_first then ordered.identified_at end as valid_from,
        ordered.next_identified_at as valid_to
    from ordered
    left join {{ ref('int_contact_aliases') }} as aliases
        on ordered.contact_id = aliases.contact_id

)

select * from resolved
