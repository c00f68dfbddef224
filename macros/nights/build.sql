{#-
    A build takes the warehouse from the loads that the last whole build knew to those of the ledger.
    The schema `changes` keeps what it needs for that:

    - `builds`: the last build that went through, with the last load that it took in and the run that
      loaded it. None: no model may be built incrementally.
    - `this_build`: the last load that the build under way takes in.
    - `new_files`: the raw and quarantine files of the loads since then.
    - `changed`: what models read that is other than the last whole build found it: names of models, and
      of sources as `raw.events`.
    - `observed_files`: the raw files whose rows a load since then saw, maybe not for the first time.
    - one table per incremental model, of the model's name: rows that left the model or came into it
      since the last whole build.

    `changed` and the tables of models stay until a build has gone through, so that a build that was cut
    short loses nothing: the next one finds them, and adds its own.
-#}

{% macro changes_schema() -%}
    {#- The schema of what a build notes for itself, with its database. -#}
    {{ target.database }}.changes
{%- endmacro %}


{% macro rules_fingerprint() -%}
    {#- What tells one state of the rules from another, as the caller of dbt gave it; empty where it
        gave none. VARCHAR literal. -#}
    '{{ env_var("CAMPAIGN_RULES", "") }}'
{%- endmacro %}


{% macro begin_build() -%}
    {#- Before the models: what this engine has to do for them. For `on-run-start`. -#}
    {{ return(adapter.dispatch('begin_build', 'campaign_warehouse')()) }}
{%- endmacro %}


{% macro duckdb__begin_build() -%}
    {#- Notes which files are new since the last whole build. With --full-refresh there was none. Raises
        where a build that was cut short, or other rules, left tables that can't be brought up to date
        model by model. -#}
    {%- if execute and flags.WHICH in ("run", "build") -%}
        {%- do run_query("create schema if not exists " ~ changes_schema()) -%}
        {%- do run_query(
            ("create or replace table " if flags.FULL_REFRESH else "create table if not exists ")
            ~ changes_schema() ~ ".builds (load_id bigint, ledger_lines bigint, rules varchar, built_at timestamp, run_id varchar)"
        ) -%}
        {%- do run_query(
            "create table if not exists " ~ changes_schema() ~ ".changed (name varchar)"
        ) -%}
    {%- endif -%}
    {%- if execute and flags.WHICH in ("run", "build") and not flags.EMPTY -%}
        {%- if flags.FULL_REFRESH -%}
            {%- do forget_changes(drop=true) -%}
        {%- else -%}
            {%- do refuse_foreign_tables() -%}
        {%- endif -%}
        {%- do run_query(
            "create or replace table " ~ changes_schema() ~ ".this_build as "
            ~ "select coalesce(max(load_id), 0) as load_id, count(*) as ledger_lines, "
            ~ "max_by(run_id, load_id) as run_id from "
            ~ source("raw", "ledger")
        ) -%}
        {%- do run_query(
            "create or replace table " ~ changes_schema() ~ ".new_files as "
            ~ "select table_name, raw_file, quarantine_file from " ~ source("raw", "ledger")
            ~ " where status = 'loaded' and load_id > coalesce((select max(load_id) from "
            ~ changes_schema() ~ ".builds), 0)"
        ) -%}
        {%- do run_query(
            "create or replace table " ~ changes_schema() ~ ".observed_files as "
            ~ "select distinct observed.table_name, loaded.raw_file from " ~ source("raw", "ledger")
            ~ " as observed inner join " ~ source("raw", "ledger") ~ " as loaded"
            ~ " using (table_name, content_sha256)"
            ~ " where observed.status in ('loaded', 'skipped') and loaded.status = 'loaded'"
            ~ " and observed.load_id > coalesce((select max(load_id) from "
            ~ changes_schema() ~ ".builds), 0)"
        ) -%}
        {{ note_changed_sources() }}
    {%- endif -%}
{%- endmacro %}


{% macro note_changed_sources() -%}
    {#- Notes the sources that are other than the last whole build found them. Those of the run's own
        state always are. -#}
    {%- set changes = changes_schema() -%}
    {%- do run_query(
        "insert into " ~ changes ~ ".changed "
        ~ "select 'raw.' || table_name from " ~ changes ~ ".observed_files "
        ~ "union select 'raw.' || table_name from " ~ changes ~ ".new_files "
        ~ "union select 'raw.quarantine' from " ~ changes ~ ".new_files "
        ~ "where quarantine_file is not null "
        ~ "union select 'raw.ledger' from " ~ changes ~ ".this_build where ledger_lines "
        ~ "is distinct from (select ledger_lines from " ~ changes ~ ".builds)"
    ) -%}
    {%- for node in graph.sources.values() if node.source_name == "state" -%}
        {%- do run_query("insert into " ~ changes ~ ".changed values ('state." ~ node.name ~ "')") -%}
    {%- endfor -%}
{%- endmacro %}


{% macro refuse_foreign_tables() -%}
    {#- Raises where the tables are not those of a whole build under the present rules. -#}
    {%- set builds = run_query("select rules from " ~ changes_schema() ~ ".builds").rows -%}
    {%- set models = run_query(
        "select count(*) from information_schema.tables where table_catalog = '" ~ target.database
        ~ "' and table_schema not in ('changes', 'reference')"
    ).rows[0][0] -%}
    {%- if models > 0 and not builds -%}
        {{ exceptions.raise_compiler_error(
            "The last build did not go through to its end: run again with --full-refresh."
        ) }}
    {%- endif -%}
    {%- if builds and builds[0][0] != env_var("CAMPAIGN_RULES", "") and env_var("CAMPAIGN_RULES", "") -%}
        {{ exceptions.raise_compiler_error(
            "The rules have changed since the last build: run again with --full-refresh."
        ) }}
    {%- endif -%}
{%- endmacro %}


{% macro end_build(results) -%}
    {#- Behind the models: what this engine has to do. For `on-run-end`. -#}
    {{ return(adapter.dispatch('end_build', 'campaign_warehouse')(results)) }}
{%- endmacro %}


{% macro duckdb__end_build(results) -%}
    {#- Where every incremental model is up to date, notes so and forgets the changes, both in one
        transaction. -#}
    {%- if execute and flags.WHICH in ("run", "build") and not flags.EMPTY -%}
        {%- set built = [] -%}
        {%- for result in results if result.status == "success" -%}
            {%- do built.append(result.node.unique_id) -%}
        {%- endfor -%}
        {%- set missing = [] -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == "model"
            and node.config.materialized == "incremental"
            and node.unique_id not in built -%}
            {%- do missing.append(node.name) -%}
        {%- endfor -%}
        {%- if not missing -%}
            {%- do run_query("begin") -%}
            {%- do forget_changes(drop=false) -%}
            {%- do run_query("delete from " ~ changes_schema() ~ ".builds") -%}
            {%- do run_query(
                "insert into " ~ changes_schema() ~ ".builds select load_id, ledger_lines, "
                ~ rules_fingerprint() ~ ", now()::timestamp, run_id from " ~ changes_schema()
                ~ ".this_build"
            ) -%}
            {%- do run_query("commit") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro forget_changes(drop) -%}
    {#- Empties the tables of changes, or drops them; and empties the models that name affected units. -#}
    {%- for row in run_query(
        "select schema_name, table_name, estimated_size from duckdb_tables() where database_name = '"
        ~ target.database ~ "' and (schema_name = 'changes' and table_name not in"
        ~ " ('builds', 'this_build', 'new_files', 'observed_files', 'changed')"
        ~ " or starts_with(table_name, 'int_affected_'))"
    ).rows -%}
        {%- set table = target.database ~ "." ~ row[0] ~ "." ~ row[1] -%}
        {%- if row[0] == "changes" and drop -%}
            {%- do run_query("drop table " ~ table) -%}
        {%- elif row[2] > 0 -%}
            {%- do run_query("truncate " ~ table) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do run_query("truncate " ~ changes_schema() ~ ".changed") -%}
{%- endmacro %}
