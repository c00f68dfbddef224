select
    event_key,
    occurred_on
from {{ changes_of('int_contact_events') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_asset_interactions') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_utm_visits') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_keyword_visits') }}

union

select
    event_key,
    occurred_on
from {{ changes_of('int_cta_form_submissions') }}
