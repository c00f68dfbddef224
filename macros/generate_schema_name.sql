{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- The schema is the room's own name (`staging`, `marts`), without the target's as a prefix. -#}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
