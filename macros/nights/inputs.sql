{% macro new_rows(table) -%}
    {#- The rows of a raw table that a model has yet to take in, for a FROM clause: those of the loads
        since the last whole build where the model is built incrementally, else all. -#}
    {%- set all_rows = source("raw", table) -%}
    {%- if execute and is_incremental() -%}
        {{ raw_files("new_files", table, "raw_file", "raw/" ~ table) }}
    {%- else -%}
        {{ all_rows }}
    {%- endif -%}
{%- endmacro %}


{% macro new_quarantine() -%}
    {#- As `new_rows`, of the quarantine. -#}
    {%- set all_rows = source("raw", "quarantine") -%}
    {%- if execute and is_incremental() -%}
        {{ raw_files("new_files", none, "quarantine_file", "quarantine") }}
    {%- else -%}
        {{ all_rows }}
    {%- endif -%}
{%- endmacro %}


{% macro observed_rows(table) -%}
    {#- As `new_rows`, with the rows of known content that a load since the last whole build saw
        again. -#}
    {%- set all_rows = source("raw", table) -%}
    {%- if execute and is_incremental() -%}
        {{ raw_files("observed_files", table, "raw_file", "raw/" ~ table) }}
    {%- else -%}
        {{ all_rows }}
    {%- endif -%}
{%- endmacro %}


{% macro raw_files(list, table, column, folder) -%}
    {#- A read of the files that a list of the schema `changes` names in a column, of one table or (none)
        of all. Each folder has a file without rows, so that a read of no new files has its columns. -#}
    {%- set warehouse = env_var("CAMPAIGN_WAREHOUSE", "warehouse") -%}
    {%- set files = run_query(
        "select " ~ column ~ " from " ~ changes_schema() ~ "." ~ list ~ " where " ~ column
        ~ " is not null" ~ (" and table_name = '" ~ table ~ "'" if table else "") ~ " order by all"
    ).columns[0].values() -%}
    read_parquet(
        [
            '{{ warehouse }}/{{ folder }}/000000-empty.parquet'
            {%- for file in files %},
            '{{ warehouse }}/{{ file }}'
            {%- endfor %}
        ],
        union_by_name = true
    )
{%- endmacro %}


{% macro is_night() -%}
    {#- Whether this build only brings up to date what the last whole build left. -#}
    {%- set ns = namespace(found=false) -%}
    {%- if execute and not flags.FULL_REFRESH and flags.WHICH in ("run", "build") -%}
        {%- set builds = adapter.get_relation(target.database, "changes", "builds") -%}
        {%- if builds is not none -%}
            {%- set ns.found = run_query("select count(*) from " ~ builds).rows[0][0] > 0 -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(ns.found) }}
{%- endmacro %}


{% macro changes_of(model) -%}
    {#- The rows that left a model or came into it since the last whole build, for a FROM clause; in a
        full build none. Rows that only moved within a model's unit may stand in it too: it tells keys,
        not values. -#}
    {%- set relation = ref(model) -%}
    {%- if execute and is_night() -%}
        {%- set relation = changes_schema() ~ "." ~ relation.identifier -%}
        {%- if has_rows(relation) -%}
            {{ return(relation) }}
        {%- endif -%}
    {%- endif -%}
    {#- LIMIT 0 lets the engine leave out what would be joined with it. -#}
    {{ return("(select * from " ~ relation ~ " limit 0)") }}
{%- endmacro %}


{% macro held_rows(new, unit) -%}
    {#- Behind a SELECT from the new rows of a staging model: those that it already holds of the same
        units, so that the row that counts is chosen among all. What a build that was cut short took
        in is among the new rows again, so it isn't taken from here. new: the CTE of the new rows;
        unit: columns. -#}
    {%- if is_incremental() -%}
        union all

        select held.*
        from (
            with row_ids as materialized ({{ row_ids_of_units(this, new, unit | join(", ")) }})

            {{ rows_by_id(this, "row_ids") }}
        ) as held
        where held._load_id <= (select max(load_id) from {{ changes_schema() }}.builds)
    {%- endif -%}
{%- endmacro %}


{% macro affected_relation(name) -%}
    {#- The relation of affected units: a model of that name, or for `changes of <model>` that model's
        changes. -#}
    {%- if name.startswith("changes of ") -%}
        {{ return(changes_of(name | replace("changes of ", ""))) }}
    {%- endif -%}
    {{ return(ref(name)) }}
{%- endmacro %}


{% macro only_affected(affected, unit) -%}
    {#- Behind a FROM: leaves the rows of the units that this build recomputes, named by a relation (see
        `affected_relation`); of a full build, all. unit: columns of both. -#}
    {%- set relation = affected_relation(affected) -%}
    {%- if is_incremental() -%}
        semi join (select distinct {{ unit | join(", ") }} from {{ relation }}) as affected
            using ({{ unit | join(", ") }})
    {%- endif -%}
{%- endmacro %}


{% macro affected_rows(model, affected, unit) -%}
    {#- As `only_affected`, for a FROM clause and a large model, of which the rows of a few units are
        found faster by their ids than by a join that reads all of its columns. At most once per model and
        large model: the ids have a temporary table, of both their names. -#}
    {%- set relation = ref(model) -%}
    {%- set units = affected_relation(affected) -%}
    {%- if not is_incremental() -%}
        {{ relation }}
    {%- elif relation.is_cte or not execute -%}
        {#- A unit test's rows. -#}
        (from {{ relation }} {{ only_affected(affected, unit) }})
    {%- else -%}
        {%- set row_ids = this.identifier ~ "__" ~ relation.identifier -%}
        {%- do run_query(
            "create or replace temp table " ~ row_ids ~ " as "
            ~ row_ids_of_units(relation, units, unit | join(", "))
        ) -%}
        {#- Its rows are counted for the limit alone, which tells the engine how few they are. -#}
        {%- set rows = run_query("select count(*) from " ~ row_ids).rows[0][0] -%}
        (
            {{ rows_by_id(relation, row_ids) }}
            limit {{ rows }}
        )
    {%- endif -%}
{%- endmacro %}


{% macro row_ids_of_units(relation, units, unit) -%}
    {#- The SELECT of the ids (`row_id`) of a table's rows that are of some units, which reads the units'
        columns alone. units: a relation; unit: its columns, as text. -#}
    select narrow.rowid as row_id
    from {{ relation }} as narrow
    semi join {{ units }} as units using ({{ unit }})
{%- endmacro %}


{% macro rows_by_id(relation, row_ids, columns="*") -%}
    {#- The SELECT of a table's rows by their ids. The engine skips what lies outside of the smallest and
        the largest id, or of each of a short list: so the first thousand are asked for apart, for old rows
        lie scattered and late ones close together. row_ids: a relation with the column `row_id`. -#}
    select {{ columns }}
    from {{ relation }}
    where rowid in (select row_id from {{ row_ids }} order by row_id limit 1000)

    union all

    select {{ columns }}
    from {{ relation }}
    where rowid in (select row_id from {{ row_ids }} order by row_id offset 1000)
{%- endmacro %}


{% macro held(room, model) -%}
    {#- A model as earlier builds left it, for the models that stand before it and tell what of it is
        to be recomputed. It must not be read but where `is_night()`. -#}
    {{ return(target.database ~ "." ~ room ~ "." ~ model) }}
{%- endmacro %}
