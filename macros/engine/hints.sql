{% macro inlined() -%}
    {#- In front of a CTE: each place that reads it has it as if it stood there. -#}
    {{ return(adapter.dispatch('inlined', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__inlined() -%}
    not materialized
{%- endmacro %}

{% macro spark__inlined() -%}
    {#- Spark knows no such hint. -#}
{%- endmacro %}


{% macro materialized() -%}
    {#- In front of a CTE: it is made once, and kept while the statement runs. -#}
    {{ return(adapter.dispatch('materialized', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__materialized() -%}
    materialized
{%- endmacro %}

{% macro spark__materialized() -%}
    {#- Spark has no such hint: `spark_keep_ctes` looks for this. -#}
    /* materialized */
{%- endmacro %}
