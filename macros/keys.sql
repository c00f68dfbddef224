{% macro device_key() -%}
    {#- The key of the device that a raw event tells of (see stg_devices). UBIGINT. -#}
    {{ tuple_key([hash_key('user_agent'), 'device_type', 'browser', 'ip_country']) }}
{%- endmacro %}


{% macro source_key(url_key, referrer_key) -%}
    {#- The key of where a page view at a URL with a referrer came from (see int_traffic_sources), each
        of which may be null. UBIGINT. -#}
    {{ tuple_key([url_key, referrer_key]) }}
{%- endmacro %}


{% macro asset_measure(event_types, events) -%}
    {#- In which measure of its asset an event counts, by the event catalogue: views, submissions, sent,
        opens or clicks; null if in none (T-6). VARCHAR. event_types, events: relations' aliases. -#}
    case
        when
            {{ event_types }}.only_if_interaction is null
            or {{ event_types }}.only_if_interaction = {{ events }}.interaction
            then {{ event_types }}.asset_measure
    end
{%- endmacro %}


{% macro entity_key(entity_type, key) -%}
    {#- The key of who is on a journey: a contact, a deal or a visitor. UBIGINT. entity_type: its kind, as
        an expression; key: the hash key of its id. -#}
    {{ tuple_key([entity_type, key]) }}
{%- endmacro %}
