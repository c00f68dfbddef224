select url_key
from {{ changes_of('stg_urls') }}

union

select url_key
from {{ ref('stg_urls') }}
where page_address in (select page_address from {{ changes_of('int_campaign_tracking_urls') }})
