with contacts as (

    select contact_id from {{ changes_of('int_credit_interactions') }}

    union

    select contact_id from {{ changes_of('int_contacts') }}

),

deals as (

    select deal_id from {{ changes_of('int_deal_contacts') }}

    union

    select deal_id
    from {{ ref('int_deal_contacts') }}
    where contact_id in (select contact_id from contacts)

)

select
    path_key,
    deal_id,
    contact_id
from {{ changes_of('int_attribution_paths') }}

union

select
    path_key,
    deal_id,
    contact_id
from {{ ref('int_attribution_paths') }}
where deal_id in (select deal_id from deals)

union

select
    path_key,
    deal_id,
    contact_id
from {{ ref('int_attribution_paths') }}
where contact_id in (select contact_id from contacts)
