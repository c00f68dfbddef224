{% macro company_amount(amount, currency, rate) -%}
    {#- An amount in the company currency (D-8), rounded half away from zero to the cent; null where the
        rate is missing or the amount has more than 16 digits before its point. DECIMAL(18, 2). -#}
    try_cast(
        case
            when {{ currency }} = '{{ var("company_currency") }}' then {{ amount }}
            else round(cast({{ amount }} as decimal(28, 2)) * {{ rate }}, 2)
        end as decimal(18, 2)
    )
{%- endmacro %}
