with contacts as (

    select
        asset_id,
        count(distinct contact_id) as contacts
    from {{ ref('int_asset_contact_days') }}
    group by asset_id

),

totals as (

    select
        asset_id,
        cast(sum(views) as bigint) as views,
        cast(sum(submissions) as bigint) as submissions,
        cast(sum(sent) as bigint) as sent,
        cast(sum(opens) as bigint) as opens,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(interactions) as bigint) as interactions,
        cast(sum(ad_interactions) as bigint) as ad_interactions,
        max(last_viewed_at) as last_viewed_at
    from {{ ref('int_asset_days') }}
    group by asset_id

),

measures as (

    select
        totals.*,
        coalesce(contacts.contacts, 0) as contacts
    from totals
    left join contacts
        on totals.asset_id = contacts.asset_id

)

select * from measures
