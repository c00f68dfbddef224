{% macro company_amount(amount, currency, rate) -%}
    {#- An amount in the company currency (D-8), rounded half away from zero to the cent; null where the
        rate is missing, or where the result has more than 13 digits before its point, like the
        amounts that the load refuses. DECIMAL(18, 2). -#}
    cast(
        try_cast(
            case
                when {{ currency }} = '{{ var("company_currency") }}' then {{ amount }}
                else {{ amount_at_rate(amount, rate) }}
            end as decimal(15, 2)
        ) as decimal(18, 2)
    )
{%- endmacro %}
