with named as (

    select
        pipeline_id,
        stage_id
    from {{ ref('stg_deals') }}
    where stage_id is not null

    union

    select
        coalesce(history.pipeline_id, deals.pipeline_id) as pipeline_id,
        history.stage_id
    from {{ ref('stg_deal_stage_history') }} as history
    inner join {{ ref('stg_deals') }} as deals
        on history.deal_id = deals.deal_id

),

listed as (

    select * from {{ ref('stg_pipeline_stages') }}

),

listed_pipelines as (

    select distinct pipeline_id
    from listed

),

only_in_one_pipeline as (

    select
        stage_id,
        bool_or(is_won) as is_won,
        bool_or(is_closed) as is_closed
    from listed
    group by stage_id
    having count(*) = 1

),

looked_up as (

    select
        named.pipeline_id,
        named.stage_id,
        coalesce(listed.is_won, only_in_one_pipeline.is_won) as is_won,
        coalesce(listed.is_closed, only_in_one_pipeline.is_closed) as is_closed
    from named
    left join listed
        on
            named.pipeline_id = listed.pipeline_id
            and named.stage_id = listed.stage_id
    left join listed_pipelines
        on named.pipeline_id = listed_pipelines.pipeline_id
    left join only_in_one_pipeline
        on
            named.stage_id = only_in_one_pipeline.stage_id
            and listed_pipelines.pipeline_id is null

)

select * from looked_up
