select
    file,
    table_name,
    content_sha256,
    loaded_at,
    rows_in,
    rows_loaded,
    rows_duplicate,
    rows_quarantined,
    status,
    message
from {{ source('raw', 'ledger') }}
