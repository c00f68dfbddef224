{{ config(
    materialized='incremental',
    incremental_strategy='affected_units',
    unique_key='contact_id',
    meta={'affected': 'int_affected_published_contacts'}
) }}

with contacts as (

    select * from {{ ref('int_contacts') }}
    {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
    where not is_erased

),

influencing as (

    select
        contact_id,
        count(*) as influencing_campaigns
    from {{ ref('int_influenced_contacts') }}
    {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
    group by contact_id

),

won_deals as (

    select
        contact_id,
        count(*) as deals,
        coalesce(sum(amount), 0) as revenue
    from {{ ref('int_won_deal_contacts') }}
    {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
    group by contact_id

),

-- Few URLs of all are a contact's first or last touch.
urls as (

    select
        url_key,
        url
    from {{ ref('stg_urls') }}
    where
        url_key in (
            select url_key from {{ ref('int_first_page_views') }}
            {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
            union
            select url_key from {{ ref('int_conversion_events') }}
            {{ only_affected('int_affected_published_contacts', ['contact_id']) }}
        )

),

described as (

    select
        contacts.contact_id,
        contacts.created_at,
        {{ sha256_hex(comparable_text('crm.email')) }} as email_sha256,
        crm.salesforce_campaign_id,
        crm.country,
        crm.lifecycle_stage,
        first_views.channel as first_touch_channel,
        first_urls.url as first_touch_url,
        first_views.utm_campaign as first_touch_utm_campaign,
        last_urls.url as last_touch_url,
        coalesce(influencing.influencing_campaigns, 0) as influencing_campaigns,
        coalesce(won_deals.deals, 0) as deals,
        cast(coalesce(won_deals.revenue, 0) as decimal(18, 2)) as revenue,
        contacts.is_deleted
    from contacts
    inner join {{ ref('stg_contacts') }} as crm
        on contacts.contact_id = crm.contact_id
    left join {{ ref('int_first_page_views') }} as first_views
        on contacts.contact_id = first_views.contact_id
    left join urls as first_urls
        on first_views.url_key = first_urls.url_key
    left join {{ ref('int_conversion_events') }} as conversions
        on contacts.contact_id = conversions.contact_id
    left join urls as last_urls
        on conversions.url_key = last_urls.url_key
    left join influencing
        on contacts.contact_id = influencing.contact_id
    left join won_deals
        on contacts.contact_id = won_deals.contact_id

)

select * from described
