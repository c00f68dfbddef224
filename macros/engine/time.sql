{% macro report_date(instant) -%}
    {#- The calendar date of a UTC instant in `var('report_timezone')`. DATE. -#}
    {{ return(adapter.dispatch('report_date', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__report_date(instant) -%}
    {%- if var('report_timezone') == 'UTC' -%}
        cast({{ instant }} as date)
    {%- else -%}
        cast(({{ instant }} at time zone 'UTC') at time zone '{{ var("report_timezone") }}' as date)
    {%- endif -%}
{%- endmacro %}


{% macro iso_instant(instant) -%}
    {#- A UTC instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. VARCHAR. -#}
    {{ return(adapter.dispatch('iso_instant', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__iso_instant(instant) -%}
    strftime({{ instant }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}


{% macro minutes(number) -%}
    {#- A span of a whole number of minutes. INTERVAL. -#}
    interval '{{ number }}' minute
{%- endmacro %}


{% macro seconds(number) -%}
    {#- A span of a whole number of seconds. INTERVAL. -#}
    interval '{{ number }}' second
{%- endmacro %}


{% macro days_before(instant, days) -%}
    {#- The instant a whole number of days of 24 hours before another; null where either is. TIMESTAMP. -#}
    {{ return(adapter.dispatch('days_before', 'campaign_warehouse')(instant, days)) }}
{%- endmacro %}

{% macro duckdb__days_before(instant, days) -%}
    ({{ instant }} - to_hours(24 * {{ days }}))
{%- endmacro %}


{% macro microseconds_between(earlier, later) -%}
    {#- How many microseconds lie between two instants, negative where the first is the later. BIGINT. -#}
    {{ return(adapter.dispatch('microseconds_between', 'campaign_warehouse')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__microseconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}


{% macro end_of_time() -%}
    {#- An instant later than every other, for intervals without an end. TIMESTAMP. -#}
    {{ return(adapter.dispatch('end_of_time', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__end_of_time() -%}
    timestamp 'infinity'
{%- endmacro %}


{% macro start_of_time() -%}
    {#- An instant earlier than every other, for intervals without a beginning. TIMESTAMP. -#}
    {{ return(adapter.dispatch('start_of_time', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__start_of_time() -%}
    timestamp '-infinity'
{%- endmacro %}


{% macro each_date(first, last) -%}
    {#- In a select list: a row for each date from one to another, both in it. DATE. -#}
    {{ return(adapter.dispatch('each_date', 'campaign_warehouse')(first, last)) }}
{%- endmacro %}

{% macro duckdb__each_date(first, last) -%}
    cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date)
{%- endmacro %}
