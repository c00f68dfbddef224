{% macro first_known(value) -%}
    {#- In front of OVER: the first value in its frame that is not null. -#}
    {{ return(adapter.dispatch('first_known', 'campaign_warehouse')(value)) }}
{%- endmacro %}

{% macro duckdb__first_known(value) -%}
    first_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__first_known(value) -%}
    first_value({{ value }}) ignore nulls
{%- endmacro %}


{% macro last_known(value) -%}
    {#- In front of OVER: the last value in its frame that is not null. -#}
    {{ return(adapter.dispatch('last_known', 'campaign_warehouse')(value)) }}
{%- endmacro %}

{% macro duckdb__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(value) -%}
    last_value({{ value }}) ignore nulls
{%- endmacro %}
