{%- set references = [
    ('visitor_identities', 'contact_id', 'contacts'),
    ('contact_merges', 'contact_id', 'contacts'),
    ('deal_stage_history', 'deal_id', 'deals'),
    ('deal_contacts', 'deal_id', 'deals'),
    ('deal_contacts', 'contact_id', 'contacts'),
    ('campaign_assets', 'campaign_id', 'campaigns'),
    ('campaign_assets', 'asset_id', 'assets'),
    ('campaign_keywords', 'campaign_id', 'campaigns'),
    ('campaign_spend', 'campaign_id', 'campaigns'),
    ('kpi_targets', 'campaign_id', 'campaigns'),
    ('ad_stats', 'asset_id', 'assets'),
    ('social_stats', 'asset_id', 'assets'),
    ('affiliates', 'asset_id', 'assets'),
] -%}

with ledger as (

    select
        load_id,
        file,
        table_name,
        loaded_at,
        extra_columns
    from {{ source('raw', 'ledger') }}

),

unknown_event_types as (

    select
        'unknown_event_type' as rule,
        'events' as table_name,
        events.key,
        cast(sum(events.events) as bigint)
        || ' events of a type that the event catalogue does not list' as detail,
        min(events.first_load_id) as first_load_id
    from {{ ref('int_event_references') }} as events
    left join {{ ref('event_types') }} as event_types
        on events.key = event_types.event_type
    where
        events.reference = 'event_type'
        and event_types.event_type is null
    group by events.key

),

merge_cycles as (

    select
        'merge_cycle' as rule,
        'contact_merges' as table_name,
        cycles.contact_id as key,
        'this contact is merged, in the end, into itself; it stays apart' as detail,
        max(merged_contacts._load_id) as first_load_id
    from {{ ref('int_merge_cycles') }} as cycles
    inner join {{ ref('stg_contact_merges') }} as merged_contacts
        on cycles.contact_id = merged_contacts.merged_contact_id
    group by cycles.contact_id

),

missing_deal_rates as (

    select
        'missing_exchange_rate' as rule,
        'deals' as table_name,
        deals.deal_id as key,
        'no rate of '
        || deals.currency
        || ' on or before the close date, or too large an amount; the amount is left empty'
            as detail,
        raw_deals._load_id as first_load_id
    from {{ ref('int_deals') }} as deals
    inner join {{ ref('stg_deals') }} as raw_deals
        on deals.deal_id = raw_deals.deal_id
    where
        deals.amount is null
        and deals.amount_original is not null

),

missing_budget_rates as (

    select
        'missing_exchange_rate' as rule,
        'campaigns' as table_name,
        budgets.campaign_id as key,
        'no rate of '
        || campaigns.currency
        || ' on or before the start; the budget is left empty' as detail,
        campaigns._load_id as first_load_id
    from {{ ref('int_campaign_budgets') }} as budgets
    inner join {{ ref('stg_campaigns') }} as campaigns
        on budgets.campaign_id = campaigns.campaign_id
    where
        budgets.budget is null
        and budgets.budget_original is not null

),

missing_figure_rates as (

    select
        'missing_exchange_rate' as rule,
        table_name,
        key,
        detail,
        first_load_id
    from {{ ref('int_unconverted_figures') }}

),

unknown_kpis as (

    select
        'unknown_kpi' as rule,
        'kpi_targets' as table_name,
        targets.kpi as key,
        count(*) || ' targets of a KPI that kpi_daily does not have; write one of '
        || (select {{ joined_texts('kpi') }} from {{ ref('kpis') }}) as detail,
        min(targets._load_id) as first_load_id
    from {{ ref('stg_kpi_targets') }} as targets
    where targets.kpi not in (select kpi from {{ ref('kpis') }})
    group by targets.kpi

),

unknown_deal_stages as (

    select
        'unknown_stage' as rule,
        'deals' as table_name,
        deals.stage_id as key,
        count(*) || ' deals in a stage that pipeline_stages does not list' as detail,
        min(deals._load_id) as first_load_id
    from {{ ref('stg_deals') }} as deals
    inner join {{ ref('int_stages') }} as stages
        on
            deals.pipeline_id is not distinct from stages.pipeline_id
            and deals.stage_id = stages.stage_id
    where stages.is_won is null
    group by deals.stage_id

),

