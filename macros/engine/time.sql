{% macro report_date(instant) -%}
    {#- The calendar date of a UTC instant in `var('report_timezone')`. DATE. -#}
    {{ return(adapter.dispatch('report_date', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__report_date(instant) -%}
    cast({{ report_instant(instant) }} as date)
{%- endmacro %}

{% macro spark__report_date(instant) -%}
    cast({{ report_instant(instant) }} as date)
{%- endmacro %}


{% macro report_instant(instant) -%}
    {#- What clocks in `var('report_timezone')` show at a UTC instant. TIMESTAMP. -#}
    {{ return(adapter.dispatch('report_instant', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__report_instant(instant) -%}
    {%- if var('report_timezone') == 'UTC' -%}
        {{ instant }}
    {%- else -%}
        (({{ instant }} at time zone 'UTC') at time zone '{{ var("report_timezone") }}')
    {%- endif -%}
{%- endmacro %}

{% macro spark__report_instant(instant) -%}
    {%- if var('report_timezone') == 'UTC' -%}
        {{ instant }}
    {%- else -%}
        convert_timezone('UTC', '{{ var("report_timezone") }}', {{ instant }})
    {%- endif -%}
{%- endmacro %}


{% macro iso_instant(instant) -%}
    {#- A UTC instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. VARCHAR. -#}
    {{ return(adapter.dispatch('iso_instant', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__iso_instant(instant) -%}
    strftime({{ instant }}, '%Y-%m-%dT%H:%M:%S.%fZ')
{%- endmacro %}

{% macro spark__iso_instant(instant) -%}
    date_format({{ instant }}, 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS''Z''')
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

{% macro spark__days_before(instant, days) -%}
    ({{ instant }} - make_dt_interval(0, 24 * {{ days }}))
{%- endmacro %}


{% macro just_before(instant) -%}
    {#- The last instant before another. TIMESTAMP. -#}
    ({{ instant }} - interval '1' microsecond)
{%- endmacro %}


{% macro microseconds_between(earlier, later) -%}
    {#- How many microseconds lie between two instants, negative where the first is the later. BIGINT. -#}
    {{ return(adapter.dispatch('microseconds_between', 'campaign_warehouse')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__microseconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }}))
{%- endmacro %}

{% macro spark__microseconds_between(earlier, later) -%}
    timestampdiff(microsecond, {{ earlier }}, {{ later }})
{%- endmacro %}


{% macro days_between(earlier, later) -%}
    {#- How many days lie between two dates, negative where the first is the later. BIGINT. -#}
    {{ return(adapter.dispatch('days_between', 'campaign_warehouse')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    cast(datediff({{ later }}, {{ earlier }}) as bigint)
{%- endmacro %}


{% macro iso_weekday(instant) -%}
    {#- The weekday of an instant, from 1, Monday, to 7. BIGINT. -#}
    {{ return(adapter.dispatch('iso_weekday', 'campaign_warehouse')(instant)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(instant) -%}
    isodow({{ instant }})
{%- endmacro %}

{% macro spark__iso_weekday(instant) -%}
    cast(extract(dayofweek_iso from {{ instant }}) as bigint)
{%- endmacro %}


{% macro end_of_time() -%}
    {#- An instant that none is later than, for intervals without an end. TIMESTAMP. -#}
    {{ return(adapter.dispatch('end_of_time', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__end_of_time() -%}
    timestamp 'infinity'
{%- endmacro %}

{% macro spark__end_of_time() -%}
    timestamp_ntz '9999-12-31 23:59:59.999999'
{%- endmacro %}


{% macro start_of_time() -%}
    {#- An instant that none is earlier than, for intervals without a beginning. TIMESTAMP. -#}
    {{ return(adapter.dispatch('start_of_time', 'campaign_warehouse')()) }}
{%- endmacro %}

{% macro duckdb__start_of_time() -%}
    timestamp '-infinity'
{%- endmacro %}

{% macro spark__start_of_time() -%}
    timestamp_ntz '0001-01-01 00:00:00'
{%- endmacro %}


{% macro each_date(first, last) -%}
    {#- In a select list: a row for each date from one to another, both in it. DATE. -#}
    {{ return(adapter.dispatch('each_date', 'campaign_warehouse')(first, last)) }}
{%- endmacro %}

{% macro duckdb__each_date(first, last) -%}
    cast(unnest(generate_series({{ first }}, {{ last }}, interval 1 day)) as date)
{%- endmacro %}

{% macro spark__each_date(first, last) -%}
    explode(case when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}, interval '1' day) end)
{%- endmacro %}
