{{ config(tags=['after_audit']) }}

select
    run_id,
    started_at,
    finished_at,
    files,
    rows,
    issues,
    is_published,
    versions
from {{ source('state', 'runs') }}
