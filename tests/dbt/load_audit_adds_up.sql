-- A returned row is a file of which rows went missing: neither loaded, nor a duplicate, nor
-- quarantined.
select
    file,
    table_name
from {{ ref('load_audit') }}
where rows_in != rows_loaded + rows_duplicate + rows_quarantined