unknown_history_stages as (

    select
        'unknown_stage' as rule,
        'deal_stage_history' as table_name,
        history.stage_id as key,
        count(*) || ' entries into a stage that pipeline_stages does not list' as detail,
        min(history._load_id) as first_load_id
    from {{ ref('stg_deal_stage_history') }} as history
    inner join {{ ref('stg_deals') }} as deals
        on history.deal_id = deals.deal_id
    inner join {{ ref('int_stages') }} as stages
        on
            coalesce(history.pipeline_id, deals.pipeline_id) is not distinct from stages.pipeline_id
            and history.stage_id = stages.stage_id
    where stages.is_won is null
    group by history.stage_id

),

extra_columns as (

    select
        'extra_column' as rule,
        table_name,
        extra_column as key,
        'a column that the table does not know; it is kept in the raw layer' as detail,
        min(load_id) as first_load_id
    from (
        select
            load_id,
            table_name,
            {{ each_of('extra_columns') }} as extra_column
        from ledger
    ) as columns_of_files
    group by table_name, extra_column

),

unknown_event_references as (

    select
        'unknown_reference' as rule,
        'events' as table_name,
        'contact_id=' || referring.key as key,
        cast(sum(referring.events) as bigint)
        || ' rows name it, and contacts has no such row yet' as detail,
        min(referring.first_load_id) as first_load_id
    from {{ ref('int_event_references') }} as referring
    left join {{ ref('stg_contacts') }} as referenced
        on referring.key = referenced.contact_id
    where
        referring.reference = 'contact_id'
        and referenced.contact_id is null
    group by referring.key

    union all

    select
        'unknown_reference' as rule,
        'events' as table_name,
        'asset_id=' || referring.key as key,
        cast(sum(referring.events) as bigint)
        || ' rows name it, and assets has no such row yet' as detail,
        min(referring.first_load_id) as first_load_id
    from {{ ref('int_event_references') }} as referring
    left join {{ ref('stg_assets') }} as referenced
        on referring.key = referenced.asset_id
    where
        referring.reference = 'asset_id'
        and referenced.asset_id is null
    group by referring.key

    union all

    select
        'unknown_reference' as rule,
        'events' as table_name,
        'deal_id=' || referring.key as key,
        cast(sum(referring.events) as bigint)
        || ' rows name it, and deals has no such row yet' as detail,
        min(referring.first_load_id) as first_load_id
    from {{ ref('int_event_references') }} as referring
    left join {{ ref('stg_deals') }} as referenced
        on referring.key = referenced.deal_id
    where
        referring.reference = 'deal_id'
        and referenced.deal_id is null
    group by referring.key

),

unknown_references as (

    {% for table, column, referenced in references -%}
    select
        'unknown_reference' as rule,
        '{{ table }}' as table_name,
        '{{ column }}=' || referring.{{ column }} as key,
        count(*) || ' rows name it, and {{ referenced }} has no such row yet' as detail,
        min(referring._load_id) as first_load_id
    from {{ ref('stg_' ~ table) }} as referring
    left join {{ ref('stg_' ~ referenced) }} as referenced
        on referring.{{ column }} = referenced.{{ referenced[:-1] }}_id
    where
        referring.{{ column }} is not null
        {%- if table == 'kpi_targets' %}
        and referring.{{ column }} != 'all'
        {%- endif %}
        and referenced.{{ referenced[:-1] }}_id is null
    group by referring.{{ column }}
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
),

erased_contact_ids as (

    select contact_id from {{ ref('int_erased_contact_ids') }}

),

issues as (

    select * from unknown_event_types
    union all
    select * from merge_cycles
    where key not in (select contact_id from erased_contact_ids)
    union all
    select * from missing_deal_rates
    union all
    select * from missing_budget_rates
    union all
    select * from missing_figure_rates
    union all
    select * from unknown_kpis
    union all
    select * from unknown_deal_stages
    union all
    select * from unknown_history_stages
    union all
    select * from extra_columns
    union all
    select * from unknown_event_references
    where key not in (select 'contact_id=' || contact_id from erased_contact_ids)
    union all
    select * from unknown_references
    where key not in (select 'contact_id=' || contact_id from erased_contact_ids)

),

loads as (

    select
        load_id,
        min(loaded_at) as loaded_at
    from ledger
    group by load_id

),

dated as (

    select
        issues.rule,
        issues.table_name,
        issues.key,
        'warning' as severity,
        issues.detail,
        loads.loaded_at as first_seen_at
    from issues
    left join loads
        on issues.first_load_id = loads.load_id

)

select * from dated
