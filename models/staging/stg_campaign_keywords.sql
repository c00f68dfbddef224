{{ config(unique_key=['campaign_id', 'keyword', 'associated_at']) }}

{% if var('association_history') == 'snapshot' %}

with observed as (

    {{ observed_associations('campaign_keywords', 'campaign_id', 'keyword') }}

)

select
    campaign_id,
    keyword,
    {{ comparable_text('keyword') }} as comparable_keyword,
    associated_at,
    removed_at,
    _load_id,
    ended_load_id
from observed

{% else %}

with source as (

    select * from {{ new_rows('campaign_keywords') }}

),

typed as (

    select
        campaign_id,
        keyword,
        {{ comparable_text('keyword') }} as comparable_keyword,
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
    {{ held_rows('typed', ['campaign_id', 'keyword', 'associated_at']) }}

),

deduplicated as (

    select *
    from candidates
    qualify row_number() over (
        partition by campaign_id, keyword, associated_at
        order by {{ newest_row_first(has_updated_at=false) }}
    ) = 1

)

select * from deduplicated

{% endif %}
