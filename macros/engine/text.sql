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

{% macro spark__hash_key(column) -%}
    case when {{ column }} is not null then xxhash64({{ column }}) end
{%- endmacro %}


{% macro key_type() -%}
    {#- The type of keys inside of the warehouse (see `hash_key`), for casts. -#}
    {{ return(adapter.dispatch('key_type', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__key_type() -%}
    ubigint
{%- endmacro %}

{% macro spark__key_type() -%}
    bigint
{%- endmacro %}


{% macro tuple_key(columns) -%}
    {#- A 64-bit key of several keys or short texts, each of which may be null. UBIGINT. -#}
    {{ return(adapter.dispatch('tuple_key', 'campaign_warehouse')(columns)) }}
{%- endmacro %}

{% macro duckdb__tuple_key(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__tuple_key(columns) -%}
    {#- A null leaves a hash as it is, so each column says first whether it is one. -#}
    xxhash64(
        {%- for column in columns %}
        {{ column }} is null, {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{% macro sha256_hex(text) -%}
    {#- The SHA-256 of a text in lower-case hex, the same on every engine. VARCHAR. -#}
    {{ return(adapter.dispatch('sha256_hex', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256_hex(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}


{% macro json_text(column, key) -%}
    {#- The text of a key of a JSON object; null where it is missing or empty. VARCHAR. -#}
    {{ return(adapter.dispatch('json_text', 'campaign_warehouse')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, key) -%}
    nullif({{ column }} ->> '$.{{ key }}', '')
{%- endmacro %}

{% macro spark__json_text(column, key) -%}
    nullif(get({{ spark__json_values(column, ["'$." ~ key ~ "'"]) }}, 0), '')
{%- endmacro %}


{% macro spark__json_values(column, paths) -%}
    {#- The texts of some values in JSON, null for a JSON null. VARCHAR[]. paths: expressions. Java writes some
        numbers as `1.0E7`; a text of that spelling stands in the JSON between quotes. -#}
    transform(
        array(
            {%- for path in paths %}
            get_json_object({{ column }}, {{ path }}){{ ',' if not loop.last }}
            {%- endfor %}
        ),
        json_value -> case
            when
                contains(json_value, 'E')
                and {{ matches("json_value", "'^-?[0-9][.][0-9]+E-?[0-9]+$'") }}
                and not contains({{ column }}, '"' || json_value || '"')
                then {{ spark__json_number("cast(json_value as double)") }}
            else json_value
        end
    )
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

{% macro spark__plus_percent_decode(text) -%}
    {#- Byte by byte, in hex: Java's own decoder refuses a part that is no escape, and makes U+FFFD of what is
        no UTF-8, which a text may hold as well. -#}
    {%- set spaced = "replace(" ~ text ~ ", '+', ' ')" -%}
    case
        when contains({{ text }}, '%')
            then coalesce(
                try_validate_utf8(
                    cast(
                        unhex(
                            array_join(
                                transform(
                                    split({{ spaced }}, '%'),
                                    (part, place) -> case
                                        when place = 0 then hex(part)
                                        when regexp_like(part, '^[0-9A-Fa-f]{2}')
                                            then left(part, 2) || hex(substr(part, 3))
                                        else '25' || hex(part)
                                    end
                                ),
                                ''
                            )
                        ) as string
                    )
                ),
                {{ spaced }}
            )
        else {{ spaced }}
    end
{%- endmacro %}


{% macro comparable_text(text) -%}
    {#- How utm values and keywords compare (S-9): trimmed, lower case, null where nothing is left. VARCHAR. -#}
    nullif({{ lower_text(trimmed_text(text)) }}, '')
{%- endmacro %}


{% macro lower_text(text) -%}
    {#- A text in lower case, each character by itself. VARCHAR. -#}
    {{ return(adapter.dispatch('lower_text', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__lower_text(text) -%}
    lower({{ text }})
{%- endmacro %}

{% macro spark__lower_text(text) -%}
    {#- Java makes two characters of one, and two of the other by where it stands. -#}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}


{% macro trimmed_text(text) -%}
    {#- A text without white space at its ends (tabs and line ends too). VARCHAR. -#}
    {{ return(adapter.dispatch('trimmed_text', 'campaign_warehouse')(text)) }}
{%- endmacro %}

{% macro duckdb__trimmed_text(text) -%}
    regexp_replace({{ text }}, '^\s+|\s+$', '', 'g')
{%- endmacro %}

{% macro spark__trimmed_text(text) -%}
    regexp_replace({{ text }}, '^[\\t\\n\\f\\r ]+|[\\t\\n\\f\\r ]+\\z', '')
{%- endmacro %}


{% macro matches(text, pattern) -%}
    {#- Whether a regular expression is found anywhere in a text. BOOLEAN. pattern: an expression, of what the
        engines read alike: no backslashes, `$` only for the end of the text. -#}
    {{ return(adapter.dispatch('matches', 'campaign_warehouse')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    regexp_like({{ text }}, {{ spark__java_pattern(pattern) }})
{%- endmacro %}


{% macro spark__java_pattern(pattern) -%}
    {#- To Java `$` is also before a last line end, and lines end at more than line feeds. -#}
    '(?d)' || replace({{ pattern }}, '$', '\\z')
{%- endmacro %}


{% macro without_match(text, pattern) -%}
    {#- A text without what a regular expression finds at its beginning (`^`) or its end (`$`). VARCHAR. pattern: as
        that of `matches`. -#}
    {{ return(adapter.dispatch('without_match', 'campaign_warehouse')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__without_match(text, pattern) -%}
    regexp_replace({{ text }}, {{ pattern }}, '')
{%- endmacro %}

{% macro spark__without_match(text, pattern) -%}
    regexp_replace({{ text }}, {{ spark__java_pattern(pattern) }}, '')
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

{% macro spark__text_literal(value) -%}
    {#- What stands in `${}` would be a variable of the session. -#}
    {%- if value is none -%} cast(null as string)
    {%- else -%} '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") | replace("$", "\\u0024") }}'
    {%- endif -%}
{%- endmacro %}


{% macro json_text_at(column, key) -%}
    {#- As `json_text`, of the key that an expression names. VARCHAR. -#}
    {{ return(adapter.dispatch('json_text_at', 'campaign_warehouse')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text_at(column, key) -%}
    nullif({{ column }} ->> ('$."' || {{ key }} || '"'), '')
{%- endmacro %}

{% macro spark__json_text_at(column, key) -%}
    nullif(get({{ spark__json_values(column, ["'$[''' || " ~ key ~ " || ''']'"]) }}, 0), '')
{%- endmacro %}


{% macro json_texts(column, keys) -%}
    {#- The texts of several keys of a JSON object, read at once, in the order of the keys; null where one
        is missing. VARCHAR[]. -#}
    {{ return(adapter.dispatch('json_texts', 'campaign_warehouse')(column, keys)) }}
{%- endmacro %}

{% macro duckdb__json_texts(column, keys) -%}
    json_extract_string({{ column }}, ['$.{{ keys | join("', '$.") }}'])
{%- endmacro %}

{% macro spark__json_texts(column, keys) -%}
    {%- set paths = [] -%}
    {%- for key in keys -%}
        {%- do paths.append("'$." ~ key ~ "'") -%}
    {%- endfor -%}
    case when {{ column }} is not null then {{ spark__json_values(column, paths) }} end
{%- endmacro %}


{% macro split_text(text, separator) -%}
    {#- A text in parts, by a separator of one character that is none of regular expressions. VARCHAR[]. -#}
    {{ return(adapter.dispatch('split_text', 'campaign_warehouse')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__split_text(text, separator) -%}
    string_split({{ text }}, '{{ separator }}')
{%- endmacro %}

{% macro spark__split_text(text, separator) -%}
    split({{ text }}, '{{ separator }}')
{%- endmacro %}


{% macro begins_with(text, beginning) -%}
    {#- Whether a text begins with another. BOOLEAN. -#}
    {{ return(adapter.dispatch('begins_with', 'campaign_warehouse')(text, beginning)) }}
{%- endmacro %}

{% macro duckdb__begins_with(text, beginning) -%}
    starts_with({{ text }}, {{ beginning }})
{%- endmacro %}

{% macro spark__begins_with(text, beginning) -%}
    startswith({{ text }}, {{ beginning }})
{%- endmacro %}


{% macro joined_texts(column) -%}
    {#- Aggregate: the texts of a column in order, with commas between them. VARCHAR. -#}
    {{ return(adapter.dispatch('joined_texts', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__joined_texts(column) -%}
    string_agg({{ column }}, ', ' order by {{ column }})
{%- endmacro %}

{% macro spark__joined_texts(column) -%}
    listagg({{ column }}, ', ') within group (order by {{ column }})
{%- endmacro %}
