with rankings as (

    select
        keyword,
        engine,
        cast(date_trunc('month', stat_date) as date) as month,
        {{ double_as_decimal('position', 18, 4) }} as position
    from {{ ref('stg_search_rankings') }}
    where {{ double_as_decimal('position', 18, 4) }} is not null

)

select
    keyword,
    engine,
    month,
    {{ ratio('sum(position)', 'count(*)') }} as mean_position,
    cast(min(position) as double) as best_position,
    count(*) as days,
    cast(sum(position) as decimal(38, 4)) as position_sum,
    {{ ratio('count(*) filter (where position between 1 and 10)', 'count(*)') }}
        as first_page_share
from rankings
group by keyword, engine, month
