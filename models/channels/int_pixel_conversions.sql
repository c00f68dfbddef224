with reports as (

    select
        events.event_key,
        events.occurred_on,
        events.event_id,
        events.network,
        events.pixel_event,
        coalesce(events.source = 'server', false) as is_server,
        events.occurred_at,
        events.date,
        {{ company_amount('events.value', 'days.currency', 'days.rate') }} as value,
        case
            when events.dedup_id is null then events.event_key
            else {{ tuple_key(['events.network', 'events.dedup_id']) }}
        end as conversion_key,
        events.dedup_id is null as is_alone
    from {{ ref('int_channel_events') }} as events
    left join {{ ref('int_exchange_days') }} as days
        on
            events.currency = days.currency
            and events.date = days.date
    where
        events.event_type = 'pixel_fired'
        and events.pixel_event is distinct from 'page_view'

),

first_reports as (

    select
        conversion_key,
        is_alone,
        network,
        pixel_event,
        date
    from reports
    qualify row_number() over (
        partition by conversion_key, is_alone order by occurred_at, event_id
    ) = 1

),

reported as (

    select
        conversion_key,
        is_alone,
        min_by(value, (occurred_at, event_id)) filter (where value is not null) as value,
        bool_or(is_server) as has_server,
        bool_or(not is_server) as has_browser
    from reports
    group by conversion_key, is_alone

),

campaigns as (

    select distinct
        reports.conversion_key,
        reports.is_alone,
        campaigns.campaign_id
    from reports
    inner join {{ ref('int_event_campaigns') }} as campaigns
        on
            reports.event_key = campaigns.event_key
            and reports.occurred_on = campaigns.occurred_on

)

select
    first_reports.conversion_key,
    first_reports.is_alone,
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    first_reports.network,
    first_reports.pixel_event,
    first_reports.date,
    reported.value,
    reported.has_server,
    reported.has_browser
from first_reports
inner join reported
    on
        first_reports.conversion_key = reported.conversion_key
        and first_reports.is_alone = reported.is_alone
left join campaigns
    on
        first_reports.conversion_key = campaigns.conversion_key
        and first_reports.is_alone = campaigns.is_alone
