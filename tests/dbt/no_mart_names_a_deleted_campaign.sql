-- A returned row is a mart that shows a deleted campaign (T-9).
with named as (

    select
        'campaign_daily' as mart,
        campaign_id
    from {{ ref('campaign_daily') }}

    union all

    select
        'campaign_contacts' as mart,
        campaign_id
    from {{ ref('campaign_contacts') }}

    union all

    select
        'campaign_influences' as mart,
        campaign_id
    from {{ ref('campaign_influences') }}

    union all

    select
        'campaign_assets' as mart,
        campaign_id
    from {{ ref('campaign_assets') }}

    union all

    select
        'campaign_deals' as mart,
        campaign_id
    from {{ ref('campaign_deals') }}

    union all

    select
        'campaign_revenue' as mart,
        campaign_id
    from {{ ref('campaign_revenue') }}

    union all

    select
        'campaign_sessions' as mart,
        campaign_id
    from {{ ref('campaign_sessions') }}

    union all

    select
        'asset_visibility' as mart,
        campaign_id
    from {{ ref('asset_visibility') }}

    union all

    select
        'assets' as mart,
        campaign_id
    from {{ ref('assets') }}

    union all

    select
        'campaigns' as mart,
        campaign_id
    from {{ ref('campaigns') }}

    union all

    select
        'campaign_attribution' as mart,
        campaign_id
    from {{ ref('campaign_attribution') }}

    union all

    select
        'deal_attribution' as mart,
        campaign_id
    from {{ ref('deal_attribution') }}

    union all

    select
        'deal_create_attribution' as mart,
        campaign_id
    from {{ ref('deal_create_attribution') }}

    union all

    select
        'contact_attribution' as mart,
        campaign_id
    from {{ ref('contact_attribution') }}

    union all

    select
        'data_driven_attribution' as mart,
        key as campaign_id
    from {{ ref('data_driven_attribution') }}
    where dimension = 'campaign'

)

select
    named.mart,
    named.campaign_id
from named
inner join {{ ref('stg_campaigns') }} as campaigns
    on named.campaign_id = campaigns.campaign_id
where campaigns.is_deleted
