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


{% macro number_text(text) -%}
    {#- The one spelling of the number that a text is, as `5`, `0.25` or `1e-07`; null where it is none, or not
        finite as a DOUBLE. VARCHAR. -#}
    {{ return(adapter.dispatch('number_text', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__number_text(text) -%}
    case
        when
            {{ matches(text, "'^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$'") }}
            and isfinite(try_cast({{ text }} as double))
            -- Adding 0 takes the sign from -0.
            then regexp_replace(cast(try_cast({{ text }} as double) + 0 as varchar), '[.]0$', '')
    end
{%- endmacro %}
