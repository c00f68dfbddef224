{% macro attribution_lookback_days() -%}
    {#- `var('attribution_lookback_days')` (A-12), null where it is none. INTEGER literal. -#}
    cast({{ 'null' if var('attribution_lookback_days') is none else var('attribution_lookback_days') }} as integer)
{%- endmacro %}
