"""Removal effects of the keys of a Markov chain, solved exactly.

The chain's states are the last keys of a path, with a start, and two ends: conversion and null. The
removal effect of a key is the share of the conversions that pass through a state which contains it:
what is lost where each such state leads to null. It is found from what reaches those states for
the first time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

# The last keys, the last of all at the end; the start has none.
State = tuple[str, ...]

# Chains of so many states are solved with a whole matrix, at once for all keys; greater ones are
# sparse, and solved key by key.
MOST_STATES_OF_A_WHOLE_MATRIX = 1200

# A sparse chain is followed until no more than this of all that began is still to come.
TOLERANCE = 1e-13

# Once in so many steps what they still bring is foretold; a chain that so many steps don't settle
# is solved by elimination, which costs more.
STEPS_TO_FORETELL, MOST_STEPS = 12, 20_000

# Below it a removal effect is what rounding leaves of none.
NO_EFFECT = 1e-12


@dataclass(frozen=True)
class Transition:
    """So many times a path went on from a state.

    next_key is None where the path ended there, with a conversion or without.
    """

    state: State
    next_key: str | None
    is_conversion: bool
    times: int


@dataclass(frozen=True)
class Chain:
    """The states that are passed through, and the moves between them.

    start: the number of the start; keys: all keys, in order; keys_of: the numbers of each state's
    keys, -1 where it has fewer; sources, targets, probabilities: of each move, by the numbers of
    states; converts: the probability of the end in a conversion, by state.
    """

    start: int
    keys: list[str]
    keys_of: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    probabilities: np.ndarray
    converts: np.ndarray

    def moves(self) -> scipy.sparse.csr_array:
        """The probability of each move from one state (row) to another (column)."""
        shape = (len(self.converts), len(self.converts))
        return scipy.sparse.csr_array(
            (self.probabilities, (self.sources, self.targets)), shape=shape
        )


@dataclass(frozen=True)
class Journeys:
    """Moves from state to state over others that have one way on each.

    states: the numbers of the states between which they lead; sources, targets, probabilities: of
    each journey, by the places of states among these; journeys_of: which journeys come through a
    state with a key, the target included, by the number of the key.
    """

    states: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    probabilities: np.ndarray
    journeys_of: list[np.ndarray]


def removal_effects(transitions: Iterable[Transition], order: int) -> dict[str, float]:
    """The removal effect of each key, from 0 to 1; empty where no path converts.

    Args:
        transitions: of all paths, each state and what followed it once.
        order: how many of the last keys make a state.

    """
    chain = _chain(transitions, order)
    if not chain.converts.any():
        return {}
    if len(chain.converts) <= MOST_STATES_OF_A_WHOLE_MATRIX:
        effects = _solve_whole(chain)
    else:
        effects = _solve_sparse(chain)
    return {key: effect if effect > NO_EFFECT else 0.0 for key, effect in effects.items()}


def _chain(transitions: Iterable[Transition], order: int) -> Chain:
    # Where a path goes in the end doesn't depend on how long it stays in a state; yet a key that is
    # repeated a hundred thousand times would take as many steps to fade away.
    transitions = [each for each in transitions if _following(each, order) != each.state]
    times: dict[State, int] = {(): 0}
    for transition in transitions:
        times[transition.state] = times.get(transition.state, 0) + transition.times
    # What is visited most stands together, where a processor keeps it at hand.
    states = sorted(times, key=lambda state: (-times[state], state))
    number_of = {state: number for number, state in enumerate(states)}
    converts = np.zeros(len(states))
    sources, targets, probabilities = [], [], []
    for transition in transitions:
        number = number_of[transition.state]
        probability = transition.times / times[transition.state]
        following = _following(transition, order)
        if following is not None:
            sources.append(number)
            targets.append(number_of[following])
            probabilities.append(probability)
        elif transition.is_conversion:
            converts[number] += probability
    keys = sorted({key for state in states for key in state})
    number_of_key = {key: number for number, key in enumerate(keys)}
    keys_of = np.full((len(states), order), -1)
    for number, state in enumerate(states):
        keys_of[number, : len(state)] = [number_of_key[key] for key in state]
    return Chain(
        number_of[()],
        keys,
        keys_of,
        np.array(sources, dtype=int),
        np.array(targets, dtype=int),
        np.array(probabilities, dtype=float),
        converts,
    )


def _following(transition: Transition, order: int) -> State | None:
    if transition.next_key is None:
        return None
    return (*transition.state, transition.next_key)[-order:]


def _solve_whole(chain: Chain) -> dict[str, float]:
    """By the expected number of visits to each state from each other, the inverse of 1 - moves."""
    visits = np.linalg.inv(np.eye(len(chain.converts)) - chain.moves().toarray())
    conversion = visits @ chain.converts
    effects = {}
    for number, key in enumerate(chain.keys):
        own = np.flatnonzero((chain.keys_of == number).any(axis=1))
        first_reached = np.linalg.solve(visits[np.ix_(own, own)].T, visits[chain.start, own])
        effects[key] = float(first_reached @ conversion[own] / conversion[chain.start])
    return effects


def _solve_sparse(chain: Chain) -> dict[str, float]:
    """Key by key, by the visits of those paths that have come through a state with the key.

    What arrives at such a state for the first time is what arrives there at all, less what comes
    from those paths again; and they are few for most keys.
    """
    conversion = _settle(chain.moves(), chain.converts)
    journeys = _journeys(chain, conversion)
    sources, targets, probabilities = journeys.sources, journeys.targets, journeys.probabilities
    states = len(journeys.states)
    keys_of, worth = chain.keys_of[journeys.states], conversion[journeys.states]

    def arrivals(chosen: np.ndarray, visits: np.ndarray) -> np.ndarray:
        """What the chosen journeys bring to each state, from so many visits to each."""
        brought = visits[sources[chosen]] * probabilities[chosen]
        return np.bincount(targets[chosen], weights=brought, minlength=states)

    def backwards(chosen: np.ndarray) -> scipy.sparse.csr_array:
        return scipy.sparse.csr_array(
            (probabilities[chosen], (targets[chosen], sources[chosen])), shape=(states, states)
        )

    from_start = (journeys.states == chain.start).astype(float)
    visits = _settle(backwards(np.ones(len(sources), dtype=bool)), from_start)
    effects = {}
    for number, key in enumerate(chain.keys):
        reaches = np.zeros(len(sources), dtype=bool)
        reaches[journeys.journeys_of[number]] = True
        leaves = (keys_of == number).any(axis=1)[sources]
        again = _settle(backwards(~reaches & ~leaves), arrivals(reaches | leaves, visits))
        first_reached = arrivals(reaches & ~leaves, visits - again)
        effects[key] = float((first_reached * worth).sum() / conversion[chain.start])
    return effects


def _journeys(chain: Chain, conversion: np.ndarray) -> Journeys:
    """The journeys between the states of a chain that have several ways on.

    Most states of a chain of order 3 have one: they need no step of their own, if each key that
    they contain is remembered. What reaches no conversion is nothing to follow.
    """
    states = len(chain.converts)
    has_one_way = (np.bincount(chain.sources, minlength=states) == 1) & (
        np.bincount(chain.sources, weights=chain.probabilities, minlength=states) == 1
    )
    has_one_way[chain.start] = False
    way_on = np.zeros(states, dtype=int)
    way_on[chain.sources] = chain.targets
    begins = np.flatnonzero(~has_one_way[chain.sources] & (conversion[chain.targets] > 0))
    here = chain.targets[begins]
    under_way = np.arange(len(begins))
    passed: list[np.ndarray] = []
    while len(under_way):
        for place in range(chain.keys_of.shape[1]):
            keys = chain.keys_of[here[under_way], place]
            passed.append(keys[keys >= 0] * len(begins) + under_way[keys >= 0])
        under_way = under_way[has_one_way[here[under_way]]]
        here[under_way] = way_on[here[under_way]]
    pairs = np.unique(np.concatenate(passed)) if passed else np.zeros(0, dtype=int)
    ends = np.searchsorted(pairs, np.arange(len(chain.keys) + 1) * len(begins))
    between, places = np.unique(np.concatenate([chain.sources[begins], here]), return_inverse=True)
    return Journeys(
        between,
        places[: len(begins)],
        places[len(begins) :],
        chain.probabilities[begins],
        [
            pairs[ends[number] : ends[number + 1]] - number * len(begins)
            for number in range(len(chain.keys))
        ],
    )


def _settle(moves: scipy.sparse.csr_array, begin: np.ndarray) -> np.ndarray:
    """The sum of begin, moves @ begin, moves @ moves @ begin, … to its end.

    The slowest of what fades away shrinks by the same factor with every step, so that now and then
    all that it will still bring is added at once; the steps go on from there, and mend what that
    took too much.
    """
    found = begin.copy()
    enough = TOLERANCE * np.abs(begin).sum()
    last = None
    for step in range(1, MOST_STEPS):
        following = moves @ found + begin
        change = following - found
        found = following
        size = np.abs(change).sum()
        if size == 0:
            return found
        if last is not None:
            # Summed without the threads of a vector product, which cost more than they bring.
            factor = float((change * last).sum() / (last * last).sum())
            if size < enough * (1 - abs(factor)):
                return found
            if step % STEPS_TO_FORETELL == 0 and 0 < factor < 1:
                found = found + change * (factor / (1 - factor))
                last = None
                continue
        last = change
    stays = scipy.sparse.eye_array(len(begin), format="csc") - moves
    return np.asarray(scipy.sparse.linalg.spsolve(stays.tocsc(), begin))
