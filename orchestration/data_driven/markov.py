"""Removal effects of the keys of a Markov chain, solved exactly.

The chain's states are the last keys of a path, with a start, and two ends: conversion and null. The
removal effect of a key is the share of the conversions that pass through a state which contains it:
what is lost where each such state leads to null. It is found from the probabilities of reaching
those states first, not as a difference of two numbers that are nearly alike.
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

# A sparse chain is followed until no more than this of all that began at the start is still to
# come.
TOLERANCE = 1e-12

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
    """The chain's states that are passed through.

    start: the number of the start; moves: the probability of each move from one state (row) to
    another (column); converts: of the end in a conversion, by state; states_of: the states that
    contain a key, by key.
    """

    start: int
    moves: scipy.sparse.csr_array
    converts: np.ndarray
    states_of: dict[str, np.ndarray]


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
    rows, columns, values = [], [], []
    for transition in transitions:
        number = number_of[transition.state]
        probability = transition.times / times[transition.state]
        following = _following(transition, order)
        if following is not None:
            rows.append(number)
            columns.append(number_of[following])
            values.append(probability)
        elif transition.is_conversion:
            converts[number] += probability
    shape = (len(states), len(states))
    moves = scipy.sparse.csr_array((values, (rows, columns)), shape=shape, dtype=float)
    states_of: dict[str, list[int]] = {}
    for state in states:
        for key in set(state):
            states_of.setdefault(key, []).append(number_of[state])
    return Chain(
        number_of[()], moves, converts, {key: np.array(own) for key, own in states_of.items()}
    )


def _following(transition: Transition, order: int) -> State | None:
    if transition.next_key is None:
        return None
    return (*transition.state, transition.next_key)[-order:]


def _solve_whole(chain: Chain) -> dict[str, float]:
    """By the expected number of visits to each state from each other, the inverse of 1 - moves."""
    visits = np.linalg.inv(np.eye(len(chain.converts)) - chain.moves.toarray())
    conversion = visits @ chain.converts
    effects = {}
    for key, own in sorted(chain.states_of.items()):
        first_reached = np.linalg.solve(visits[np.ix_(own, own)].T, visits[chain.start, own])
        effects[key] = float(first_reached @ conversion[own] / conversion[chain.start])
    return effects


def _solve_sparse(chain: Chain) -> dict[str, float]:
    """By the visits from the start to the states that don't contain the key, key by key."""
    backwards = chain.moves.T.tocsr()
    from_start = np.zeros(len(chain.converts))
    from_start[chain.start] = 1
    conversion = _settle(chain.moves, chain.converts)
    # What reaches no conversion is nothing to follow.
    converts = conversion > 0
    effects = {}
    for key, own in sorted(chain.states_of.items()):
        others = converts.copy()
        others[own] = False
        visits = _settle(backwards[others][:, others], from_start[others])
        first_reached = visits @ chain.moves[others][:, own]
        effects[key] = float(first_reached @ conversion[own] / conversion[chain.start])
    return effects


def _settle(moves: scipy.sparse.csr_array, begin: np.ndarray) -> np.ndarray:
    """The sum of begin, moves @ begin, moves @ moves @ begin, … to its end.

    The slowest of what fades away shrinks by the same factor with every step, so that now and then
    all that it will still bring is added at once; the steps go on from there, and mend what that
    took too much.
    """
    found = begin.copy()
    last = None
    for step in range(1, MOST_STEPS):
        following = moves @ found + begin
        change = following - found
        found = following
        size = np.abs(change).sum()
        if size == 0:
            return found
        if last is not None:
            factor = float(change @ last / (last @ last))
            if size < TOLERANCE * (1 - abs(factor)):
                return found
            if step % STEPS_TO_FORETELL == 0 and 0 < factor < 1:
                found = found + change * (factor / (1 - factor))
                last = None
                continue
        last = change
    stays = scipy.sparse.eye_array(len(begin), format="csc") - moves
    return np.asarray(scipy.sparse.linalg.spsolve(stays.tocsc(), begin))
