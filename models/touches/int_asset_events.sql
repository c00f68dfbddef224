with asset_events as (

    select
        events.event_id,
        events.event_type,
        events.occurred_at,
        events.contact_id,
        events.asset_id,
        events.interaction
    from {{ ref('int_events') }} as events
    inner join {{ ref('stg_assets') }} as assets
        on events.asset_id = assets.asset_id
    where events.event_type != 'page_viewed'

    union all

    select
        event_id,
        'page_viewed' as event_type,
        occurred_at,
        contact_id,
        asset_id,
        null as interaction
    from {{ ref('int_page_views') }}
    where asset_id is not null

),

measured as (

    select
        asset_events.event_id,
        asset_events.event_type,
        asset_events.occurred_at,
        asset_events.contact_id,
        asset_events.asset_id,
        case
            when
                event_types.only_if_interaction is null
                or event_types.only_if_interaction = asset_events.interaction
                then event_types.asset_measure
        end as measure
    from asset_events
    left join {{ ref('event_types') }} as event_types
        on asset_events.event_type = event_types.event_type

)

select * from measured
