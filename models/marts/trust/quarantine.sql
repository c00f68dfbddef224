{{ config(
    materialized='incremental',
    incremental_strategy='new_units',
    unique_key=['file', 'table_name', 'content_sha256', 'row_number']
) }}

select
    file,
    table_name,
    content_sha256,
    row_number,
    column_name,
    reason,
    row_sha256
from {{ new_quarantine() }}
