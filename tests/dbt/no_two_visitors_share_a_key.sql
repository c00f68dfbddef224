-- A returned row is a 64-bit key under which two visitors would count as one.
select visitor_key
from {{ ref('stg_events') }}
where visitor_id is not null
group by visitor_key
having count(distinct visitor_id) > 1
