"""Removal effects of Markov chains, against plain elimination over fractions (A-9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

import pytest
from hypothesis import given, settings

from orchestration.data_driven import markov
from orchestration.data_driven.markov import State, Transition, removal_effects
from tests.data_driven.chains import KeyedPath, random_paths, transitions_of

# The ways of the solver, by what it is told of its limits.
WAYS = {
    "a whole matrix": {},
    "steps": {"MOST_STATES_OF_A_WHOLE_MATRIX": 0},
    "steps, none foretold": {
        "MOST_STATES_OF_A_WHOLE_MATRIX": 0,
        "STEPS_TO_FORETELL": markov.MOST_STEPS,
    },
    "elimination": {"MOST_STATES_OF_A_WHOLE_MATRIX": 0, "MOST_STEPS": 3},
}


@contextmanager
def solved_by(way: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WAYS[way].items():
            patch.setattr(markov, name, value)
        yield


def solve(rows: list[list[Fraction]]) -> list[Fraction]:
    """The solution of equations, each its coefficients and then its right side."""
    for pivot in range(len(rows)):
        chosen = next(number for number in range(pivot, len(rows)) if rows[number][pivot])
        rows[pivot], rows[chosen] = rows[chosen], rows[pivot]
        whole = rows[pivot][pivot]
        rows[pivot] = [value / whole for value in rows[pivot]]
        for number in range(len(rows)):
            if number != pivot and (times := rows[number][pivot]):
                pairs = zip(rows[number], rows[pivot], strict=True)
                rows[number] = [value - times * other for value, other in pairs]
    return [row[-1] for row in rows]


def conversion(transitions: Sequence[Transition], order: int, removed: str | None) -> Fraction:
    """The probability of a conversion where each state with the removed key leads to null."""
    states = sorted({transition.state for transition in transitions})
    number = {state: index for index, state in enumerate(states)}
    times = [0] * len(states)
    for transition in transitions:
        times[number[transition.state]] += transition.times
    rows = [
        [Fraction(row == column) for column in range(len(states) + 1)] for row in range(len(states))
    ]
    for transition in transitions:
        row = number[transition.state]
        if removed in transition.state:
            continue
        probability = Fraction(transition.times, times[row])
        if transition.next_key is not None:
            following: State = (*transition.state, transition.next_key)[-order:]
            rows[row][number[following]] -= probability
        elif transition.is_conversion:
            rows[row][-1] += probability
    return solve(rows)[number[()]]


def plain_effects(transitions: Sequence[Transition], order: int) -> dict[str, Fraction]:
    whole = conversion(transitions, order, None)
    if not whole:
        return {}
    keys = {key for transition in transitions for key in transition.state}
    return {key: 1 - conversion(transitions, order, key) / whole for key in keys}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", [1, 2, 3])
@settings(max_examples=25, deadline=None)
@given(paths=random_paths())
def test_a_9_removal_effects_are_those_of_plain_elimination(
    order: int, way: str, paths: list[KeyedPath]
) -> None:
    transitions = transitions_of(paths, order)
    with solved_by(way):
        found = removal_effects(transitions, order)
    exact = plain_effects(transitions, order)
    assert found.keys() == exact.keys()
    for key, effect in exact.items():
        assert found[key] == pytest.approx(float(effect), rel=0, abs=1e-9), key


@pytest.mark.parametrize("way", WAYS)
def test_a_9_the_order_of_the_transitions_changes_nothing(way: str) -> None:
    often = {"abca": 3, "bbc": 2, "cad": 1, "ab": 5, "bd": 4, "d": 1}
    paths = [KeyedPath(tuple(keys), keys != "bd") for keys in often for _ in range(often[keys])]
    transitions = transitions_of(paths, 2)
    with solved_by(way):
        found = removal_effects(transitions, 2)
        assert removal_effects(transitions[::-1], 2) == pytest.approx(found, rel=0, abs=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_a_9_a_key_of_paths_that_never_convert_has_no_effect(way: str) -> None:
    paths = [KeyedPath(("a", "b"), True), KeyedPath(("a", "c"), False), KeyedPath(("c",), False)]
    for order in (1, 2, 3):
        with solved_by(way):
            found = removal_effects(transitions_of(paths, order), order)
        assert found["c"] == 0
        assert found == pytest.approx({"a": 1, "b": 1, "c": 0})


@pytest.mark.parametrize("way", WAYS)
def test_a_9_nothing_has_an_effect_where_no_path_converts(way: str) -> None:
    paths = [KeyedPath(("a", "b"), False), KeyedPath(("c",), False)]
    with solved_by(way):
        assert removal_effects(transitions_of(paths, 1), 1) == {}
        assert removal_effects([], 1) == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_9_a_path_may_repeat_a_key_many_times(order: int, way: str) -> None:
    paths = [
        KeyedPath(("a",) * 100_000, True),
        KeyedPath(("b", "a", "c"), True),
        KeyedPath(("a", "b"), False),
    ]
    transitions = transitions_of(paths, order)
    with solved_by(way):
        found = removal_effects(transitions, order)
    exact = plain_effects(transitions, order)
    expected = {key: float(effect) for key, effect in exact.items()}
    assert found == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_a_9_keys_may_fade_away_at_rates_of_their_own(way: str) -> None:
    """What one step brings says little of what is still to come where several keys are slow."""
    paths = [
        KeyedPath(("a",) * 100_000 + ("b",) * 30_000, True),
        KeyedPath(("b",) * 70_000 + ("c",) * 50_000, False),
        KeyedPath(("c",) * 90_000 + ("a",), True),
        KeyedPath(("d",) * 20_000 + ("b", "c"), True),
        KeyedPath(("d", "a"), False),
    ]
    transitions = transitions_of(paths, 1)
    with solved_by(way):
        found = removal_effects(transitions, 1)
    exact = plain_effects(transitions, 1)
    expected = {key: float(effect) for key, effect in exact.items()}
    assert found == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_a_9_an_example_worked_out_by_hand(way: str) -> None:
    """Of ten conversions direct has two, and search leads to eight: to three at once by email.

    Five of the eight pass through social, and all eight through email.
    """
    times = {("direct",): 2, ("search", "email"): 3, ("search", "social", "email"): 5}
    paths = [KeyedPath(keys, True) for keys, often in times.items() for _ in range(often)]
    expected = {"direct": 0.2, "search": 0.8, "social": 0.5, "email": 0.8}
    with solved_by(way):
        found = removal_effects(transitions_of(paths, 1), 1)
    assert found == pytest.approx(expected, rel=0, abs=1e-12)
