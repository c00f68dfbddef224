-- depends_on: {{ ref('int_traffic_sources') }}
select session_key
from {{ ref('int_affected_visits') }}
where session_key is not null

union

select session_key
from {{ changes_of('int_session_spans') }}

{% if is_night() -%}
union

select session_key
from {{ held('sessions', 'int_sessions') }}
where source_key in (select source_key from {{ changes_of('int_traffic_sources') }})
{%- endif %}
