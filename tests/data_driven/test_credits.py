"""Credits of the data-driven models, and their cents (A-9, A-6)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orchestration.data_driven.credits as data_driven
from orchestration.data_driven.credits import Credit, KeySet, credits_of
from orchestration.data_driven.markov import Transition, removal_effects
from orchestration.data_driven.money import whole_cents
from tests.data_driven.chains import KeyedPath, random_paths, transitions_of

ORDERS = (1, 2, 3)


def key_sets_of(paths: list[KeyedPath]) -> list[KeySet]:
    conversions: Counter[tuple[str, int]] = Counter()
    cents: Counter[tuple[str, int]] = Counter()
    for path in paths:
        if path.converts:
            for key in set(path.keys):
                conversions[key, len(set(path.keys))] += 1
                cents[key, len(set(path.keys))] += path.cents
    return [KeySet(*found, number, cents[found]) for found, number in conversions.items()]


def credits_by_model(paths: list[KeyedPath]) -> dict[str, dict[str, Credit]]:
    transitions = [(order, each) for order in ORDERS for each in transitions_of(paths, order)]
    found: dict[str, dict[str, Credit]] = {}
    for credit in credits_of(transitions, key_sets_of(paths)):
        assert credit.key not in found.setdefault(credit.model, {})
        found[credit.model][credit.key] = credit
    return found


def shapley_values(paths: list[KeyedPath], worth: dict[KeyedPath, int]) -> dict[str, Fraction]:
    """By Shapley's formula: what a key adds to each set of the other keys, weighted."""
    keys = sorted({key for path in paths for key in path.keys})

    def worth_of(members: set[str]) -> int:
        return sum(worth[path] for path in paths if path.converts and members.issuperset(path.keys))

    values = dict.fromkeys(keys, Fraction())
    for key in keys:
        others = [other for other in keys if other != key]
        for size in range(len(keys)):
            ways = factorial(size) * factorial(len(keys) - size - 1)
            for chosen in combinations(others, size):
                added = worth_of({*chosen, key}) - worth_of({*chosen})
                values[key] += Fraction(ways * added, factorial(len(keys)))
    return values


@settings(max_examples=50, deadline=None)
@given(paths=random_paths())
def test_a_9_shapley_credits_are_those_of_its_formula_over_all_sets_of_keys(
    paths: list[KeyedPath],
) -> None:
    found = credits_by_model(paths).get("shapley", {})
    conversions = shapley_values(paths, dict.fromkeys(paths, 1))
    cents = shapley_values(paths, {path: path.cents for path in paths})
    converting = {key for path in paths if path.converts for key in path.keys}
    assert found.keys() == converting
    for key in converting:
        assert found[key].credit == pytest.approx(float(conversions[key]), rel=0, abs=1e-12)
        assert abs(found[key].cents - cents[key]) < 1
        assert found[key].removal_effect is None
    assert all(value == 0 for key, value in conversions.items() if key not in converting)


@settings(max_examples=50, deadline=None)
@given(paths=random_paths())
def test_a_9_credits_and_cents_of_each_model_add_up(paths: list[KeyedPath]) -> None:
    found = credits_by_model(paths)
    converting = [path for path in paths if path.converts]
    if not converting:
        assert found == {}
        return
    assert found.keys() == {"markov_1", "markov_2", "markov_3", "shapley"}
    for of_model in found.values():
        whole = sum(credit.credit for credit in of_model.values())
        assert whole == pytest.approx(len(converting), rel=1e-12)
        cents = sum(credit.cents for credit in of_model.values())
        assert cents == sum(path.cents for path in converting)


