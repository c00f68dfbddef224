with interest as (

    select
        event_key,
        occurred_on,
        visitor_key,
        occurred_at,
        case when event_type = 'pixel_fired' then url_key end as page_key,
        event_type = 'cart_updated' as is_cart
    from {{ ref('int_channel_events') }}
    where
        visitor_key is not null
        and (
            event_type = 'cart_updated'
            or (event_type = 'pixel_fired' and pixel_event = 'page_view')
        )

),

converted as (

    select events.visitor_key
    from {{ ref('int_events') }} as events
    inner join {{ ref('event_types') }} as event_types
        on
            events.event_type = event_types.event_type
            and event_types.is_conversion
    where events.visitor_key is not null

    union

    select visitor_key
    from {{ ref('int_channel_events') }}
    where
        visitor_key is not null
        and event_type = 'pixel_fired'
        and pixel_event in ('purchase', 'form_submission', 'registration')

),

audience as (

    select *
    from interest
    anti join converted using (visitor_key)

)

select
    coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
    visitors.visitor_id,
    min(audience.occurred_at) as first_interest_at,
    max(audience.occurred_at) as last_interest_at,
    count(distinct audience.page_key) as pages,
    count(*) filter (where audience.is_cart) as carts
from audience
inner join {{ ref('stg_visitors') }} as visitors
    on audience.visitor_key = visitors.visitor_key
left join {{ ref('int_event_campaigns') }} as campaigns
    on
        audience.event_key = campaigns.event_key
        and audience.occurred_on = campaigns.occurred_on
where visitors.visitor_id not in (select visitor_id from {{ ref('int_erased_visitors') }})
group by all
