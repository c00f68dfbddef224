{% macro observed_associations(table, one, other) -%}
    {#- The association history of a source that tells only the present: a pair is associated from the
        load in which it was first seen to the first later load of the table without it. A SELECT with
        the pair's columns, associated_at, removed_at, _load_id (of the first sight) and ended_load_id. -#}
    {%- set last_build -%}
        coalesce((select max(load_id) from {{ changes_schema() }}.builds), 0)
    {%- endset -%}
    with ledger as (

        select * from {{ source('raw', 'ledger') }}

    ),

    loads as (

        select
            load_id,
            min(loaded_at) as seen_at
        from ledger
        group by load_id

    ),

    -- Every file states the whole present, one of known content too.
    files_seen as (

        select
            load_id,
            content_sha256,
            file,
            status
        from ledger
        where
            table_name = '{{ table }}'
            and status in ('loaded', 'skipped')

    ),

    observations as (

        select
            loads.load_id,
            loads.seen_at,
            row_number() over (order by loads.load_id) as number
        from loads
        where loads.load_id in (select load_id from files_seen)

    ),

    pairs_seen as (

        select distinct
            files_seen.load_id,
            pairs.{{ one }},
            pairs.{{ other }}
        from files_seen
        inner join files_seen as loaded
            on
                files_seen.content_sha256 = loaded.content_sha256
                and loaded.status = 'loaded'
        inner join {{ observed_rows(table) }} as pairs
            on
                loaded.load_id = pairs._load_id
                and loaded.file = pairs._file
        where
            pairs.removed_at is null
            {% if is_incremental() -%}
            and files_seen.load_id > {{ last_build }}
            {%- endif %}

    ),

    numbered as (

        select
            observations.number,
            pairs_seen.{{ one }},
            pairs_seen.{{ other }},
            observations.seen_at as associated_at,
            pairs_seen.load_id as _load_id
        from pairs_seen
        inner join observations
            on pairs_seen.load_id = observations.load_id

        {% if is_incremental() -%}
        union all

        -- What was associated when the last whole build had gone through.
        select
            (select max(number) from observations where load_id <= {{ last_build }}) as number,
            held.{{ one }},
            held.{{ other }},
            held.associated_at,
            held._load_id
        from {{ this }} as held
        where
            held._load_id <= {{ last_build }}
            and (held.ended_load_id is null or held.ended_load_id > {{ last_build }})
        {%- endif %}

    ),

    runs as (

        select
            *,
            number - row_number() over (
                partition by {{ one }}, {{ other }} order by number
            ) as run
        from numbered

    ),

    intervals as (

        select
            {{ one }},
            {{ other }},
            min(associated_at) as associated_at,
            min(_load_id) as _load_id,
            max(number) as last_number
        from runs
        group by {{ one }}, {{ other }}, run

    )

    select
        intervals.{{ one }},
        intervals.{{ other }},
        intervals.associated_at,
        ends.seen_at as removed_at,
        intervals._load_id,
        ends.load_id as ended_load_id
    from intervals
    left join observations as ends
        on intervals.last_number + 1 = ends.number
{%- endmacro %}
