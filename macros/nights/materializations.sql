{#-
    How models and seeds are written. A build that goes on from an earlier one leaves alone what reads
    nothing that has changed (see `is_up_to_date`); of the rest, an incremental model is brought up to
    date by its strategy (see strategies.sql), a table is made anew. A model's rows, the note of what
    changed in them and the note that they changed are one transaction.
-#}

{% materialization incremental, adapter="duckdb" %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}

    {%- if existing is none or should_full_refresh() -%}
        {{ make_anew(target_relation) }}
    {%- elif is_up_to_date() or not has_units_to_recompute() -%}
        {{ leave_alone() }}
    {%- else -%}
        {{ bring_up_to_date(target_relation) }}
    {%- endif -%}

    {{ return({"relations": [target_relation]}) }}

{% endmaterialization %}


{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}

    {%- if existing is not none and is_up_to_date() -%}
        {{ leave_alone() }}
    {%- elif model.language == "python" -%}
        {#- dbt takes a Python statement from a materialization itself only. -#}
        {%- if existing is not none -%}
            {%- do run_query(note_change(existing)) -%}
        {%- endif -%}
        {%- do run_query("drop table if exists " ~ target_relation) -%}
        {%- call statement("main", language="python") -%}
            {{ py_write_table(False, target_relation, compiled_code) }}
        {%- endcall -%}
        {%- do run_query(note_change(target_relation)) -%}
        {%- do adapter.commit() -%}
    {%- else -%}
        {{ make_anew(target_relation) }}
    {%- endif -%}

    {{ return({"relations": [target_relation]}) }}

{% endmaterialization %}


{% materialization seed, adapter="duckdb" %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}
    {%- set rows = load_agate_table() -%}
    {%- do store_result("agate_table", response="OK", agate_table=rows) -%}

    {%- if existing is not none and has_same_rules() -%}
        {{ leave_alone() }}
    {%- else -%}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- set create_table = create_csv_table(model, rows) -%}
        {%- set insert_rows = load_csv_rows(model, rows) if rows.rows else "" -%}
        {%- call noop_statement("main", "CREATE " ~ (rows.rows | length), "CREATE", rows.rows | length) -%}
            {{ get_csv_sql(create_table, insert_rows) }};
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}

    {{ return({"relations": [target_relation]}) }}

{% endmaterialization %}


