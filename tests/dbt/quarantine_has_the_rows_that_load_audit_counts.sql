-- A returned row is a file whose quarantined rows are not all in the quarantine.
with quarantined as (

    select
        file,
        table_name,
        content_sha256,
        count(*) as quarantine_rows
    from {{ ref('quarantine') }}
    group by file, table_name, content_sha256

)

select
    load_audit.file,
    load_audit.table_name
from {{ ref('load_audit') }} as load_audit
full outer join quarantined
    on
        load_audit.file = quarantined.file
        and load_audit.table_name = quarantined.table_name
        and load_audit.content_sha256 = quarantined.content_sha256
where coalesce(load_audit.rows_quarantined, 0) != coalesce(quarantined.quarantine_rows, 0)
