with stages as (

    select * from {{ ref('int_journey_stages') }}

),

entries as (

    select
        entries.*,
        {{ microseconds_between('entries.stage_before_entered_at', 'entries.entered_at') }}
            as microseconds,
        next_entries.entity_key is not null as went_on
    from {{ ref('int_journey_entries') }} as entries
    inner join stages
        on
            entries.journey_key = stages.journey_key
            and entries.stage = stages.stage
    left join {{ ref('int_journey_entries') }} as next_entries
        on
            entries.journey_key = next_entries.journey_key
            and entries.entity_key = next_entries.entity_key
            and stages.next_stage = next_entries.stage

),

-- Each counts among all who entered, and in its branch if it stands in one.
counted_entries as (

    select
        journey_key,
        stage,
        cast(null as string) as branch,
        microseconds,
        went_on
    from entries

    union all

    select
        journey_key,
        stage,
        branch,
        microseconds,
        went_on
    from entries
    where branch is not null

),

figures as (

    select
        journey_key,
        stage,
        branch,
        count(*) as entered,
        count(*) filter (where went_on) as went_on,
        percentile_cont(0.5) within group (order by microseconds) / 1000000 as median_seconds,
        cast(sum(cast(microseconds as {{ wide_integer() }})) as double)
        / count(microseconds)
        / 1000000 as mean_seconds,
        percentile_cont(0.9) within group (order by microseconds) / 1000000 as p90_seconds
    from counted_entries
    group by journey_key, stage, branch

),

-- Every stage has a row of all who entered it, and one of each branch that stands in its span.
branches as (

    select distinct
        entries.journey_key,
        stages.branch_stage,
        entries.branch
    from entries
    inner join stages
        on
            entries.journey_key = stages.journey_key
            and entries.stage = stages.stage
    where entries.branch is not null

),

listed as (

    select
        *,
        cast(null as string) as branch
    from stages

    union all

    select
        stages.*,
        branches.branch
    from stages
    inner join branches
        on
            stages.journey_key = branches.journey_key
            and stages.branch_stage = branches.branch_stage

),

counted as (

    select
        listed.*,
        coalesce(figures.entered, 0) as entered,
        coalesce(figures.went_on, 0) as went_on,
        figures.median_seconds,
        figures.mean_seconds,
        figures.p90_seconds
    from listed
    left join figures
        on
            listed.journey_key = figures.journey_key
            and listed.stage = figures.stage
            and listed.branch is not distinct from figures.branch

),

-- An earlier stage in the branch's span is that branch's, one before it everybody's.
measured as (

    select
        counted.*,
        spanning.branch_by as branch_property,
        previous.entered as entered_previous,
        firsts.entered as entered_first
    from counted
    left join stages as spanning
        on
            counted.journey_key = spanning.journey_key
            and counted.branch is not null
            and counted.branch_stage = spanning.stage
    left join counted as previous
        on
            counted.journey_key = previous.journey_key
            and counted.measured_from = previous.stage
            and previous.branch is not distinct from case
                when counted.measured_from >= counted.branch_stage then counted.branch
            end
    left join counted as firsts
        on
            counted.journey_key = firsts.journey_key
            and counted.stage > 1
            and firsts.stage = 1
            and firsts.branch is not distinct from case
                when counted.branch_stage = 1 then counted.branch
            end

)

select
    journey,
    cast(stage as bigint) as stage,
    branch,
    branch_property as branch_by,
    stage_name,
    is_optional,
    entered,
    case when not is_optional and next_stage is not null then entered - went_on end as dropped,
    cast(entered as double) / nullif(entered_previous, 0) as conversion_from_previous,
    cast(entered as double) / nullif(entered_first, 0) as conversion_from_first,
    median_seconds,
    mean_seconds,
    p90_seconds
from measured
