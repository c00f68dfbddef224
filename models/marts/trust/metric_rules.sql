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
        status
    from {{ source('state', 'unit_tests') }}

),

-- A rule's unit tests are those that are named after it.
rules_unit_tests as (

    select
        rules.rule_id,
        bool_and(unit_tests.status = 'pass') as is_passed
    from rules
    inner join unit_tests
        on {{ begins_with('unit_tests.name', "lower(replace(rules.rule_id, '-', '_')) || '_'") }}
    group by rules.rule_id

),

with_results as (

    select
        rules.rule_id,
        rules.rule,
        rules.model,
        rules.test,
        coalesce(data_tests.status, 'not run') as status,
        case
            when rules_unit_tests.is_passed then 'pass'
            when not rules_unit_tests.is_passed then 'fail'
            else 'not run'
        end as unit_test_status
    from rules
    left join data_tests
        on rules.model = data_tests.model
    left join rules_unit_tests
        on rules.rule_id = rules_unit_tests.rule_id

)

select * from with_results
