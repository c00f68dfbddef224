with responses as (

    select
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        responses.asset_id as survey,
        responses.kind,
        responses.date,
        responses.score,
        scales.least is not null as is_on_scale,
        scales.passive_from,
        scales.promoter_from
    from {{ ref('int_channel_events') }} as responses
    left join {{ ref('survey_scales') }} as scales
        on
            responses.kind = scales.kind
            and responses.score between scales.least and scales.most
    left join {{ ref('int_session_events') }} as session_events
        on
            responses.event_key = session_events.event_key
            and responses.occurred_on = session_events.occurred_on
    left join {{ ref('int_campaign_sessions') }} as campaigns
        on session_events.session_key = campaigns.session_key
    where responses.event_type = 'survey_responded'

),

daily as (

    select
        campaign_id,
        survey,
        kind,
        date,
        count(*) as responses,
        count(*) filter (where score >= promoter_from) as promoters,
        count(*) filter (where score >= passive_from and score < promoter_from) as passives,
        count(*) filter (where score < passive_from) as detractors,
        count(*) filter (where is_on_scale) as scored,
        cast(coalesce(sum(score) filter (where is_on_scale), 0) as decimal(18, 4)) as score_sum
    from responses
    group by campaign_id, survey, kind, date

)

select
    campaign_id,
    survey,
    kind,
    date,
    responses,
    promoters,
    passives,
    detractors,
    score_sum,
    case kind
        when 'nps' then {{ ratio('100 * (promoters - detractors)', 'scored') }}
        when 'csat' then {{ ratio('100 * promoters', 'scored') }}
        when 'ces' then {{ ratio('score_sum', 'scored') }}
    end as score
from daily
