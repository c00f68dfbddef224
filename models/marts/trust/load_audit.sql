with ledger as (

    select * from {{ source('raw', 'ledger') }}

),

-- A file of known content that came back has further lines; what it brought is told by the one that
-- loaded it, else by its first.
telling_lines as (

    select *
    from ledger
    qualify row_number() over (
        partition by file, table_name, content_sha256
        order by status = 'loaded' desc, load_id
    ) = 1

)

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
from telling_lines
