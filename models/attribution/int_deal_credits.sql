{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='deal_id',
    meta={'affected': 'int_affected_paths'}
) }}

with paths as (

    select * from {{ ref('int_attribution_paths') }}
    {{ only_affected('int_affected_paths', ['deal_id']) }}
    where path_kind = 'deal'

),

credited as (

    select
        paths.deal_id,
        paths.closed_at,
        cast(cast(paths.amount as decimal(38, 2)) * 100 as {{ wide_integer() }}) as cents,
        credits.model,
        credits.event_key,
        credits.position,
        interactions.contact_id,
        interactions.channel,
        {{ each_of('interactions.campaign_ids') }} as campaign_id,
        credits.credit / {{ list_length('interactions.campaign_ids') }} as credit,
        credits.numerator,
        credits.denominator * {{ list_length('interactions.campaign_ids') }} as denominator
    from {{ ref('int_attribution_credits') }} as credits
    inner join paths
        on credits.path_key = paths.path_key
    inner join {{ ref('int_credit_interactions') }} as interactions
        on credits.event_key = interactions.event_key

),

-- cents * numerator / denominator by long division, in two steps for what a whole number can hold;
-- towards minus infinity.
in_two_parts as (

    select
        *,
        ((cents % 100000000) + 100000000) % 100000000 as low,
        {{ whole_quotient('cents - low', 100000000) }} as high
    from credited

),

first_step as (

    select
        *,
        (((high * numerator) % denominator) + denominator) % denominator as high_remainder,
        {{ whole_quotient('high * numerator - high_remainder', 'denominator') }} as high_quotient,
        high_remainder * 100000000 + low * numerator as rest
    from in_two_parts

),

floored as (

    select
        *,
        high_quotient * 100000000 + {{ whole_quotient('rest', 'denominator') }} as floor_cents,
        {{ whole_quotient('(rest % denominator) * 2000000 + denominator', '2 * denominator') }}
            as rounded_remainder
    from first_step

),

ranked as (

    select
        *,
        cents - sum(floor_cents) over (partition by deal_id, model) as cents_left,
        row_number() over (
            partition by deal_id, model
            order by rounded_remainder desc, position asc, campaign_id asc
        ) as remainder_rank
    from floored

)

select
    deal_id,
    closed_at,
    model,
    event_key,
    contact_id,
    channel,
    campaign_id,
    credit,
    cast(
        cast(
            floor_cents + case when remainder_rank <= cents_left then 1 else 0 end as decimal(36, 0)
        )
        * cast(0.01 as decimal(2, 2))
        as decimal(18, 2)
    ) as revenue
from ranked
