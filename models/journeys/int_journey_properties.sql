with steps as (

    select * from {{ ref('int_journey_steps') }}

),

asked as (

    select
        event_type,
        property,
        kind,
        read_from
    from {{ ref('int_journey_filters') }}

    union

    select
        steps.event_type,
        properties.property,
        properties.kind,
        properties.read_from
    from steps
    inner join {{ ref('event_properties') }} as properties
        on
            properties.event_type in (steps.event_type, '*')
            and steps.branch_by = properties.property

)

select * from asked
