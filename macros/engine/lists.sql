{% macro list_of(type) -%}
    {#- The type of lists of values of a type, for casts. -#}
    {{ return(adapter.dispatch('list_of', 'campaign_warehouse')(type)) }}
{%- endmacro %}

{% macro duckdb__list_of(type) -%}
    {{ type }}[]
{%- endmacro %}

{% macro spark__list_of(type) -%}
    array<{{ type }}>
{%- endmacro %}


{% macro list_with(values) -%}
    {#- A list of some expressions of one type. -#}
    {{ return(adapter.dispatch('list_with', 'campaign_warehouse')(values)) }}
{%- endmacro %}

{% macro duckdb__list_with(values) -%}
    [{{ values | join(', ') }}]
{%- endmacro %}

{% macro spark__list_with(values) -%}
    array({{ values | join(', ') }})
{%- endmacro %}


{% macro struct_with(fields) -%}
    {#- A struct. fields: a mapping of names to expressions. -#}
    {{ return(adapter.dispatch('struct_with', 'campaign_warehouse')(fields)) }}
{%- endmacro %}

{% macro duckdb__struct_with(fields) -%}
    {
        {%- for name in fields %}
        '{{ name }}': {{ fields[name] }}{{ ',' if not loop.last }}
        {%- endfor %}
    }
{%- endmacro %}

{% macro spark__struct_with(fields) -%}
    named_struct(
        {%- for name in fields %}
        '{{ name }}', {{ fields[name] }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{% macro list_item(list, place) -%}
    {#- The value at a place of a list, counted from 1; null where it has no such place. -#}
    {{ return(adapter.dispatch('list_item', 'campaign_warehouse')(list, place)) }}
{%- endmacro %}

{% macro duckdb__list_item(list, place) -%}
    {{ list }}[{{ place }}]
{%- endmacro %}

{% macro spark__list_item(list, place) -%}
    get({{ list }}, {{ place }} - 1)
{%- endmacro %}


{% macro list_length(list) -%}
    {#- How many values a list has; null for null. BIGINT. -#}
    {{ return(adapter.dispatch('list_length', 'campaign_warehouse')(list)) }}
{%- endmacro %}

{% macro duckdb__list_length(list) -%}
    len({{ list }})
{%- endmacro %}

{% macro spark__list_length(list) -%}
    cast(array_size({{ list }}) as bigint)
{%- endmacro %}


{% macro each_of(list) -%}
    {#- In a select list: a row for each value of a list; none where it is empty or null. -#}
    {{ return(adapter.dispatch('each_of', 'campaign_warehouse')(list)) }}
{%- endmacro %}

{% macro duckdb__each_of(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__each_of(list) -%}
    explode({{ list }})
{%- endmacro %}


{% macro each_with_place(list, value, place) -%}
    {#- As `each_of`, with two columns, of these names: the value, and its place in the list, counted
        from 1. -#}
    {{ return(adapter.dispatch('each_with_place', 'campaign_warehouse')(list, value, place)) }}
{%- endmacro %}

{% macro duckdb__each_with_place(list, value, place) -%}
    unnest({{ list }}) as {{ value }},
    generate_subscripts({{ list }}, 1) as {{ place }}
{%- endmacro %}

{% macro spark__each_with_place(list, value, place) -%}
    inline(transform({{ list }}, (item, before) -> struct(item, before + 1))) as ({{ value }}, {{ place }})
{%- endmacro %}


{% macro list_in_order(column) -%}
    {#- Aggregate: the values of a column that has no nulls, as a sorted list. -#}
    {{ return(adapter.dispatch('list_in_order', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__list_in_order(column) -%}
    list_sort(list({{ column }}))
{%- endmacro %}

{% macro spark__list_in_order(column) -%}
    array_sort(collect_list({{ column }}))
{%- endmacro %}


{% macro sorted_list(column) -%}
    {#- Aggregate: the distinct values of a text column as a sorted list, without nulls. VARCHAR[]. -#}
    {{ return(adapter.dispatch('sorted_list', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(column) -%}
    coalesce(
        list(distinct {{ column }} order by {{ column }}) filter (where {{ column }} is not null),
        cast([] as varchar[])
    )
{%- endmacro %}

{% macro spark__sorted_list(column) -%}
    array_sort(collect_set({{ column }}))
{%- endmacro %}


{% macro ordered_structs(order_by, fields) -%}
    {#- Aggregate: a struct for each row, in the order of some values. STRUCT[]. order_by, fields: mappings
        of names to expressions; of one name in both the expression is the same. -#}
    {{ return(adapter.dispatch('ordered_structs', 'campaign_warehouse')(order_by, fields)) }}
{%- endmacro %}

{% macro duckdb__ordered_structs(order_by, fields) -%}
    {#- A struct sorts by its fields in turn: a short list is sorted four times as fast as it is made in
        order. -#}
    {%- set all_fields = dict(order_by, **fields) -%}
    list_transform(
        list_sort(
            list(
                {
                    {%- for name in all_fields %}
                    '{{ name }}': {{ all_fields[name] }}{{ ',' if not loop.last }}
                    {%- endfor %}
                }
            )
        ),
        lambda row: {
            {%- for name in fields %}
            '{{ name }}': row.{{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        }
    )
{%- endmacro %}

{% macro spark__ordered_structs(order_by, fields) -%}
    {%- set all_fields = dict(order_by, **fields) -%}
    transform(
        array_sort(
            collect_list(
                named_struct(
                    {%- for name in all_fields %}
                    '{{ name }}', {{ all_fields[name] }}{{ ',' if not loop.last }}
                    {%- endfor %}
                )
            )
        ),
        row -> named_struct(
            {%- for name in fields %}
            '{{ name }}', row.{{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}


{% macro compact_list(flags) -%}
    {#- What stands for those boolean columns that are true, as a list in the order given. VARCHAR[].
        flags: the columns' names, which stand for themselves, or a mapping of them to texts. -#}
    {{ return(adapter.dispatch('compact_list', 'campaign_warehouse')(flags)) }}
{%- endmacro %}

{% macro duckdb__compact_list(flags) -%}
    list_filter(
        [
            {% for flag in flags -%}
            case when {{ flag }} then '{{ flags[flag] if flags is mapping else flag }}' end
            {{- ',' if not loop.last }}
            {% endfor -%}
        ],
        lambda reason: reason is not null
    )
{%- endmacro %}

{% macro spark__compact_list(flags) -%}
    array_compact(
        array(
            {% for flag in flags -%}
            case when {{ flag }} then '{{ flags[flag] if flags is mapping else flag }}' end
            {{- ',' if not loop.last }}
            {% endfor -%}
        )
    )
{%- endmacro %}


{% macro text_list(values, comparable=false) -%}
    {#- A list of texts, numbers and flags as texts. VARCHAR[]. values: what stands in YAML; comparable:
        as utm values compare (S-9). -#}
    {{ return(adapter.dispatch('text_list', 'campaign_warehouse')(values, comparable)) }}
{%- endmacro %}

{% macro duckdb__text_list(values, comparable) -%}
    cast([
        {%- for value in values -%}
        {%- set literal = text_literal(value | lower if value is boolean else value) -%}
        {{ comparable_text(literal) if comparable else literal }}
        {{- ', ' if not loop.last }}
        {%- endfor -%}
    ] as varchar[])
{%- endmacro %}

{% macro spark__text_list(values, comparable) -%}
    cast(array(
        {%- for value in values -%}
        {%- set literal = text_literal(value | lower if value is boolean else value) -%}
        {{ comparable_text(literal) if comparable else literal }}
        {{- ', ' if not loop.last }}
        {%- endfor -%}
    ) as array<string>)
{%- endmacro %}
