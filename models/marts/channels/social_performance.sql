with counted as (

    select
        figures.campaign_id,
        stats.network,
        stats.asset_id,
        stats.stat_date as date,
        coalesce(stats.reach, 0) as reach,
        coalesce(stats.impressions, 0) as impressions,
        coalesce(stats.mentions, 0) as mentions,
        0 as engagements,
        0 as clicks,
        0 as conversions
    from {{ ref('stg_social_stats') }} as stats
    inner join {{ ref('int_figure_campaigns') }} as figures
        on
            stats.asset_id = figures.asset_id
            and stats.stat_date = figures.stat_date

    union all

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        events.network,
        events.asset_id,
        events.date,
        0 as reach,
        0 as impressions,
        0 as mentions,
        1 as engagements,
        case when events.interaction = 'click' then 1 else 0 end as clicks,
        0 as conversions
    from {{ ref('int_channel_events') }} as events
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            events.event_key = campaigns.event_key
            and events.occurred_on = campaigns.occurred_on
    where events.event_type = 'social_post_interacted'

    union all

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        clicks.network,
        clicks.asset_id,
        conversions.date,
        0 as reach,
        0 as impressions,
        0 as mentions,
        0 as engagements,
        0 as clicks,
        1 as conversions
    from {{ ref('int_click_conversions') }} as conversions
    inner join {{ ref('int_channel_events') }} as clicks
        on conversions.click_key = clicks.event_key
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            clicks.event_key = campaigns.event_key
            and clicks.occurred_on = campaigns.occurred_on
    where clicks.event_type = 'social_post_interacted'

),

daily as (

    select
        campaign_id,
        network,
        asset_id,
        date,
        cast(sum(reach) as bigint) as reach,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(mentions) as bigint) as mentions,
        cast(sum(engagements) as bigint) as engagements,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(conversions) as bigint) as conversions
    from counted
    group by campaign_id, network, asset_id, date

)

select
    *,
    {{ ratio('engagements', 'reach') }} as engagement_rate
from daily
