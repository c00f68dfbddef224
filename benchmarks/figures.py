"""What a result says: ratios with their targets, and whether they are met."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.result import SIZES, Result

# The models that make sessions of events, with their person, source and engagement.
SESSION_MODELS = ("int_session_spans", "int_session_events", "int_sessions")

# The part of these that does what the usual session SQL does: sessions of page views alone.
SPAN_MODELS = ("int_session_spans",)

# The model that finds the campaigns that an event's asset belonged to at that time.
TOUCH_MODELS = ("int_asset_interactions",)

# The model that gives every interaction its credit under every rule-based model at once. Results of
# before it was there tell of a room that did less.
CREDIT_MODELS = ("int_attribution_credits",)

# The models that find whose events fit the stages of a journey, and who entered which stage when.
JOURNEY_MODELS = ("int_journey_entity_events", "int_journey_entries")

MET, NOT_MET, UNKNOWN = "met", "**not met**", "not measured"


@dataclass(frozen=True)
class Figure:
    """A measured ratio (or bytes, as memory) beside its target.

    measured is None where a step is missing or failed, or where the difference that it divides by
    is within the noise.
    """

    name: str
    measured: float | None
    target: float | None
    is_at_least: bool = False
    is_bytes: bool = False

    @property
    def share(self) -> float | None:
        """How much of what the target allows was needed: met up to 1."""
        if self.measured is None or self.target is None:
            return None
        if self.is_at_least:
            return self.target / self.measured if self.measured > 0 else math.inf
        return self.measured / self.target

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if self.measured is None:
            return UNKNOWN
        if self.share is None:
            return "no target"
        return MET if self.share <= 1 else NOT_MET


def figures(result: Result) -> list[Figure]:
    """All ratios, in the order of the page; most have a target."""
    cpu = _Cpu(result)
    models = without_fixed_cost(result)
    rooms = by_room(models)
    scan, join, sort = cpu.of("scan"), cpu.of("join"), cpu.of("sort")
    night, empty, build = cpu.of("night 365"), cpu.of("empty night 365"), cpu.of("build 365")
    small_night, small_empty = cpu.of("night 30"), cpu.of("empty night 30")
    growth = _minus(night, empty), _minus(small_night, small_empty)
    found = [
        Figure("sessions, the three models ÷ sort", ratio(_sum(models, SESSION_MODELS), sort), 1.5),
        Figure("sessions of page views alone ÷ sort", ratio(_sum(models, SPAN_MODELS), sort), 1.5),
        Figure(
            "touches, events to campaigns ÷ hash join", ratio(_sum(models, TOUCH_MODELS), join), 1.2
        ),
        Figure("touches, the whole room ÷ hash join", ratio(rooms.get("touches"), join), 1.2),
        Figure("influence, the whole room ÷ scan", ratio(rooms.get("influence"), scan), 2.5),
        Figure(
            "attribution, the whole room ÷ scan",
            ratio(rooms.get("attribution") if CREDIT_MODELS[0] in models else None, scan),
            2.5,
        ),
        Figure(
            "attribution, all nine models in one pass ÷ scan of the touches",
            ratio(_sum(models, CREDIT_MODELS), cpu.of("touches")),
            2.5,
        ),
        *_journeys(result, rooms.get("journeys"), sort),
        *_loads(cpu),
        Figure("night (less an empty one) ÷ rebuild", ratio(growth[0], build), 1 / 20),
        Figure("night on 365 days ÷ night on 30 (each less an empty one)", ratio(*growth), 1.5),
        Figure(
            "exponent of a rebuild's growth with events, from 30 to 365 days", exponent(result), 1.1
        ),
        *_peers(cpu, result.models()),
        *_attribution_peer(cpu),
    ]
    if memory := peak_memory(result):
        target = SIZES[result.plan.size].memory_target
        found.append(Figure("most memory of a stage", memory, target, is_bytes=True))
    return found


class _Cpu:
    """CPU seconds of steps, None where there are none."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def of(self, step: str) -> float | None:
        measured = self._result.median(step)
        return None if measured is None else measured.cpu

    def has(self, step: str) -> bool:
        return step in self._result.steps


