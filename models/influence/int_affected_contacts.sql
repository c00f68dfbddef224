-- depends_on: {{ ref('int_campaigns') }}
-- URLs seen before that became click identifiers, or ceased to be.
with flagged_urls as (

    select url_key from {{ changes_of('int_url_tracking') }}
    except
    select url_key from {{ changes_of('stg_urls') }}

),

contacts as (

    select contact_id from {{ changes_of('int_contacts') }}

    union

    select contact_id from {{ changes_of('int_contact_events') }}

    union

    select contact_id from {{ changes_of('int_contact_touches') }}

    union

    select contact_id
    from {{ ref('int_contact_touches') }}
    where asset_id in (select asset_id from {{ changes_of('stg_assets') }})

    union

    select contact_id
    from {{ ref('int_contact_events') }}
    where url_key in (select url_key from flagged_urls)

    {% if is_night() -%}
    union

    -- A conversion's own URL may be another campaign's since (N-4).
    select conversions.contact_id
    from {{ held('influence', 'int_conversion_events') }} as conversions
    inner join {{ ref('int_url_tracking') }} as tracking
        on conversions.url_key = tracking.url_key
    where tracking.utm_campaign in (select utm_campaign from {{ changes_of('int_campaigns') }})

    {%- endif %}

    union

    -- Other people's page views may join or part the session of a contact's conversion.
    select events.contact_id
    from {{ ref('int_contact_events') }} as events
    semi join {{ changes_of('int_session_events') }} as session_events
        on
            events.event_key = session_events.event_key
            and events.occurred_on = session_events.occurred_on

)

select contact_id from contacts
