{{ config(
    materialized='incremental',
    incremental_strategy='all_units',
    unique_key='comparable_id'
) }}

select distinct {{ lower_text('asset_id') }} as comparable_id
from {{ ref('int_workflow_emails') }}
