"""Data-driven attribution: Markov chains and Shapley values over paths of keys (A-9).

The chains are solved by eliminating their states one by one (Grassmann, Taksar and Heyman), which
only adds, multiplies and divides positive numbers; with 60 digits the solutions are exact to more
than 50. Shapley values are exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import Any

from .deals import round_to_cents

Row = dict[str, Any]

ORDERS = (1, 2, 3)

# A removal effect below this is none.
NO_EFFECT = Decimal("1e-12")
DIGITS = 60


@dataclass(frozen=True)
class KeyedPath:
    """A path as its keys in order; what did not convert is worth nothing."""

    keys: tuple[str, ...]
    is_converting: bool
    cents: int = 0


@dataclass(frozen=True, eq=False)
class State:
    """A state of a chain: the last keys. States are told apart by identity, which is fast."""

    keys: tuple[str, ...]
    number: int = 0


START, CONVERSION, NULL = State(("start",)), State(("conversion",)), State(("null",))


class Chain:
    """A Markov chain as the weight of each transition; from a state each is as probable as its
    part of the weights that leave the state."""

    def __init__(self) -> None:
        self._to: dict[State, dict[State, Decimal]] = defaultdict(dict)
        self._from: dict[State, set[State]] = defaultdict(set)

    def add(self, source: State, target: State, weight: Decimal) -> None:
        """Add to the weight of a transition."""
        self._to[source][target] = self._to[source].get(target, Decimal(0)) + weight
        self._from[target].add(source)

    def states(self) -> list[State]:
        """All states but start, conversion and null."""
        return [state for state in self._to if state is not START]

    def copy(self) -> "Chain":
        """A chain of its own with the same transitions."""
        copied = Chain()
        for source, targets in self._to.items():
            copied._to[source] = dict(targets)
        for target, sources in self._from.items():
            copied._from[target] = set(sources)
        return copied

    def _cost(self, state: State) -> int:
        """How many transitions taking a state out may make."""
        return len(self._from[state]) * len(self._to[state])

    def eliminate(self, states: Iterable[State]) -> None:
        """Take states out, the cheapest first: who went to one goes on to where it leads."""
        left = set(states)
        queue = [(self._cost(state), state.number, state) for state in left]
        heapify(queue)
        while queue:
            cost, _, state = heappop(queue)
            if state not in left:
                continue
            if cost < self._cost(state):  # it became dearer since
                heappush(queue, (self._cost(state), state.number, state))
                continue
            left.discard(state)
            targets = self._to.pop(state)
            sources = self._from.pop(state)
            targets.pop(state, None)
            sources.discard(state)
            leaving = sum(targets.values())
            for target in targets:
                self._from[target].discard(state)
            for source in sources:
                steps = self._to[source]
                arriving = steps.pop(state) / leaving
                for target, weight in targets.items():
                    if target in steps:
                        steps[target] += arriving * weight
                    else:
                        steps[target] = arriving * weight
                        self._from[target].add(source)
            for neighbour in sources | targets.keys():
                if neighbour in left:
                    heappush(queue, (self._cost(neighbour), neighbour.number, neighbour))

    def prune(self) -> None:
        """Lead to null at once what never converts anyway."""
        hopeful: set[State] = {CONVERSION}
        waiting: list[State] = [CONVERSION]
        while waiting:
            new = self._from[waiting.pop()] - hopeful
            hopeful |= new
            waiting += new
        for state in self.states():
            if state not in hopeful:
                for target in self._to.pop(state):
                    self._from[target].discard(state)
                for source in self._from.pop(state):
                    if source in self._to:
                        self.add(source, NULL, self._to[source].pop(state))

    def probability(self, target: State) -> Decimal:
        """The probability that the first step from the start is to a target."""
        steps = self._to[START]
        return steps.get(target, Decimal(0)) / sum(steps.values())


def chain_of(paths: Sequence[KeyedPath], order: int) -> Chain:
    """The chain of all paths, a state being the last ``order`` keys, fewer at the start."""
    chain = Chain()
    states: dict[tuple[str, ...], State] = {}
    for path in paths:
        state = START
        for position in range(1, len(path.keys) + 1):
            last = path.keys[max(0, position - order) : position]
            following = states.setdefault(last, State(last, len(states)))
            chain.add(state, following, Decimal(1))
            state = following
        chain.add(state, CONVERSION if path.is_converting else NULL, Decimal(1))
    return chain


def removal_effects(paths: Sequence[KeyedPath], order: int) -> dict[str, Decimal]:
    """A-9: the removal effect of each key; empty where nothing converts."""
    effects: dict[str, Decimal] = {}
    with localcontext() as context:
        context.prec = DIGITS
        chain = chain_of(paths, order)
        chain.prune()
        whole = chain.copy()
        whole.eliminate(whole.states())
        converting = whole.probability(CONVERSION)
        if not converting:
            return {}

        def without_each(keys: list[str], chain: Chain) -> None:
            """Find the effect of each key from a chain whose states all contain one of them.

            What the removal of a key leaves in place can be eliminated: halving the keys, most of
            that is done once for many of them. In the end all states contain the one key left, so
            that only a direct step from the start still converts.
            """
            if len(keys) == 1:
                effects[keys[0]] = 1 - chain.probability(CONVERSION) / converting
                return
            middle = len(keys) // 2
            for half in (keys[:middle], keys[middle:]):
                wanted = set(half)
                reduced = chain.copy()
                reduced.eliminate(s for s in chain.states() if wanted.isdisjoint(s.keys))
                without_each(half, reduced)

        uses = Counter(key for path in paths for key in path.keys)
        without_each(sorted(uses, key=lambda key: (uses[key].bit_length(), key)), chain)
    return effects


def markov(paths: Sequence[KeyedPath], order: int) -> list[Row]:
    """A-9: credit, revenue and removal effect of each key with credit, under order 1, 2 or 3."""
    conversions = sum(path.is_converting for path in paths)
    effects = {
        key: effect
        for key, effect in sorted(removal_effects(paths, order).items())
        if effect >= NO_EFFECT
    }
    with localcontext() as context:
        context.prec = DIGITS
        whole = sum(effects.values())
        # what lies beyond forty decimals is the digits' end, and would part what is equal
        shares = [Fraction(round(effect / whole, 40)) for effect in effects.values()]
    total = sum(path.cents for path in paths)
    cents = round_to_cents(total, [total * share for share in shares])
    return [
        {
            "key": key,
            "model": f"markov_{order}",
            "credit": float(conversions * share),
            "revenue": Decimal(part).scaleb(-2),
            "removal_effect": float(effect),
        }
        for (key, effect), share, part in zip(effects.items(), shares, cents, strict=True)
    ]


def shapley(paths: Sequence[KeyedPath]) -> list[Row]:
    """A-9: each converting path's credit and revenue in equal parts over its distinct keys."""
    credit: dict[str, Fraction] = defaultdict(Fraction)
    revenue: dict[str, Fraction] = defaultdict(Fraction)
    for path in paths:
        if path.is_converting:
            keys = set(path.keys)
            for key in keys:
                credit[key] += Fraction(1, len(keys))
                revenue[key] += Fraction(path.cents, len(keys))
    keys_in_order = sorted(credit)
    total = sum(path.cents for path in paths)
    cents = round_to_cents(total, [revenue[key] for key in keys_in_order])
    return [
        {
            "key": key,
            "model": "shapley",
            "credit": float(credit[key]),
            "revenue": Decimal(part).scaleb(-2),
            "removal_effect": None,
        }
        for key, part in zip(keys_in_order, cents, strict=True)
    ]


def data_driven_rows(paths: Sequence[KeyedPath]) -> list[Row]:
    """The rows of every data-driven model for paths with at least one key."""
    if not any(path.is_converting for path in paths):
        return []
    return [row for order in ORDERS for row in markov(paths, order)] + shapley(paths)
