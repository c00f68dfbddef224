-- A returned row is an asset, deal, campaign or contact that its mart lost or invented.
with expected as (

    select
        'assets' as mart,
        asset_id as key
    from {{ ref('stg_assets') }}

    union all

    select
        'campaigns' as mart,
        campaign_id as key
    from {{ ref('stg_campaigns') }}
    where not is_deleted

    union all

    select
        'deals' as mart,
        deal_id as key
    from {{ ref('stg_deals') }}
    where not is_deleted

    union all

    select
        'contacts' as mart,
        contact_id as key
    from {{ ref('int_contacts') }}
    where not is_erased

),

present as (

    select
        'assets' as mart,
        asset_id as key
    from {{ ref('assets') }}

    union all

    select
        'campaigns' as mart,
        campaign_id as key
    from {{ ref('campaigns') }}

    union all

    select
        'deals' as mart,
        deal_id as key
    from {{ ref('deals') }}

    union all

    select
        'contacts' as mart,
        contact_id as key
    from {{ ref('contacts') }}

)

select
    coalesce(expected.mart, present.mart) as mart,
    coalesce(expected.key, present.key) as key
from expected
full outer join present
    on
        expected.mart = present.mart
        and expected.key = present.key
where
    expected.key is null
    or present.key is null
