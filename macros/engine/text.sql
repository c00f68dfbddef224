{% macro hash_key(column) -%}
    {#- A 64-bit key of a text, for joins and windows inside the warehouse; never published. UBIGINT,
        null for null. DuckDB's own hash() gives one key to texts that differ in two places (2,165
        pairs of 2.4 million URLs); taken forwards and backwards it gave none to 15 million texts,
        at an eighth of an MD5's time. -#}
    {{ return(adapter.dispatch('hash_key', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__hash_key(column) -%}
    case when {{ column }} is not null then hash(hash({{ column }}), hash(reverse({{ column }}))) end
{%- endmacro %}


{% macro tuple_key(columns) -%}
    {#- A 64-bit key of several keys or short texts, each of which may be null. UBIGINT. -#}
    {{ return(adapter.dispatch('tuple_key', 'campaign_warehouse')(columns)) }}
{%- endmacro %}

{% macro duckdb__tuple_key(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}


{% macro sha256_hex(text) -%}
    {#- The SHA-256 of a text in lower-case hex, the same on every engine. VARCHAR. -#}
    {{ return(adapter.dispatch('sha256_hex', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}


{% macro json_text(column, key) -%}
    {#- The text of a key of a JSON object; null where it is missing or empty. VARCHAR. -#}
    {{ return(adapter.dispatch('json_text', 'campaign_warehouse')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, key) -%}
    nullif({{ column }} ->> '$.{{ key }}', '')
{%- endmacro %}


{% macro plus_percent_decode(text) -%}
    {#- A URL parameter's value with `+` and percent escapes decoded; as it stands where the escapes are
        no UTF-8. VARCHAR. -#}
    {{ return(adapter.dispatch('plus_percent_decode', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__plus_percent_decode(text) -%}
    case
        when contains({{ text }}, '%')
            then coalesce(
                try(url_decode(replace({{ text }}, '+', ' '))), replace({{ text }}, '+', ' ')
            )
        else replace({{ text }}, '+', ' ')
    end
{%- endmacro %}


{% macro comparable_text(text) -%}
    {#- How utm values and keywords compare (S-9): trimmed, lower case, null where nothing is left. VARCHAR. -#}
    nullif(lower({{ trimmed_text(text) }}), '')
{%- endmacro %}


{% macro trimmed_text(text) -%}
    {#- A text without white space at its ends (tabs and line ends too). VARCHAR. -#}
    {{ return(adapter.dispatch('trimmed_text', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__trimmed_text(text) -%}
    regexp_replace({{ text }}, '^\s+|\s+$', '', 'g')
{%- endmacro %}


{% macro matches(text, pattern) -%}
    {#- Whether a regular expression is found anywhere in a text. BOOLEAN. -#}
    {{ return(adapter.dispatch('matches', 'campaign_warehouse')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
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


{% macro text_literal(value) -%}
    {#- A text as a literal; null for none. VARCHAR. -#}
    {{ return(adapter.dispatch('text_literal', 'campaign_warehouse')(value)) }}
{%- endmacro %}

{% macro duckdb__text_literal(value) -%}
    {%- if value is none -%} cast(null as varchar)
    {%- else -%} '{{ value | string | replace("'", "''") }}'
    {%- endif -%}
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


{% macro json_text_at(column, key) -%}
    {#- As `json_text`, of the key that an expression names. VARCHAR. -#}
    {{ return(adapter.dispatch('json_text_at', 'campaign_warehouse')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text_at(column, key) -%}
    nullif({{ column }} ->> ('$."' || {{ key }} || '"'), '')
{%- endmacro %}


{% macro json_texts(column, keys) -%}
    {#- The texts of several keys of a JSON object, read at once, in the order of the keys; null where one
        is missing. VARCHAR[]. -#}
    {{ return(adapter.dispatch('json_texts', 'campaign_warehouse')(column, keys)) }}
{%- endmacro %}

{% macro duckdb__json_texts(column, keys) -%}
    json_extract_string({{ column }}, ['$.{{ keys | join("', '$.") }}'])
{%- endmacro %}
