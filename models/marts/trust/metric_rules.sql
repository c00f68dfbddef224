{{ config(tags=['after_audit']) }}

with rules as (

    select * from {{ ref('metric_rules_register') }}

),

data_tests as (

    select
        model,
        case
            when bool_or(status in ('fail', 'error')) then 'fail'
            when bool_or(status = 'warn') then 'warn'
            when bool_or(status = 'pass') then 'pass'
        end as status
    from {{ source('state', 'test_results') }}
    group by model

),

unit_tests as (

    select
        name,
        max(status) as status
    from {{ source('state', 'unit_tests') }}
    group by name

),

with_results as (

    select
        rules.rule_id,
        rules.rule,
        rules.model,
        rules.test,
        coalesce(data_tests.status, 'not run') as status,
        coalesce(unit_tests.status, 'not run') as unit_test_status
    from rules
    left join data_tests
        on rules.model = data_tests.model
    left join unit_tests
        on rules.test = unit_tests.name

)

select * from with_results
