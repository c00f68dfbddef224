with entries as (

    select
        deal_id,
        max_by(stage_id, (entered_at, stage_id)) as stage_id,
        max_by(is_won, (entered_at, stage_id)) as is_won,
        max_by(is_closed, (entered_at, stage_id)) as is_closed,
        max(entered_at) filter (where is_won) as won_at,
        max(entered_at) filter (where is_closed) as closed_at
    from {{ ref('int_stage_entries') }}
    group by deal_id

),

staged as (

    select
        deals.deal_id,
        deals.name,
        deals.created_at,
        deals.amount as amount_original,
        coalesce(deals.currency, '{{ var("company_currency") }}') as currency,
        coalesce(deals.stage_id, entries.stage_id) as stage_id,
        case
            when deals.stage_id is null then coalesce(entries.is_won, false)
            else coalesce(stages.is_won, false) and coalesce(entries.is_won, true)
        end as is_closed_won,
        case
            when deals.stage_id is null then coalesce(entries.is_closed, false)
            else coalesce(stages.is_closed, false) and coalesce(entries.is_closed, true)
        end as is_closed,
        deals.closed_at as close_property,
        entries.won_at,
        entries.closed_at as closed_stage_at
    from {{ ref('stg_deals') }} as deals
    left join entries
        on deals.deal_id = entries.deal_id
    left join {{ ref('int_stages') }} as stages
        on
            deals.pipeline_id is not distinct from stages.pipeline_id
            and deals.stage_id = stages.stage_id
    where not deals.is_deleted

),

closed as (

    select
        deal_id,
        name,
        created_at,
        amount_original,
        currency,
        stage_id,
        is_closed_won,
        case
            when is_closed_won then coalesce(close_property, won_at)
            when is_closed then coalesce(close_property, closed_stage_at)
        end as closed_at
    from staged

),

-- The latest rate on or before the close; for a deal without a close, the latest of all.
rates as (

    select
        closed.deal_id,
        max_by(rates.rate, rates.valid_from) as rate
    from closed
    inner join {{ ref('stg_exchange_rates') }} as rates
        on
            closed.currency = rates.currency
            and (
                closed.closed_at is null
                or rates.valid_from <= {{ report_date('closed.closed_at') }}
            )
    group by closed.deal_id

),

converted as (

    select
        closed.deal_id,
        closed.name,
        closed.created_at,
        {{ company_amount('closed.amount_original', 'closed.currency', 'rates.rate') }} as amount,
        closed.amount_original,
        closed.currency,
        closed.stage_id,
        closed.is_closed_won,
        closed.closed_at
    from closed
    left join rates
        on closed.deal_id = rates.deal_id

)

select * from converted
