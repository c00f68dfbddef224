{% macro exact_sum(column) -%}
    {#- Aggregate: the sum of a DOUBLE column of values from 0 to 1, the same in whatever order they come:
        of their first 18 decimals. DOUBLE. -#}
    {{ return(adapter.dispatch('exact_sum', 'campaign_warehouse')(column)) }}
{%- endmacro %}

{% macro duckdb__exact_sum(column) -%}
    cast(sum(cast({{ column }} as decimal(20, 18))) as double)
{%- endmacro %}

{% macro spark__exact_sum(column) -%}
    cast(sum(cast({{ column }} as decimal(20, 18))) as double)
{%- endmacro %}


{% macro count_distinct_of(values) -%}
    {#- How many different values some expressions of one type have, nulls aside. BIGINT. -#}
    {{ return(adapter.dispatch('count_distinct_of', 'campaign_warehouse')(values)) }}
{%- endmacro %}

{% macro duckdb__count_distinct_of(values) -%}
    len(list_distinct([{{ values | join(', ') }}]))
{%- endmacro %}

{% macro spark__count_distinct_of(values) -%}
    cast(array_size(array_distinct(array_compact(array({{ values | join(', ') }})))) as bigint)
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

{% macro spark__number_text(text) -%}
    {%- set number = "(try_cast(" ~ text ~ " as double) + 0)" -%}
    case
        when
            not {{ matches(text, "'^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$'") }}
            or abs({{ number }}) = double('infinity')
            then null
        when {{ number }} = 0 then '0'
        when abs({{ number }}) >= 0.0001 and abs({{ number }}) < 1e16
            then
                regexp_replace(
                    cast(cast({{ spark__shortest_spelling(number) }} as decimal(38, 21)) as string),
                    '[.]?0+$',
                    ''
                )
        else {{ spark__shortest_spelling(number) }}
    end
{%- endmacro %}


{% macro spark__shortest_spelling(number) -%}
    {#- The shortest spelling that a finite DOUBLE is read from, as `5e+00` or `-1.25e-07`; Java's own (before Java 19)
        has more digits for some. VARCHAR. -#}
    try_element_at(
        filter(
            transform(
                sequence(0, 16), decimals -> format_string('%.' || decimals || 'e', {{ number }})
            ),
            spelling -> try_cast(spelling as double) = {{ number }}
        ),
        1
    )
{%- endmacro %}


{% macro spark__json_number(number) -%}
    {#- A finite DOUBLE as DuckDB writes one of JSON, as `10000000.0`, `0.00001` or `1e21`. VARCHAR. -#}
    {%- set spelling = spark__shortest_spelling(number) -%}
    case
        when abs({{ number }}) >= 1e21 or abs({{ number }}) < 1e-6
            then regexp_replace(replace({{ spelling }}, 'e+', 'e'), 'e-0', 'e-')
        when abs({{ number }}) >= 1e16
            then cast(cast({{ spelling }} as decimal(38, 0)) as string) || '.0'
        else
            regexp_replace(
                cast(cast({{ spelling }} as decimal(38, 22)) as string), '([.][0-9]+?)0+$', '$1'
            )
    end
{%- endmacro %}


{% macro number_as_decimal(text, digits, decimals) -%}
    {#- The number that a text is, rounded half away from zero to some decimals; null where it is none, or
        has too many digits. DECIMAL(digits, decimals). -#}
    {{ return(adapter.dispatch('number_as_decimal', 'campaign_warehouse')(text, digits, decimals)) }}
{%- endmacro %}

{% macro duckdb__number_as_decimal(text, digits, decimals) -%}
    {#- With an exponent DuckDB's own cast rounds wrongly (7e-9 to 0.01), so the digits are written out. -#}
    case
        when {{ matches(text, "'^-?[0-9]+([.][0-9]+)?$'") }}
            then try_cast({{ text }} as decimal({{ digits }}, {{ decimals }}))
        when {{ matches(text, "'^-?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]+$'") }}
            then try_cast({{ duckdb__without_exponent(text) }} as decimal({{ digits }}, {{ decimals }}))
    end
{%- endmacro %}

{% macro spark__number_as_decimal(text, digits, decimals) -%}
    case
        when {{ matches(text, "'^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$'") }}
            then try_cast({{ text }} as decimal({{ digits }}, {{ decimals }}))
    end
{%- endmacro %}


{% macro double_as_decimal(number, digits, decimals) -%}
    {#- A DOUBLE, rounded half away from zero to some decimals; null where it has too many digits.
        DECIMAL(digits, decimals). -#}
    {{ return(adapter.dispatch('double_as_decimal', 'campaign_warehouse')(number, digits, decimals)) }}
{%- endmacro %}

{% macro duckdb__double_as_decimal(number, digits, decimals) -%}
    try_cast({{ number }} as decimal({{ digits }}, {{ decimals }}))
{%- endmacro %}

{% macro spark__double_as_decimal(number, digits, decimals) -%}
    {#- Spark rounds the digits that a DOUBLE is written with, DuckDB the product. -#}
    cast(
        try_cast(
            round({{ number }} * cast({{ 10 ** decimals }} as double)) as decimal({{ digits }}, 0)
        )
        * cast({{ "1e-" ~ decimals }} as decimal({{ decimals }}, {{ decimals }}))
        as decimal({{ digits }}, {{ decimals }})
    )
{%- endmacro %}


{% macro duckdb__without_exponent(text) -%}
    {#- A number with an exponent, such as `-1.5e-7`, as its digits with a point; null where the exponent
        has too many digits. VARCHAR. -#}
    {#- A point that lies so far outside of the digits is as good as one still further away. -#}
    {%- set padding = "(length(" ~ text ~ ") + 40)" -%}
    {%- set part = "regexp_extract(" ~ text ~ ", '^-?([0-9]+)[.]?([0-9]*)[eE]([+-]?[0-9]+)$', " -%}
    {%- set exponent = "try_cast(" ~ part ~ "3) as bigint)" -%}
    {%- set zeros = "repeat('0', " ~ padding ~ ")" -%}
    {%- set padded = "(" ~ zeros ~ " || " ~ part ~ "1) || " ~ part ~ "2) || " ~ zeros ~ ")" -%}
    {%- set point -%}
        (
            {{ padding }} + length({{ part }}1))
            + case
                when {{ exponent }} is not null
                    then greatest(-{{ padding }}, least({{ padding }}, {{ exponent }}))
            end
        )
    {%- endset -%}
    case when starts_with({{ text }}, '-') then '-' else '' end
    || left({{ padded }}, {{ point }})
    || '.'
    || substr({{ padded }}, {{ point }} + 1)
{%- endmacro %}


{% macro flag(text) -%}
    {#- The flag that a text is, as `true`, `1`, `yes` or their opposites, in any case; null for any other.
        BOOLEAN. -#}
    case
        when lower({{ text }}) in ('true', '1', 'yes') then true
        when lower({{ text }}) in ('false', '0', 'no') then false
    end
{%- endmacro %}


{% macro ratio(dividend, divisor) -%}
    {#- The ratio of two numbers; null where the second is 0. DOUBLE. -#}
    cast({{ dividend }} as double) / nullif({{ divisor }}, 0)
{%- endmacro %}


{% macro unit_amount(money, number) -%}
    {#- Money per unit, rounded half away from zero; null where the number is 0, or the result has more than
        14 digits before its point. DECIMAL(18, 4). -#}
    {{ return(adapter.dispatch('unit_amount', 'campaign_warehouse')(money, number)) }}
{%- endmacro %}

{% macro duckdb__unit_amount(money, number) -%}
    {#- In ten-thousandths, in whole numbers: a quotient of doubles may fall short of a half. -#}
    try_cast(
        cast(
            sign({{ money }}) * sign({{ number }})
            * (
                (
                    2 * cast(abs(cast({{ money }} as decimal(38, 2))) * 10000 as hugeint)
                    + abs(cast({{ number }} as hugeint))
                )
                // nullif(2 * abs(cast({{ number }} as hugeint)), 0)
            ) as decimal(22, 0)
        )
        * cast(0.0001 as decimal(4, 4))
        as decimal(18, 4)
    )
{%- endmacro %}

{% macro spark__unit_amount(money, number) -%}
    {%- set units = "abs(cast(" ~ number ~ " as decimal(37, 0)))" -%}
    try_cast(
        case when sign({{ money }}) * sign({{ number }}) < 0 then -1 else 1 end
        * {{ whole_quotient(
            "2 * abs(cast(" ~ money ~ " as decimal(36, 2))) * 10000 + " ~ units, "2 * " ~ units
        ) }}
        * cast(0.0001 as decimal(4, 4))
        as decimal(18, 4)
    )
{%- endmacro %}


{% macro amount_at_rate(amount, rate) -%}
    {#- An amount in another currency, rounded half away from zero to the cent. DECIMAL with two decimals. amount:
        DECIMAL of up to 13 digits before its point; rate: DECIMAL(23, 16). -#}
    {{ return(adapter.dispatch('amount_at_rate', 'campaign_warehouse')(amount, rate)) }}
{%- endmacro %}

{% macro duckdb__amount_at_rate(amount, rate) -%}
    round(cast({{ amount }} as decimal(15, 2)) * {{ rate }}, 2)
{%- endmacro %}

{% macro spark__amount_at_rate(amount, rate) -%}
    {#- A product of all digits of both would have one more than a DECIMAL, and lose a decimal before it is
        rounded; where both are that large it is null. -#}
    case
        when abs({{ amount }}) < 1000000000000
            then round(cast({{ amount }} as decimal(14, 2)) * {{ rate }}, 2)
        when abs({{ rate }}) < 1000000
            then round(cast({{ amount }} as decimal(15, 2)) * cast({{ rate }} as decimal(22, 16)), 2)
    end
{%- endmacro %}


{% macro wide_integer() -%}
    {#- The type of whole numbers of up to 38 digits, for casts. -#}
    {{ return(adapter.dispatch('wide_integer', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__wide_integer() -%}
    hugeint
{%- endmacro %}

{% macro spark__wide_integer() -%}
    decimal(38, 0)
{%- endmacro %}


{% macro whole_quotient(dividend, divisor) -%}
    {#- The quotient of two whole numbers, of up to 32 digits, cut towards 0; null where the second is null or 0. -#}
    {{ return(adapter.dispatch('whole_quotient', 'campaign_warehouse')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{% macro spark__whole_quotient(dividend, divisor) -%}
    {%- set whole = "(" ~ dividend ~ ")" -%}
    {%- set parts = "nullif(cast(" ~ divisor ~ " as decimal(38, 0)), 0)" -%}
    cast(({{ whole }} - {{ whole }} % {{ parts }}) / {{ parts }} as decimal(38, 0))
{%- endmacro %}
