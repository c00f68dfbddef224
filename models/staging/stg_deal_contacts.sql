{{ config(unique_key=['deal_id', 'contact_id', 'associated_at']) }}

{% if var('association_history') == 'snapshot' %}

with observed as (

    {{ observed_associations('deal_contacts', 'deal_id', 'contact_id') }}

)

select
    deal_id,
    contact_id,
    associated_at,
    removed_at,
    _load_id,
    ended_load_id
from observed

{% else %}

with source as (

    select * from {{ new_rows('deal_contacts') }}

),

typed as (

    select
        deal_id,
        contact_id,
        associated_at,
        removed_at,
        _file,
        _row_number,
        _load_id
    from source
    -- Rows that came while the history was made from what loads saw have none.
    where associated_at is not null

),

candidates as (

    select * from typed
    {{ held_rows('typed', ['deal_id', 'contact_id', 'associated_at']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by deal_id, contact_id, associated_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated

{% endif %}
