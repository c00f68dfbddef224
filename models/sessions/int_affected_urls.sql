select url_key
from {{ changes_of('stg_url_parameters') }}

union

select parameters.url_key
from {{ ref('stg_url_parameters') }} as parameters
inner join {{ ref('click_identifiers') }} as identifiers
    on
        parameters.name = {{ lower_text('identifiers.parameter') }}
        and identifiers.only_workflow_emails
inner join {{ changes_of('int_workflow_email_ids') }} as emails
    on parameters.value = emails.comparable_id
