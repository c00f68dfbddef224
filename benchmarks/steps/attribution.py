"""Attribution of random paths by the warehouse's own models, up to the credits of each channel.

The paths stand in the tables that these models read; the time is that of the models as they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.generate.events import Draws
from benchmarks.measure import Stopwatch
from benchmarks.steps.engine import bound_every_connection, connect
from benchmarks.steps.warehouse import NO_TESTS, build_nodes
from orchestration.load.loader import init_raw

CHANNELS = (
    "organic_search",
    "direct_traffic",
    "email_marketing",
    "paid_search",
    "organic_social",
    "referrals",
    "paid_social",
    "meetings",
    "marketing_events",
    "qr_codes",
    "sms",
    "affiliates",
)

HEURISTICS = ("first_interaction", "last_interaction", "linear")

# The tables that the models read, with all before them.
_INPUTS = (
    "--select",
    "+int_attribution_models",
    "+int_attribution_paths",
    "+int_credit_interactions",
)

_HEURISTIC_MODELS = ("int_path_interactions", "int_attribution_credits", "int_deal_credits")
_MARKOV_MODELS = (
    "int_path_interactions",
    "int_key_steps",
    "int_key_transitions",
    "int_key_sets",
    "int_data_driven_credits",
)

# A path goes on after an interaction with probability 3/4, so that it has four in the mean.
_GOES_ON, _MOST_INTERACTIONS = 0.75, 40

# Interactions of all paths lie among each other in time, as in a warehouse. A quarter of them
# repeat the channel before; the others draw theirs by Zipf's law. Paths that end in a frequent
# channel convert more often.
_INTERACTIONS = """
create table interactions as
with lengths as (
    select
        number,
        least({most}, 1 + cast(floor(ln(1 - {length}) / ln({goes_on})) as bigint)) as length
    from range({paths}) as numbers (number)
),

drawn as (
    select
        number,
        length,
        unnest(range(1, length + 1)) as position,
        case when position = 1 or {repeats} >= 0.25 then {zipf} end as own_channel
    from lengths
),

named as (
    select
        number,
        position,
        position = length as is_last,
        last_value(own_channel ignore nulls) over (
            partition by number order by position
        ) as channel
    from drawn
)

select
    number,
    position,
    {channels}[channel] as channel,
    is_last,
    is_last and {converts} < 0.4 - 0.02 * channel as converts,
    cast(1 + floor({amount} * 99999) as bigint) / 100 as amount,
    timestamp '2024-01-01' + interval 1 minute * cast(500000 * {begins} as bigint)
    + interval 1 hour * position as occurred_at
