{% macro newest_row_first(has_updated_at=true) -%}
    {#- The order in which the rows of one CRM or campaign key count: the newest update, then the later
        load, file and row. For the ORDER BY of a window; the first row is the one that counts. -#}
    {% if has_updated_at -%} updated_at desc nulls last, {% endif -%}
    _load_id desc, _file desc, _row_number desc
{%- endmacro %}