def _journeys(result: Result, room: float | None, sort: float | None) -> Iterable[Figure]:
    one = _sum(without_fixed_cost(result, "journey"), JOURNEY_MODELS)
    yield Figure("a journey, its two models ÷ sort", ratio(one, sort), 2.2)
    conditions = without_fixed_cost(result, "journey with conditions")
    yield Figure(
        "a journey with conditions and a branch, all its models ÷ sort",
        ratio(_sum(conditions, tuple(conditions)) if conditions else None, sort),
        None,
    )
    yield Figure("all bundled journeys, the whole room ÷ a journey", ratio(room, one), None)


def _loads(cpu: _Cpu) -> Iterable[Figure]:
    for file_format in ("parquet", "csv", "ndjson"):
        if cpu.has(f"load {file_format}"):
            own, copy = cpu.of(f"load {file_format}"), cpu.of(f"copy {file_format}")
            yield Figure(f"load of {file_format} ÷ DuckDB's copy", ratio(own, copy), 2)


def _peers(cpu: _Cpu, models: Mapping[str, Mapping[str, Any]]) -> Iterable[Figure]:
    if cpu.has("sessions in postgres"):
        peer = cpu.of("sessions in postgres")
        for name, own in (
            ("the three models", SESSION_MODELS),
            ("sessions of page views alone", SPAN_MODELS),
        ):
            measured = ratio(peer, _sum(models, own))
            yield Figure(f"PostgreSQL ÷ {name}", measured, 10, is_at_least=True)


def _attribution_peer(cpu: _Cpu) -> Iterable[Figure]:
    aggregation = cpu.of("aggregate for channelattribution")
    for models in ("heuristics", "markov"):
        if cpu.has(f"{models} in channelattribution"):
            own, peer = cpu.of(f"{models} here"), cpu.of(f"{models} in channelattribution")
            whole = None if aggregation is None or peer is None else aggregation + peer
            for what, seconds in ((" and its aggregation", whole), ("", peer)):
                name = f"{models} of random paths, ChannelAttribution{what} ÷ the models"
                yield Figure(name, ratio(seconds, own), 3, is_at_least=True)


def by_room(models: Mapping[str, Mapping[str, Any]], what: str = "cpu") -> dict[str, float]:
    """Seconds of each room, in the order in which the first model of each was built."""
    rooms: dict[str, float] = {}
    for model in models.values():
        rooms[model["room"]] = rooms.get(model["room"], 0.0) + model[what]
    return rooms


def ratio(dividend: float | None, divisor: float | None) -> float | None:
    """The ratio of two figures; None where one is missing or the divisor is not above 0."""
    if dividend is None or divisor is None or divisor <= 0:
        return None
    return dividend / divisor


def without_fixed_cost(result: Result, step: str = "build 365") -> dict[str, dict[str, Any]]:
    """The models of a build, each less what it costs where there is no row at all."""
    fixed = result.models("build nothing")
    return {
        name: model | {what: max(0.0, model[what] - fixed[name][what]) for what in ("wall", "cpu")}
        for name, model in result.models(step).items()
        if name in fixed
    }


def exponent(result: Result) -> float | None:
    """By which power of the events the CPU time of a rebuild grows, from 30 to 365 days.

    The fixed cost, which is that of a build of nothing, is taken off. None where a part is missing
    or nothing is left.
    """
    return _growth([(result, 30), (result, 365)])


def exponent_from(smaller: Result, result: Result) -> float | None:
    """As `exponent`, from the rebuild of a result of fewer events to that of another.

    None, too, where the two built different models.
    """
    if smaller.models().keys() != result.models().keys():
        return None
    return _growth([(smaller, 365), (result, 365)])


def _growth(builds: Sequence[tuple[Result, int]]) -> float | None:
    parts = []
    for result, days in builds:
        fixed, build = result.median("build nothing"), result.median(f"build {days}")
        if build is None or fixed is None or build.cpu <= fixed.cpu or build.rows <= 0:
            return None
        parts.append((build.rows, build.cpu - fixed.cpu))
    (few, little), (many, much) = parts
    return math.log(much / little) / math.log(many / few) if many > few else None


def peak_memory(result: Result) -> int | None:
    """The most memory that a load, a build or a night needed, in bytes; None without any."""
    names = ("load history 365", "load parquet", "build 365", "empty night 365", "night 365")
    peaks = [measured.memory for name in names if (measured := result.median(name))]
    return max(peaks) if peaks else None


def _sum(models: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> float | None:
    if any(name not in models for name in names):
        return None
    return float(sum(models[name]["cpu"] for name in names))


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
