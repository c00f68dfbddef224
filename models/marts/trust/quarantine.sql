select
    file,
    table_name,
    content_sha256,
    row_number,
    column_name,
    reason,
    row_sha256
from {{ source('raw', 'quarantine') }}