from named
order by occurred_at, number
"""

_TABLES = (
    """
    insert into build.attribution.int_attribution_paths by name
    select
        number as path_key,
        case when converts then 'deal' else 'no_deal' end as path_kind,
        case when converts then 'deal ' || number end as deal_id,
        case when not converts then 'contact ' || number end as contact_id,
        case when converts then occurred_at + interval 1 hour else timestamp '9999-12-31' end
            as ends_at,
        case when converts then occurred_at + interval 1 hour end as aged_from,
        'contact ' || number as lead_contact_id,
        case when converts then occurred_at end as lead_until,
        case when converts then occurred_at end as deal_created_at,
        case when converts then occurred_at + interval 1 hour end as closed_at,
        case when converts then amount end as amount
    from interactions
    where is_last
    """,
    """
    insert into build.attribution.int_deal_contacts by name
    select
        'deal ' || number as deal_id,
        'contact ' || number as contact_id
    from interactions
    where converts
    """,
    """
    insert into build.attribution.int_credit_interactions by name
    select
        number * {most} + position - 1 as event_key,
        'event ' || event_key as event_id,
        'contact ' || number as contact_id,
        occurred_at,
        cast(occurred_at as date) as occurred_on,
        channel,
        ['no campaign'] as campaign_ids
    from interactions
    order by occurred_at
    """,
    """
    delete from build.attribution.int_attribution_models where model not in {heuristics}
    """,
)


def make_paths(
    watch: Stopwatch, warehouse: str, paths: int, seed: int, memory_limit: str
) -> dict[str, Any]:
    """Build what attribution reads, where nothing was loaded, and put random paths there."""
    place = Path(warehouse)
    init_raw(place)
    (place / "raw" / "ledger.ndjson").touch()
    build_nodes(place, ("build", *_INPUTS, *NO_TESTS), memory_limit)
    with watch.running(), connect(memory_limit, place / "spill") as connection:
        connection.execute(f"attach '{place / 'build.duckdb'}' as build")
        interactions = draw_interactions(connection, paths, seed)
        words = {"most": _MOST_INTERACTIONS, "heuristics": HEURISTICS}
        for statement in _TABLES:
            connection.execute(statement.format(**words))
        connection.execute("checkpoint build")
    return {"rows": paths, "interactions": interactions}


def draw_interactions(connection: duckdb.DuckDBPyConnection, paths: int, seed: int) -> int:
    """Make the table `interactions`, the same for the same seed; gives how many there are."""
    draws = Draws(seed)
    path = draws.row("number", "path")
    interaction = draws.row(f"number * {_MOST_INTERACTIONS} + position - 1", "interaction")
    statement = _INTERACTIONS.format(
        paths=paths,
        most=_MOST_INTERACTIONS,
        goes_on=_GOES_ON,
        channels=list(CHANNELS),
        zipf=_zipf(draws.unit(interaction, "channel"), len(CHANNELS)),
        repeats=draws.unit(interaction, "repeats"),
        **{name: draws.unit(path, name) for name in ("length", "begins", "converts", "amount")},
    )
    return int(connection.execute(statement).fetchall()[0][0])


def heuristics(watch: Stopwatch, warehouse: str, target: str, memory_limit: str) -> dict[str, Any]:
    """Conversions and revenue of each channel under the heuristic models, revenue to the cent."""
    query = (
        "select model, channel, sum(credit), sum(revenue) from attribution.int_deal_credits"
        " group by all"
    )
    return _attribute(watch, warehouse, memory_limit, _HEURISTIC_MODELS, query, target)


def markov(watch: Stopwatch, warehouse: str, target: str, memory_limit: str) -> dict[str, Any]:
    """Conversions and revenue of each channel under the data-driven models, among them markov."""
    query = (
        "select model, key, credit, cents / 100 from attribution.int_data_driven_credits"
        " where dimension = 'channel'"
    )
    return _attribute(watch, warehouse, memory_limit, _MARKOV_MODELS, query, target)


def _attribute(
    watch: Stopwatch,
    warehouse: str,
    memory_limit: str,
    models: Sequence[str],
    query: str,
    target: str,
) -> dict[str, Any]:
    """Build models anew, and write the credits that a query of them gives.

    The time is that of the models and of the query, without dbt's own.
    """
    bound_every_connection(memory_limit)
    place = Path(warehouse)
    nodes = build_nodes(place, ("run", "--full-refresh", "--select", *models), memory_limit)
    with duckdb.connect(str(place / "build.duckdb"), read_only=True) as connection:
        with watch.running():
            rows = connection.execute(query).fetchall()
        paths = connection.execute("select count(*) from attribution.int_attribution_paths")
        number = paths.fetchall()[0][0]
    times = {
        node["name"]: {what: node[what] for what in ("wall", "cpu")} for node in nodes.values()
    }
    for taken in times.values():
        watch.wall += taken["wall"]
        watch.cpu += taken["cpu"]
    found: dict[str, dict[str, dict[str, float]]] = {"credits": {}, "revenue": {}}
    for model, channel, credit, revenue in rows:
        found["credits"].setdefault(model, {})[channel] = float(credit)
        found["revenue"].setdefault(model, {})[channel] = float(revenue)
    Path(target).write_text(json.dumps(found), encoding="utf-8")
    return {"rows": number, "models": times}


def _zipf(draw: str, kinds: int) -> str:
    """SQL of a number from 1 to kinds, each as likely as its reciprocal says."""
    whole = sum(1 / kind for kind in range(1, kinds + 1))
    bounds = [sum(1 / kind for kind in range(1, upto + 1)) / whole for upto in range(1, kinds)]
    cases = " ".join(f"when {draw} < {bound} then {kind}" for kind, bound in enumerate(bounds, 1))
    return f"case {cases} else {kinds} end"
