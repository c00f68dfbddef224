{% macro exact_sum(column) -%}
    {#- Aggregate: the sum of a DOUBLE column of values from 0 to 1, the same in whatever order they come:
        of their first 18 decimals. DOUBLE. -#}
    {{ return(adapter.dispatch('exact_sum', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__exact_sum(column) -%}
    cast(sum(cast({{ column }} as decimal(20, 18))) as double)
{%- endmacro %}


{% macro count_distinct_of(values) -%}
    {#- How many different values some expressions of one type have, nulls aside. BIGINT. -#}
    {{ return(adapter.dispatch('count_distinct_of', 'campaign_warehouse')(values)) }}
{%- endmacro %}

{% macro duckdb__count_distinct_of(values) -%}
    len(list_distinct([{{ values | join(', ') }}]))
{%- endmacro %}
