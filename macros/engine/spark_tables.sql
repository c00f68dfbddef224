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
        {#- dbt runs Python only from here. Whoever runs it gives `read_table` and `write_table`. -#}
        {%- set target_relation = this.incorporate(type="table") -%}
        {%- do run_query("drop table if exists " ~ target_relation) -%}
        {%- call statement("main", language="python") -%}
{{ compiled_code }}
write_table("{{ target_relation }}", model(dbtObj(read_table), None))
        {%- endcall -%}
        {{ return({"relations": [target_relation]}) }}
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
    {%- set kept = spark_keep_ctes(sql) -%}
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
            {{ kept.sql }}
        )
        {%- else %}
        {{ kept.sql }}
        {%- endif %}
    {%- endcall -%}
    {%- for table in kept.tables -%}
        {%- do run_query("drop table " ~ table) -%}
    {%- endfor -%}
    {{ return(target_relation) }}
{%- endmacro %}


{% macro spark_keep_ctes(sql) -%}
    {#- Makes a table of each CTE that is to be made once (see `materialized`): Spark would make it once
        for each place that reads it, and what it reads as often again. Gives the SELECT that reads the
        tables instead, `sql`, and their names, `tables`. A CTE ends with the first parenthesis that
        begins a line. -#}
    {%- set mark = materialized() ~ " (" -%}
    {%- set kept = namespace(sql=sql, tables=[]) -%}
    {%- for _ in range(sql.count(mark)) -%}
        {%- set before, _, behind = kept.sql.partition(mark) -%}
        {%- set body, _, rest = behind.partition("\n)") -%}
        {%- set name = before.split()[-2] -%}
        {%- set table = this.incorporate(path={"identifier": this.identifier ~ "__" ~ name}) -%}
        {%- do run_query("drop table if exists " ~ table) -%}
        {%- do run_query(
            "create table " ~ table ~ " using parquet as " ~ before ~ "(" ~ body ~ "\n) select * from " ~ name
        ) -%}
        {%- set kept.sql = before ~ "(select * from " ~ table ~ "\n)" ~ rest -%}
        {%- do kept.tables.append(table) -%}
    {%- endfor -%}
    {{ return(kept) }}
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
