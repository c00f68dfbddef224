with figures as (

    select
        asset_id,
        stat_date
    from {{ ref('stg_ad_stats') }}

    union

    select
        asset_id,
        stat_date
    from {{ ref('stg_social_stats') }}

),

-- An association that ends with a day's first instant held the asset until the day before.
associations as (

    select
        campaign_id,
        asset_id,
        associated_at,
        {{ report_date('associated_at') }} as first_date,
        {{ report_date(just_before('ended_at')) }} as last_date
    from {{ ref('int_campaign_assets') }}
    where
        not is_refused
        and (ended_at is null or ended_at > associated_at)

),

held as (

    select
        figures.asset_id,
        figures.stat_date,
        max_by(
            associations.campaign_id, (associations.associated_at, associations.campaign_id)
        ) as campaign_id
    from figures
    inner join associations
        on
            figures.asset_id = associations.asset_id
            and figures.stat_date >= associations.first_date
            and (associations.last_date is null or figures.stat_date <= associations.last_date)
    group by figures.asset_id, figures.stat_date

)

select
    figures.asset_id,
    figures.stat_date,
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id
from figures
left join held
    on
        figures.asset_id = held.asset_id
        and figures.stat_date = held.stat_date
left join {{ ref('int_campaigns') }} as campaigns
    on held.campaign_id = campaigns.campaign_id
