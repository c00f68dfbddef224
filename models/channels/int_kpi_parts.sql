with converting as (

    select session_key
    from {{ ref('int_session_events') }}
    where is_conversion

),

session_visitors as (

    select
        sessions.session_key,
        sessions.visitor_key,
        {{ report_date('sessions.started_at') }} as date,
        sessions.session_key in (select session_key from converting) as is_converting
    from {{ ref('int_sessions') }} as sessions

),

campaign_visitors as (

    select
        campaign_sessions.campaign_id,
        session_visitors.date,
        session_visitors.visitor_key,
        bool_or(session_visitors.is_converting) as is_converting
    from session_visitors
    inner join {{ ref('int_campaign_sessions') }} as campaign_sessions
        on session_visitors.session_key = campaign_sessions.session_key
    group by all

    union all

    select
        'all' as campaign_id,
        date,
        visitor_key,
        bool_or(is_converting) as is_converting
    from session_visitors
    group by date, visitor_key

),

-- A campaign's keyword ranks on a date on which the keyword is its own, if only for a moment.
keywords as (

    select distinct
        campaign_id,
        comparable_keyword,
        {{ report_date('associated_at') }} as first_date,
        {{ report_date(just_before('removed_at')) }} as last_date
    from {{ ref('int_campaign_keywords') }}
    where
        removed_at is null
        or removed_at > associated_at

),

rankings as (

    select
        keyword,
        engine,
        stat_date as date,
        {{ comparable_text('keyword') }} as comparable_keyword,
        {{ double_as_decimal('position', 18, 4) }} as position
    from {{ ref('stg_search_rankings') }}
    where {{ double_as_decimal('position', 18, 4) }} is not null

),

ranks as (

    select distinct
        keywords.campaign_id,
        rankings.keyword,
        rankings.engine,
        rankings.date,
        rankings.position
    from rankings
    inner join keywords
        on
            rankings.comparable_keyword = keywords.comparable_keyword
            and rankings.date >= keywords.first_date
            and (keywords.last_date is null or rankings.date <= keywords.last_date)

    union all

    select
        'all' as campaign_id,
        keyword,
        engine,
        date,
        position
    from rankings

),

closed_deals as (

    select distinct
        deal_id,
        closed_at,
        amount
    from {{ ref('int_closed_campaign_deals') }}

),

clicks as (

    select
        events.event_key,
        events.date,
        campaigns.campaign_id
    from {{ ref('int_channel_events') }} as events
    left join {{ ref('int_event_campaigns') }} as campaigns
        on
            events.event_key = campaigns.event_key
            and events.occurred_on = campaigns.occurred_on
    where
        events.event_type = 'social_post_interacted'
        and events.interaction = 'click'

),

parts as (

    select
        'all' as campaign_id,
        date,
        'sessions' as part,
        count(*) as number
    from session_visitors
    group by date

    union all

    select
        'all' as campaign_id,
        {{ report_date('contacts.created_at') }} as date,
        'new_contacts_first_touch' as part,
        count(*) as number
    from {{ ref('int_contacts') }} as contacts
    where contacts.contact_id in (select contact_id from {{ ref('int_first_touches') }})
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('contacts.created_at') }} as date,
        'new_contacts_last_touch' as part,
        count(*) as number
    from {{ ref('int_contacts') }} as contacts
    where contacts.contact_id in (select contact_id from {{ ref('int_last_touches') }})
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('first_influenced_at') }} as date,
        'influenced_contacts' as part,
        count(*) as number
    from (
        select
            contact_id,
            min(first_influenced_at) as first_influenced_at
        from {{ ref('int_influenced_contacts') }}
        group by contact_id
    )
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('closed_at') }} as date,
        'closed_deals' as part,
        count(*) as number
    from closed_deals
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('closed_at') }} as date,
        'influenced_revenue' as part,
        coalesce(sum(amount), 0) as number
    from closed_deals
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('closed_at') }} as date,
        'revenue' as part,
        sum(revenue) as number
    from {{ ref('int_deal_revenue') }}
    group by all

    union all

    select
        'all' as campaign_id,
        {{ report_date('closed_at') }} as date,
        'attributed_revenue' as part,
        sum(revenue) as number
    from {{ ref('int_deal_credits') }}
    where model = '{{ var("default_attribution_model") }}'
    group by all

    union all

    select
        'all' as campaign_id,
        date,
        'spend' as part,
        amount as number
    from {{ ref('int_campaign_spend') }}

    union all

    select
        'all' as campaign_id,
        date,
        {{ each_of(text_list(['spend', 'ad_cost'])) }} as part,
        cost as number
    from {{ ref('int_ad_costs') }}

    union all

    select
        campaign_id,
        date,
        'spend' as part,
        commission as number
    from {{ ref('int_affiliate_days') }}
    where campaign_id = 'all'

    union all

    select
        campaign_id,
        {{ report_date('closed_at') }} as date,
        'customers' as part,
        count(*) as number
    from {{ ref('int_customers') }}
    where campaign_id = 'all'
    group by all

    union all

    select
        {{ each_of(list_with(['campaign_id', "'all'"])) }} as campaign_id,
        date,
        'impressions' as part,
        impressions as number
    from {{ ref('int_ad_costs') }}

    union all

    select
        {{ each_of(list_with(['campaign_id', "'all'"])) }} as campaign_id,
        date,
        'ad_clicks' as part,
        clicks as number
    from {{ ref('int_ad_costs') }}

    union all

    select
        {{ each_of(list_with(['figures.campaign_id', "'all'"])) }} as campaign_id,
        stats.stat_date as date,
        'impressions' as part,
        stats.impressions as number
    from {{ ref('stg_social_stats') }} as stats
    inner join {{ ref('int_figure_campaigns') }} as figures
        on
            stats.asset_id = figures.asset_id
            and stats.stat_date = figures.stat_date

    union all

    select
        campaign_id,
        date,
        'social_clicks' as part,
        count(*) as number
    from clicks
    where campaign_id is not null
    group by campaign_id, date

    union all

    select
        'all' as campaign_id,
        date,
        'social_clicks' as part,
        count(distinct event_key) as number
    from clicks
    group by date

    union all

    select
        campaign_id,
        date,
        'visitors' as part,
        count(*) as number
    from campaign_visitors
    group by campaign_id, date

    union all

    select
        campaign_id,
        date,
        'converting_visitors' as part,
        count(*) as number
    from campaign_visitors
    where is_converting
    group by campaign_id, date

    union all

    select
        campaign_id,
        date,
        'ranks' as part,
        count(*) as number
    from ranks
    group by campaign_id, date

    union all

    select
        campaign_id,
        date,
        'rank_sum' as part,
        sum(position) as number
    from ranks
    group by campaign_id, date

)

select
    campaign_id,
    date,
    part,
    cast(sum(number) as decimal(38, 4)) as number
from parts
where campaign_id != 'no campaign'
group by campaign_id, date, part
