with influenced_deals as (

    select
        influenced.campaign_id,
        won.deal_id,
        won.contact_id,
        won.closed_at,
        won.amount,
        influenced.first_influenced_at,
        influenced.first_event_id
    from {{ ref('int_won_deal_contacts') }} as won
    inner join {{ ref('int_influenced_contacts') }} as influenced
        on
            won.contact_id = influenced.contact_id
            and won.closed_at >= influenced.first_influenced_at

),

earliest as (

    select
        campaign_id,
        deal_id,
        contact_id,
        closed_at,
        amount,
        first_influenced_at as influenced_at
    from influenced_deals
    qualify row_number() over (
        partition by campaign_id, deal_id
        order by first_influenced_at, first_event_id
    ) = 1

)

select * from earliest
