{#-
    How an incremental model is brought up to date. A model's *unit* (`unique_key`) is what it is
    recomputed by. The strategies differ in which units a build recomputes:

    - `new_units`: those that the model's SQL gives rows for;
    - `affected_units`: those that `meta.affected` names (see `affected_relation`), with or without
      rows left;
    - `all_units`: every one. For small models whose rows depend on one another.

    Of these, only the units whose rows differ are replaced, and their old and new rows are noted in
    the model's table of changes, all in one transaction: a build that is cut short has either done
    both or neither.
-#}

{% macro get_incremental_new_units_sql(arguments) -%}
    {{ return(replace_units(arguments, arguments["temp_relation"])) }}
{%- endmacro %}


{% macro get_incremental_affected_units_sql(arguments) -%}
    {{ return(replace_units(arguments, affected_relation(config.get("meta")["affected"]))) }}
{%- endmacro %}


{% macro get_incremental_all_units_sql(arguments) -%}
    {{ return(replace_units(arguments, none)) }}
{%- endmacro %}


{% macro replace_units(arguments, affected) -%}
    {#- The statements that replace the units of `affected` (none: all) in a model by their new rows.
        `meta.unnoted` names columns that may change without a note: bookkeeping of the loads. -#}
    {%- set model = arguments["target_relation"] -%}
    {%- set new_rows = arguments["temp_relation"] -%}
    {%- set unit = arguments["unique_key"] -%}
    {%- set unit = ([unit] if unit is string else unit) | join(", ") -%}
    {%- set names = arguments["dest_columns"] | map(attribute="name") | list -%}
    {%- set unnoted = (config.get("meta") or {}).get("unnoted", []) -%}
    {%- set columns = names | join(", ") -%}
    {%- set noted_columns = names | reject("in", unnoted) | join(", ") -%}
    {%- set changes = changes_schema() ~ "." ~ model.identifier -%}
    {%- set old_rows = model.identifier ~ "__old" -%}
    {%- set differing = model.identifier ~ "__differing" -%}
    {%- set noted = model.identifier ~ "__noted" if unnoted else differing -%}
    create table if not exists {{ changes }} as
    select {{ columns }}
    from {{ model }}
    limit 0;

    create or replace temp table {{ old_rows }} as
    select
        held.rowid as row_id,
        {{ columns }}
    from {{ model }} as held
    {%- if affected is not none %}
    semi join {{ affected }} as affected using ({{ unit }})
    {%- endif %};

    {{ differing_units(differing, unit, columns, old_rows, new_rows) }}
    {%- if unnoted %}
    {{ differing_units(noted, unit, noted_columns, old_rows, new_rows) }}
    {%- endif %}

    {%- for rows in [old_rows, new_rows] %}
    insert into {{ changes }}
    select {{ columns }}
    from {{ rows }}
    semi join {{ noted }} as noted using ({{ unit }});
    {%- endfor %}

    delete from {{ model }}
    where rowid in (
        select row_id
        from {{ old_rows }}
        semi join {{ differing }} as differing using ({{ unit }})
    );

    insert into {{ model }} ({{ columns }})
    select {{ columns }}
    from {{ new_rows }}
    semi join {{ differing }} as differing using ({{ unit }});

    drop table {{ old_rows }};
    {%- if unnoted %}
    drop table {{ noted }};
    {%- endif %}
    drop table {{ differing }};
{%- endmacro %}


{% macro differing_units(name, unit, columns, old_rows, new_rows) -%}
    {#- The statement that puts the units whose old and new rows differ into a temporary table. -#}
    create or replace temp table {{ name }} as
    select distinct {{ unit }}
    from (
        (select {{ columns }} from {{ old_rows }} except all select {{ columns }} from {{ new_rows }})
        union all
        (select {{ columns }} from {{ new_rows }} except all select {{ columns }} from {{ old_rows }})
    ) as differing;
{%- endmacro %}
