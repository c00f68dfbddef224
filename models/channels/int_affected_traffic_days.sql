select date
from {{ changes_of('int_session_days') }}

union

-- A source that came is of sessions that came; one that is told otherwise, of old ones too.
select date
from {{ ref('int_session_days') }}
where source_key in (select source_key from {{ changes_of('int_traffic_sources') }})
