"""ChannelAttribution on the paths that the warehouse's models attribute, and whether both agree.

It takes aggregated paths: each sequence of channels once, with how often it converted and how often
not. What the warehouse finds is read from what `benchmarks.steps.attribution` has left.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from benchmarks.measure import Stopwatch
from benchmarks.steps.engine import connect

Credits = Mapping[str, float]

# What the two call the heuristic models.
TOUCHES = {
    "first_interaction": "first_touch",
    "last_interaction": "last_touch",
    "linear": "linear_touch",
}

# Heuristics are exact on both sides, but for the order of a sum.
HEURISTICS_AGREE = 1e-9

# Its markov model is a simulation. Runs of so many other seeds say how much that varies; the mean
# of these may be so many standard errors off.
SEEDS, MOST_STANDARD_ERRORS = 10, 5.0

# A run takes the seeds from its own on, one for each of its repetitions, of which it has 10.
_NEXT_SEED = 100

# A path of one contact each; channels are put in order within a list, which DuckDB does with less
# memory and in less than half the time of an ordered `string_agg`.
_AGGREGATED = """
with paths as (
    select
        contact_id,
        array_to_string(
            list_transform(list_sort(list((occurred_at, channel))), step -> step[2]), '>'
        ) as path
    from build.attribution.int_credit_interactions
    group by contact_id
)

select
    paths.path,
    count(*) filter (ends.path_kind = 'deal') as conversions,
    coalesce(cast(sum(ends.amount) as double), 0) as revenue,
    count(*) filter (ends.path_kind = 'no_deal') as others
from paths
inner join build.attribution.int_attribution_paths as ends
    on paths.contact_id = ends.lead_contact_id
group by paths.path
"""


class DisagreesError(RuntimeError):
    """Both found other credits than they should."""


def aggregate(
    watch: Stopwatch, warehouse: str, aggregated: str, memory_limit: str
) -> dict[str, Any]:
    """Aggregate the paths into a data frame, with DuckDB; then write it for the other steps."""
    build = Path(warehouse) / "build.duckdb"
    importlib.import_module("pandas")
    with connect(memory_limit, Path(warehouse) / "spill") as connection:
        connection.execute(f"attach '{build}' as build (read_only)")
        with watch.running():
            frame = connection.execute(_AGGREGATED).df()
        connection.execute(f"copy (from frame order by path) to '{aggregated}'")
    return {"rows": len(frame)}


def heuristics(watch: Stopwatch, aggregated: str, ours: str) -> dict[str, Any]:
    """First, last and linear touch, with revenue. DisagreesError where the warehouse has others."""
    peer, frame = _load(aggregated)
    with watch.running():
        table = peer.heuristic_models(
            frame, "path", "conversions", var_value="revenue", flg_pro=False
        )
    found: dict[str, dict[str, dict[str, float]]] = {}
    for measure in ("conversions", "value"):
        for model, touch in TOUCHES.items():
            pairs = zip(table["channel_name"], table[f"{touch}_{measure}"], strict=True)
            # It names every channel, whether it has credit or not.
            found.setdefault(measure, {})[model] = {name: value for name, value in pairs if value}
    expected = json.loads(Path(ours).read_text(encoding="utf-8"))
    return {
        "rows": len(frame),
        "credits": found["conversions"],
        "revenue": found["value"],
        "ours": expected,
        **compare_heuristics(expected, found["conversions"], found["value"]),
    }


def markov(watch: Stopwatch, aggregated: str, ours: str) -> dict[str, Any]:
    """Markov of order 1, as it comes. DisagreesError where the warehouse has another.

    Revenue is left out: it simulates which amounts a channel brings, the warehouse shares them out
    as it does conversions.
    """
    peer, frame = _load(aggregated)

    def run(seed: int) -> dict[str, float]:
        table = peer.markov_model(
            frame,
            "path",
            "conversions",
            var_null="others",
            seed=seed,
            verbose=False,
            flg_pro=False,
        )
        return dict(zip(table["channel_name"], table["total_conversions"], strict=True))

    with watch.running():
        found = run(0)
    others = [run(number * _NEXT_SEED) for number in range(1, SEEDS + 1)]
    expected = json.loads(Path(ours).read_text(encoding="utf-8"))["credits"]["markov_1"]
    return {
        "rows": len(frame),
        "credits": found,
        "ours": expected,
        **compare_markov(expected, found, others),
    }


def compare_heuristics(
    ours: Mapping[str, Mapping[str, Credits]],
    found: Mapping[str, Credits],
    revenue: Mapping[str, Credits],
) -> dict[str, float]:
    """The largest relative differences; DisagreesError where credits differ at all.

    So may revenue not, but under linear: here that is rounded to the cent, deal by deal.

    Args:
        ours: `credits` and `revenue`, by model and channel.
        found: the peer's credits.
        revenue: the peer's revenue.

    """
    differences = {
        "credit_difference": max(_apart(ours["credits"][name], found[name]) for name in TOUCHES),
        "revenue_difference": max(
            _apart(ours["revenue"][name], revenue[name]) for name in TOUCHES if name != "linear"
        ),
    }
    for name, difference in differences.items():
        if difference > HEURISTICS_AGREE:
            raise DisagreesError(f"the heuristics' {name.replace('_', ' ')} is {difference:.2g}")
    linear = _apart(ours["revenue"]["linear"], revenue["linear"])
    return differences | {"linear_revenue_difference": linear}


def compare_markov(ours: Credits, found: Credits, others: Sequence[Credits]) -> dict[str, float]:
    """How far the exact credits lie from the simulated; DisagreesError where that isn't its error.

    Args:
        ours: of each channel.
        found: the simulation's, with its own seed.
        others: the simulation's with other seeds.

    """
    if any(ours.keys() != one.keys() for one in (found, *others)):
        raise DisagreesError("the channels with a markov credit are not the same")
    errors, deviations = [], []
    for channel, exact in ours.items():
        simulated = [other[channel] for other in others]
        deviation = stdev(simulated)
        # Simulations of a channel that all paths pass through don't vary.
        error = max(deviation / len(others) ** 0.5, HEURISTICS_AGREE * exact)
        errors.append(abs(fmean(simulated) - exact) / error)
        deviations.append(deviation / exact)
    if max(errors) > MOST_STANDARD_ERRORS:
        raise DisagreesError(
            f"markov: the mean of {len(others)} runs is {max(errors):.1f} standard errors off"
        )
    return {
        "difference": _apart(ours, found),
        "deviation": max(deviations),
        "standard_errors": max(errors),
        "most_standard_errors": MOST_STANDARD_ERRORS,
    }


def _apart(ours: Credits, found: Credits) -> float:
    """The largest difference of a channel, relative to ours."""
    if ours.keys() != found.keys():
        raise DisagreesError(f"channels with credit: {sorted(ours)} here, {sorted(found)} there")
    return max((abs(found[name] - value) / abs(value) for name, value in ours.items()), default=0.0)


def _load(aggregated: str) -> tuple[Any, Any]:
    """The package and the aggregated paths."""
    # The package draws, and so keeps fonts; not in the user's folders.
    os.environ |= {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(Path(aggregated).parent / "fonts")}
    sys.addaudithook(_refuse_network)
    peer = importlib.import_module("ChannelAttribution")
    pandas = importlib.import_module("pandas")
    return peer, pandas.read_parquet(aggregated)


def _refuse_network(event: str, arguments: Any) -> None:
    """It has an installer that asks the network; nothing here calls it, and nothing may."""
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise RuntimeError(f"ChannelAttribution asked the network: {event} {arguments}")
