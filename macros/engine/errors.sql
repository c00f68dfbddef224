{% macro raise_error(message) -%}
    {#- Ends the build with a message, which is a VARCHAR expression. No type of its own. -#}
    {{ return(adapter.dispatch('raise_error', 'campaign_warehouse')(message)) }}
{%- endmacro %}

{% macro duckdb__raise_error(message) -%}
    error({{ message }})
{%- endmacro %}

{% macro spark__raise_error(message) -%}
    raise_error({{ message }})
{%- endmacro %}
