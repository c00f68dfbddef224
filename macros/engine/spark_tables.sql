{#-
    How models and seeds are written on Spark, which without further libraries has no merge and no
    transactions over several tables: each is made anew, as Parquet.
-#}

{% macro spark__begin_build() -%}
    {#- Raises for a build that is to bring up to date what an earlier one left. -#}
    {%- if execute and flags.WHICH in ("run", "build") and not (flags.FULL_REFRESH or flags.EMPTY) -%}
        {{ exceptions.raise_compiler_error("On Spark every table is made anew: run with --full-refresh.") }}
    {%- endif -%}
{%- endmacro %}


{% macro spark__end_build(results) -%}
    {#- Nothing: no build goes on from an earlier one. -#}
{%- endmacro %}


{% materialization incremental, adapter="spark" %}

    {{ return({"relations": [spark_make_anew(compiled_code)]}) }}

{% endmaterialization %}


{% materialization table, adapter="spark", supported_languages=["sql", "python"] %}

    {%- if model.language == "python" -%}
        {{ exceptions.raise_compiler_error(
            "On Spark the table of a Python model is made outside of dbt."
        ) }}
    {%- endif -%}
    {{ return({"relations": [spark_make_anew(compiled_code)]}) }}

{% endmaterialization %}


{% materialization seed, adapter="spark" %}

    {%- set rows = load_agate_table() -%}
    {%- do store_result("agate_table", response="OK", agate_table=rows) -%}
    {%- set types = config.get("column_types", {}) -%}
    {%- set compiled -%}
        select
            {%- for name in rows.column_names %}
            cast({{ name }} as {{ spark_type(types.get(name, adapter.convert_type(rows, loop.index0))) }})
                as {{ name }}{{ "," if not loop.last }}
            {%- endfor %}
        from values
            {%- for row in rows.rows %}
            (
                {%- for value in row %}{{ text_literal(value) }}{{ ", " if not loop.last }}{% endfor -%}
            ){{ "," if not loop.last }}
            {%- endfor %}
            as seed_rows ({{ rows.column_names | join(", ") }})
    {%- endset -%}
    {{ return({"relations": [spark_make_anew(compiled)]}) }}

{% endmaterialization %}


{% macro spark__of_piece(day) -%}
    {#- Spark puts lists aside on disk as it does all else: one piece. -#}
    true
{%- endmacro %}


{% macro spark__from_piece() -%}
    cast({{ start_of_time() }} as date)
{%- endmacro %}


{% macro spark_make_anew(sql) -%}
    {#- Makes the model's table of what a SELECT gives; of a mart, with the types of its contract. -#}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- do run_query("drop table if exists " ~ target_relation) -%}
    {%- call statement("main") -%}
        create table {{ target_relation }} using parquet as
        {%- if config.get("contract").enforced %}
        select
            {%- for name, column in model.columns.items() %}
            cast({{ adapter.quote(name) }} as {{ spark_type(column.data_type) }}) as {{ adapter.quote(name) }}
            {{- "," if not loop.last }}
            {%- endfor %}
        from (
            {{ sql }}
        )
        {%- else %}
        {{ sql }}
        {%- endif %}
    {%- endcall -%}
    {{ return(target_relation) }}
{%- endmacro %}


{% macro spark_type(type) -%}
    {#- The name of a type of DuckDB's on Spark. -#}
    {%- set name = type | lower | trim -%}
    {%- set names = {
        "varchar": "string", "text": "string", "hugeint": "decimal(38, 0)", "ubigint": "bigint",
        "integer": "int", "timestamp": "timestamp_ntz", "json": "string",
    } -%}
    {%- if name.endswith("[]") -%}
        {{ return("array<" ~ spark_type(name[:-2]) ~ ">") }}
    {%- elif name.startswith("struct(") -%}
        {%- set fields = [] -%}
        {%- for field in name[7:-1].split(",") -%}
            {%- set words = field.strip().split(" ") -%}
            {%- do fields.append(words[0] ~ ": " ~ spark_type(words[1:] | join(" "))) -%}
        {%- endfor -%}
        {{ return("struct<" ~ fields | join(", ") ~ ">") }}
    {%- endif -%}
    {{ return(names.get(name, name)) }}
{%- endmacro %}
