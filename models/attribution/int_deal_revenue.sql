{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_deals'}
) }}

with interactions as (

    select
        deal_id,
        event_key,
        event_id,
        contact_id,
        occurred_at,
        closed_at,
        amount,
        count(*) over (partition by deal_id) as deal_interactions
    from {{ ref('int_revenue_interactions') }}
    {{ only_affected('int_affected_deals', ['deal_id']) }}
    where amount is not null

),

credited as (

    select
        interactions.deal_id,
        coalesce(campaigns.campaign_id, 'no campaign') as campaign_id,
        interactions.event_id,
        interactions.contact_id,
        interactions.occurred_at,
        interactions.closed_at,
        interactions.amount,
        interactions.deal_interactions * count(*) over (
            partition by interactions.deal_id, interactions.event_id
        ) as parts
    from interactions
    left join {{ ref('int_campaign_revenue_interactions') }} as campaigns
        on
            interactions.deal_id = campaigns.deal_id
            and interactions.event_key = campaigns.event_key

),

whole_cents as (

    select
        *,
        cast(cast(amount as decimal(38, 2)) * 100 as {{ wide_integer() }}) as cents
    from credited

),

-- Whole numbers all the way, so that every cent has one place: a row's share is cents / parts.
floored as (

    select
        deal_id,
        campaign_id,
        event_id,
        contact_id,
        occurred_at,
        closed_at,
        cents,
        parts,
        ((cents % parts) + parts) % parts as remainder
    from whole_cents

),

shared as (

    select
        deal_id,
        campaign_id,
        event_id,
        contact_id,
        occurred_at,
        closed_at,
        cents,
        {{ whole_quotient('cents - remainder', 'parts') }} as floor_cents,
        {{ whole_quotient('remainder * 2000000 + parts', '2 * parts') }} as rounded_remainder
    from floored

),

ranked as (

    select
        *,
        cents - sum(floor_cents) over (partition by deal_id) as cents_left,
        row_number() over (
            partition by deal_id
            order by rounded_remainder desc, occurred_at asc, event_id asc, campaign_id asc
        ) as remainder_rank
    from shared

),

shares as (

    select
        deal_id,
        campaign_id,
        event_id,
        contact_id,
        occurred_at,
        closed_at,
        cast(
            cast(
                floor_cents
                + case when remainder_rank <= cents_left then 1 else 0 end as decimal(36, 0)
            )
            * cast(0.01 as decimal(2, 2))
            as decimal(18, 2)
        ) as revenue
    from ranked

)

select * from shares
