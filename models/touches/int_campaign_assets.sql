with associations as (

    select
        associations.campaign_id,
        associations.asset_id,
        assets.asset_type,
        associations.associated_at,
        associations.removed_at,
        refused.asset_id is not null as is_refused
    from {{ ref('stg_campaign_assets') }} as associations
    inner join {{ ref('stg_assets') }} as assets
        on associations.asset_id = assets.asset_id
    inner join {{ ref('stg_campaigns') }} as campaigns
        on associations.campaign_id = campaigns.campaign_id
    left join {{ ref('int_refused_posts') }} as refused
        on
            associations.campaign_id = refused.campaign_id
            and associations.asset_id = refused.asset_id

),

-- A run is what one campaign did in a row, before another campaign took the asset over. Workflows
-- are never taken over, and a refused association neither takes over nor is taken over.
exclusive as (

    select
        *,
        asset_type != 'workflow' and not is_refused as is_exclusive
    from associations

),

marked as (

    select
        *,
        coalesce(
            campaign_id != lag(campaign_id) over (
                partition by asset_id, is_exclusive order by associated_at, campaign_id
            ),
            true
        ) as is_other_campaign
    from exclusive

),

runs as (

    select
        *,
        case
            when is_exclusive
                then count(*) filter (where is_other_campaign) over (
                    partition by asset_id, is_exclusive
                    order by associated_at, campaign_id
                    rows unbounded preceding
                )
            else 0
        end as run_number
    from marked

),

run_starts as (

    select
        asset_id,
        run_number,
        min(associated_at) as started_at
    from runs
    where is_exclusive
    group by asset_id, run_number

),

-- Intervals of one run are united where they overlap, before the next run ends them; refused ones
-- stay as they came.
islands as (

    select
        *,
        is_refused
        or coalesce(
            associated_at >= max(coalesce(removed_at, {{ end_of_time() }})) over (
                partition by campaign_id, asset_id, run_number
                order by associated_at
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_island_start
    from runs

),

numbered as (

    select
        *,
        count(*) filter (where is_island_start) over (
            partition by campaign_id, asset_id, run_number
            order by associated_at
            rows unbounded preceding
        ) as island_number
    from islands

),

united as (

    select
        campaign_id,
        asset_id,
        asset_type,
        is_refused,
        is_exclusive,
        run_number,
        min(associated_at) as associated_at,
        max(removed_at) as removed_at,
        bool_or(removed_at is null) as is_open
    from numbered
    group by campaign_id, asset_id, asset_type, is_refused, is_exclusive, run_number, island_number

),

intervals as (

    select
        united.campaign_id,
        united.asset_id,
        united.asset_type,
        united.is_refused,
        united.associated_at,
        least(case when not united.is_open then united.removed_at end, next_runs.started_at)
            as ended_at
    from united
    left join run_starts as next_runs
        on
            united.is_exclusive
            and united.asset_id = next_runs.asset_id
            and united.run_number + 1 = next_runs.run_number

)

select * from intervals