@pytest.mark.parametrize("order", ORDERS)
@settings(max_examples=40, deadline=None)
@given(paths=random_paths())
def test_a_9_a_markov_credit_is_the_share_of_the_removal_effect(
    order: int, paths: list[KeyedPath]
) -> None:
    found = credits_by_model(paths).get(f"markov_{order}", {})
    effects = removal_effects(transitions_of(paths, order), order)
    assert {key: credit.removal_effect for key, credit in found.items()} == pytest.approx(
        {key: effect for key, effect in effects.items() if effect}, rel=1e-9
    )
    converting = [path for path in paths if path.converts]
    cents = sum(path.cents for path in converting)
    for key, credit in found.items():
        share = effects[key] / sum(effects.values())
        assert credit.credit == pytest.approx(len(converting) * share, rel=1e-9)
        assert abs(credit.cents - cents * share) < 1 + 1e-9


def test_a_9_a_key_of_paths_that_never_convert_has_no_row() -> None:
    found = credits_by_model([KeyedPath(("a", "b"), True, 100), KeyedPath(("a", "c"), False)])
    assert found.keys() == {"markov_1", "markov_2", "markov_3", "shapley"}
    assert all(of_model.keys() == {"a", "b"} for of_model in found.values())


@pytest.mark.parametrize(
    ("total", "expected"),
    [(100, [34, 33, 33]), (-100, [-33, -33, -34]), (2, [1, 1, 0]), (-1, [0, 0, -1]), (0, [0] * 3)],
)
def test_a_9_cents_that_no_key_has_more_right_to_go_by_key(total: int, expected: list[int]) -> None:
    found = credits_by_model([KeyedPath(("c", "b", "a"), True, total)])
    for of_model in found.values():
        assert [of_model[key].cents for key in "abc"] == expected


def test_a_9_keys_of_one_effect_have_it_whatever_rounding_leaves_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noisy = {"a": 0.25 - 3e-13, "b": 0.25 + 4e-13, "c": 0.25, "d": 0.0, "e": 5e-11}
    monkeypatch.setattr(data_driven, "removal_effects", lambda transitions, order: noisy)
    start = Transition((), "a", is_conversion=False, times=1)
    found = credits_of([(1, start)], [KeySet("a", 1, conversions=1, cents=10_000)])
    assert [(c.key, c.cents) for c in found if c.model == "markov_1"] == [
        ("e", 0),
        ("a", 3334),
        ("c", 3333),
        ("b", 3333),
    ]
    assert len({c.credit for c in found if c.key in ("a", "b", "c") and c.model == "markov_1"}) == 1


def test_a_6_the_largest_remainders_have_the_cents_that_are_left() -> None:
    parts = {"a": Fraction(11, 10), "b": Fraction(26, 10), "c": Fraction(-17, 10)}
    assert whole_cents(parts) == {"a": 1, "b": 3, "c": -2}
    assert whole_cents({key: -part for key, part in parts.items()}) == {"a": -1, "b": -3, "c": 2}


def test_a_6_remainders_that_agree_to_six_decimals_are_equal() -> None:
    little = Fraction(4, 10**8)
    equal = {"a": Fraction(1, 2) - little, "b": Fraction(1, 2) + little}
    assert whole_cents(equal) == {"a": 1, "b": 0}
    more = Fraction(6, 10**7)
    assert whole_cents({"a": Fraction(1, 2) - more, "b": Fraction(1, 2) + more}) == {"a": 0, "b": 1}


def test_a_6_nothing_to_round_stays_as_it_is() -> None:
    assert whole_cents({}) == {}
    assert whole_cents({"a": Fraction(10**20), "b": Fraction(-3)}) == {"a": 10**20, "b": -3}


@settings(max_examples=100, deadline=None)
@given(
    total=st.integers(-(10**15), 10**15),
    weights=st.lists(st.integers(1, 1000), min_size=1, max_size=9),
)
def test_a_6_whole_cents_add_up_to_the_total_and_none_is_a_cent_off(
    total: int, weights: list[int]
) -> None:
    parts = {
        f"key {number}": Fraction(total * weight, sum(weights))
        for number, weight in enumerate(weights)
    }
    found = whole_cents(parts)
    assert sum(found.values()) == total
    assert all(abs(found[key] - part) < 1 for key, part in parts.items())