{% macro make_anew(target_relation) -%}
    {#- Replaces a model's table, if there is one, by what its SQL gives. Of both it is noted that they
        have rows: what becomes empty has changed too. -#}
    {%- set existing = load_cached_relation(this) -%}
    {%- set first_days = first_days_of_pieces() -%}
    {%- call statement("main") -%}
        {%- if existing is not none %}
        {{ note_change(existing) }}
        {%- endif %}
        drop table if exists {{ target_relation }};
        {{ create_table_as(False, target_relation, piece_of(compiled_code, first_days, 0)) }};
        {%- for piece in range(1, 1 + first_days | length) %}
        insert into {{ target_relation }} by name (
            {{ piece_of(compiled_code, first_days, piece) }}
        );
        {%- endfor %}
        {%- if config.get("materialized") == "incremental" %}
        create or replace table {{ changes_schema() }}.{{ target_relation.identifier }} as
        from {{ target_relation }}
        limit 0;
        {%- endif %}
        {{ note_change(target_relation) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
{%- endmacro %}


{% macro first_days_of_pieces() -%}
    {#- The first days of the pieces in which a model is made anew, but for the first piece, which has no
        beginning. A statement whose memory grows with its rows (lists can't be put aside on disk) names in
        `meta.pieces` the model `of` whose rows there are about `rows` in a piece, `by` its column of days,
        and keeps to a piece by `of_piece`. -#}
    {%- set pieces = (config.get("meta") or {}).get("pieces") -%}
    {%- if not pieces -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set first_days -%}
        select min(day)
        from (
            select
                day,
                (sum(number) over (order by day) - number) // {{ pieces["rows"] }} as piece
            from (
                select {{ pieces["by"] }} as day, count(*) as number
                from {{ ref(pieces["of"]) }}
                group by day
            )
        )
        group by piece
        order by piece
        offset 1
    {%- endset -%}
    {{ return(run_query(first_days).columns[0].values()) }}
{%- endmacro %}


{% macro of_piece(day) -%}
    {#- Whether a day is of the piece that is being made: of a night, of the only one. BOOLEAN. -#}
    {{ return(adapter.dispatch('of_piece', 'campaign_warehouse')(day)) }}
{%- endmacro %}


{% macro duckdb__of_piece(day) -%}
    {{ day }} >= {{ from_piece() }} and {{ day }} < date /* to */ 'infinity'
{%- endmacro %}


{% macro from_piece() -%}
    {#- The first day of the piece that is being made. DATE. -#}
    {{ return(adapter.dispatch('from_piece', 'campaign_warehouse')()) }}
{%- endmacro %}


{% macro duckdb__from_piece() -%}
    date /* from */ '-infinity'
{%- endmacro %}


{% macro piece_of(sql, first_days, piece) -%}
    {#- The SQL of one piece of a model, counted from 0. -#}
    {%- if piece > 0 -%}
        {%- set sql = sql | replace("/* from */ '-infinity'", "'" ~ first_days[piece - 1] ~ "'") -%}
    {%- endif -%}
    {%- if piece < first_days | length -%}
        {%- set sql = sql | replace("/* to */ 'infinity'", "'" ~ first_days[piece] ~ "'") -%}
    {%- endif -%}
    {{ return(sql) }}
{%- endmacro %}


{% macro bring_up_to_date(target_relation) -%}
    {#- Replaces the units of an incremental model whose rows are others than its SQL gives now. -#}
    {%- set strategy = config.get("incremental_strategy") -%}
    {%- set new_rows = target_relation.identifier ~ "__new" -%}
    {%- do run_query("create or replace temp table " ~ new_rows ~ " as " ~ compiled_code) -%}
    {%- if strategy == "new_units" and not has_rows(new_rows) -%}
        {{ leave_alone() }}
    {%- else -%}
        {%- call statement("main") -%}
            {{ replace_units(target_relation, new_rows, affected_relation_of(strategy, new_rows)) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}


{% macro leave_alone() -%}
    {#- The statement of a model that stays as it is. -#}
    {%- call noop_statement("main", "UP TO DATE", "UP TO DATE", 0) -%}{%- endcall -%}
{%- endmacro %}


{% macro has_rows(relation) -%}
    {#- Whether a relation has any row. -#}
    {{ return(run_query("select exists (from " ~ relation ~ ")").rows[0][0]) }}
{%- endmacro %}


{% macro has_same_rules() -%}
    {#- Whether the last whole build was made under the present rules, as far as the caller of dbt tells
        them: only then what an earlier build left can be taken as it is. -#}
    {{ return(is_night() and env_var("CAMPAIGN_RULES", "") != "") }}
{%- endmacro %}


{% macro is_up_to_date() -%}
    {#- Whether nothing that the model reads has changed since the last whole build. -#}
    {%- set ns = namespace(is_so=false) -%}
    {%- if has_same_rules() -%}
        {%- set names = [] -%}
        {%- for parent in model.depends_on.nodes -%}
            {%- do names.append("'" ~ parent.split(".")[2:] | join(".") ~ "'") -%}
        {%- endfor -%}
        {%- set ns.is_so = not names or not has_rows(
            changes_schema() ~ ".changed where name in (" ~ names | join(", ") ~ ")"
        ) -%}
    {%- endif -%}
    {{ return(ns.is_so) }}
{%- endmacro %}


{% macro note_change(relation) -%}
    {#- The statement that notes that the model has changed, where the relation has rows. -#}
    insert into {{ changes_schema() }}.changed
    select '{{ model.name }}'
    where exists (from {{ relation }});
{%- endmacro %}
