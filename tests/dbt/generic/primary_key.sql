{% test primary_key(model, columns, nullable=[]) %}
{#- A returned row means that a key stands twice, or that a part of it is missing which may not be. -#}
select
    {{ columns | join(', ') }},
    count(*) as rows_with_key
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
