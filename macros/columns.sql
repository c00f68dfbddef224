{% macro named_texts(texts, names) -%}
    {#- In a select list: a column for each text of a list, by the names in its order; null where a text is
        empty. VARCHAR. -#}
    {%- for name in names -%}
    nullif({{ list_item(texts, loop.index) }}, '') as {{ name }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro sums_by_name(number, name, names) -%}
    {#- In a select list: a column for each name, the sum of the numbers under it; 0 where there are none.
        number, name: columns. -#}
    {%- for one in names -%}
    coalesce(sum({{ number }}) filter (where {{ name }} = '{{ one }}'), 0) as {{ one }}
    {{- ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
