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

{% macro affected_relation_of(strategy, new_rows) -%}
    {#- The relation that names the units that a build recomputes by a strategy; none for all. Raises
        for a strategy that isn't one of the three. -#}
    {%- if strategy == "new_units" -%}
        {{ return(new_rows) }}
    {%- elif strategy == "affected_units" -%}
        {{ return(affected_relation(config.get("meta")["affected"])) }}
    {%- elif strategy == "all_units" -%}
        {{ return(none) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "incremental_strategy is '" ~ strategy ~ "': give new_units, affected_units or all_units."
    ) }}
{%- endmacro %}


{% macro has_units_to_recompute() -%}
    {#- Whether a build has anything to do for the model by its strategy, as far as can be told before
        its SQL is run. -#}
    {%- if config.get("incremental_strategy") == "affected_units" -%}
        {{ return(has_rows(affected_relation(config.get("meta")["affected"]))) }}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro %}


{% macro replace_units(model_relation, new_rows, affected) -%}
    {#- The statements that replace the units of `affected` (none: all) in a model by their new rows.
        `meta.unnoted` names columns that may change without a note: bookkeeping of the loads. -#}
    {%- set unit = config.get("unique_key") -%}
    {%- set unit = ([unit] if unit is string else unit) | join(", ") -%}
    {%- set names = adapter.get_columns_in_relation(model_relation) | map(attribute="name") | list -%}
    {%- set unnoted = (config.get("meta") or {}).get("unnoted", []) -%}
    {%- set columns = names | join(", ") -%}
    {%- set noted_columns = names | reject("in", unnoted) | join(", ") -%}
    {%- set changes = changes_schema() ~ "." ~ model_relation.identifier -%}
    {%- set old_rows = model_relation.identifier ~ "__old" -%}
    {%- set differing = model_relation.identifier ~ "__differing" -%}
    {%- set noted = model_relation.identifier ~ "__noted" if unnoted else differing -%}
    create or replace temp table {{ old_rows }} as
    {%- if affected is none %}
    select rowid as row_id, {{ columns }} from {{ model_relation }}
    {%- else %}
    with row_ids as materialized ({{ row_ids_of_units(model_relation, affected, unit) }})

    {{ rows_by_id(model_relation, "row_ids", "rowid as row_id, " ~ columns) }}
    {%- endif %};

    {{ differing_units(differing, unit, columns, old_rows, new_rows) }}
    {%- if unnoted %}
    {{ differing_units(noted, unit, noted_columns, old_rows, new_rows) }}
    {%- endif %}

    insert into {{ changes }}
    select {{ columns }}
    from (
        select {{ columns }} from {{ old_rows }}
        union all
        select {{ columns }} from {{ new_rows }}
    )
    semi join {{ noted }} as noted using ({{ unit }});

    delete from {{ model_relation }}
    where rowid in (
        select row_id
        from {{ old_rows }}
        semi join {{ differing }} as differing using ({{ unit }})
    );

    insert into {{ model_relation }} ({{ columns }})
    select {{ columns }}
    from {{ new_rows }}
    semi join {{ differing }} as differing using ({{ unit }});

    {{ note_change(differing) }}

    drop table {{ old_rows }};
    {%- if unnoted %}
    drop table {{ noted }};
    {%- endif %}
    drop table {{ differing }};
    drop table {{ new_rows }};
{%- endmacro %}


{% macro differing_units(name, unit, columns, old_rows, new_rows) -%}
    {#- The statement that puts the units whose old and new rows differ into a temporary table. -#}
    create or replace temp table {{ name }} as
    select distinct {{ unit }}
    from (
        select {{ unit }}
        from (
            select {{ columns }}, -1 as surplus from {{ old_rows }}
            union all
            select {{ columns }}, 1 as surplus from {{ new_rows }}
        )
        group by {{ columns }}
        having sum(surplus) != 0
    );
{%- endmacro %}
