{#- How unit tests run on both engines: most of these take the place of a macro of dbt's. -#}

{% macro default__safe_cast(field, type) -%}
    {#- A value of a row, as its column's type. field: SQL, or what stands in YAML: a number, a flag, a list
        or a mapping. -#}
    cast({{ field if field is string else nested_literal(field) }} as {{ type }})
{%- endmacro %}

{% macro spark__safe_cast(field, type) -%}
    {#- Spark's instants have no infinite one. -#}
    {%- if type == "timestamp_ntz" and field == "'infinity'" -%}
        {{ end_of_time() }}
    {%- else -%}
        {{ default__safe_cast(field, type) }}
    {%- endif -%}
{%- endmacro %}


{% macro nested_literal(value) -%}
    {#- What stands in YAML as a literal: a list as a list, a mapping as a struct. -#}
    {%- if value is mapping -%}
        {%- set fields = {} -%}
        {%- for name in value -%}
            {%- do fields.update({name: nested_literal(value[name])}) -%}
        {%- endfor -%}
        {{ struct_with(fields) }}
    {%- elif value is none -%}
        null
    {%- elif value is string -%}
        {{ text_literal(value) }}
    {%- elif value is iterable -%}
        {%- set items = [] -%}
        {%- for item in value -%}
            {%- do items.append(nested_literal(item)) -%}
        {%- endfor -%}
        {{ list_with(items) }}
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}


{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {#- Expected rows in SQL may call macros, as given ones may. -#}
    {{ return(dbt.default__get_unit_test_sql(
        main_sql, render(expected_fixture_sql), expected_column_names
    )) }}
{%- endmacro %}


{% macro seed_table(name) -%}
    {#- The table of a seed, for given rows that are all of it. (`ref` is the given rows themselves there; and
        rows that are left out are the seed's, but with empty texts instead of nulls.) -#}
    {{ return(api.Relation.create(database=target.database, schema="reference", identifier=name)) }}
{%- endmacro %}


{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {#- The SELECT of the given rows of a unit test. rows: mappings of columns to values; other columns are
        null. column_name_to_data_types: none; dbt gives no other. -#}
    {{ return(adapter.dispatch('get_fixture_sql', 'campaign_warehouse')(rows, column_name_to_data_types)) }}
{%- endmacro %}

{% macro duckdb__get_fixture_sql(rows, column_name_to_data_types) -%}
    {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
{%- endmacro %}

{% macro spark__get_fixture_sql(rows, column_name_to_data_types) -%}
    {#- As one table of VALUES: what reads dbt's own union of a SELECT for each row takes Spark minutes to
        plan, where it is read several times. -#}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(this) -%}
        {%- do types.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- if not types -%}
        {{ exceptions.raise_compiler_error("A unit test takes the columns of " ~ this ~ ", which isn't there.") }}
    {%- endif -%}
    select *
    from values
    {%- for row in rows or [{}] %}
    {%- set values = format_row(row, types) %}
    (
        {%- for name in types %}
        {{- values.get(name) or safe_cast("null", types[name]) | trim }}{{ ", " if not loop.last }}
        {%- endfor -%}
    ){{ "," if not loop.last }}
    {%- endfor %}
    as given ({{ types | join(", ") }})
    {%- if not rows %}
    where false
    {%- endif %}
{%- endmacro %}


{% materialization unit, adapter="spark" %}

    {#- As dbt's own, but the SELECT is planned once, as a view, and with the tables that a build makes
        for it (see `spark_keep_ctes`). -#}
    {%- set kept = spark_keep_ctes(sql) -%}
    {%- set actual = make_temp_relation(this.incorporate(type="view")) -%}
    {%- do run_query("create or replace temporary view " ~ actual ~ " as " ~ kept.sql) -%}
    {%- set types = {} -%}
    {%- set quoted = {} -%}
    {%- for column in adapter.get_columns_in_relation(actual) -%}
        {%- do types.update({column.name: column.data_type}) -%}
        {%- do quoted.update({column.name: column.quoted}) -%}
    {%- endfor -%}
    {%- set rows = config.get("expected_rows") -%}
    {%- set names = [] -%}
    {%- for name in (rows[0] if rows else types) -%}
        {%- do names.append(quoted[name | lower]) -%}
    {%- endfor -%}
    {%- set expected = config.get("expected_sql") or get_expected_sql(rows, types, quoted) -%}
    {%- call statement("main", fetch_result=True) -%}
        {{ get_unit_test_sql("select * from " ~ actual, expected, names) }}
    {%- endcall -%}
    {%- do run_query("drop view " ~ actual) -%}
    {%- for table in kept.tables -%}
        {%- do run_query("drop table " ~ table) -%}
    {%- endfor -%}
    {{ return({"relations": []}) }}

{% endmaterialization %}
