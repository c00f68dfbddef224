"""The credit of each key under each data-driven model (A-9), from counted paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from orchestration.data_driven.markov import Transition, removal_effects
from orchestration.data_driven.money import whole_cents

# Removal effects that are so near are the same: of keys that stand in the same places of paths they
# differ by what rounding leaves, and cents must not go by that.
SAME_EFFECT = 1e-10


@dataclass(frozen=True)
class KeySet:
    """So many converting paths have a key, and as many distinct keys as `keys`.

    cents: of the amounts of these paths.
    """

    key: str
    keys: int
    conversions: int
    cents: int


@dataclass(frozen=True)
class Credit:
    """What a key gets of all conversions, and of their amounts in cents, under a model."""

    key: str
    model: str
    credit: float
    cents: int
    removal_effect: float | None


def credits_of(
    transitions: Iterable[tuple[int, Transition]], key_sets: Sequence[KeySet]
) -> list[Credit]:
    """The credits of one dimension's keys, under `markov_1`, `markov_2`, … and `shapley`.

    Args:
        transitions: each with the order of its chain.
        key_sets: of the converting paths; empty where no path converts.

    """
    by_order: dict[int, list[Transition]] = {}
    for order, transition in transitions:
        by_order.setdefault(order, []).append(transition)
    conversions, cents = _shapley(key_sets)
    found = [
        credit
        for order, of_order in sorted(by_order.items())
        for credit in _markov(
            of_order, order, sum(conversions.values(), Fraction()), sum(cents.values(), Fraction())
        )
    ]
    whole = whole_cents(cents)
    return found + [
        Credit(key, "shapley", float(credit), whole[key], None)
        for key, credit in conversions.items()
    ]


def _markov(
    transitions: Iterable[Transition], order: int, conversions: Fraction, cents: Fraction
) -> Iterable[Credit]:
    """Of all conversions and cents as much as the key's removal effect is of the sum of all."""
    effects = _levelled(removal_effects(transitions, order))
    total = sum((Fraction(effect) for effect in effects.values()), Fraction())
    shares = {key: Fraction(effect) / total for key, effect in effects.items()}
    whole = whole_cents({key: cents * share for key, share in shares.items()})
    for key, share in shares.items():
        yield Credit(key, f"markov_{order}", float(conversions * share), whole[key], effects[key])


def _levelled(effects: Mapping[str, float]) -> dict[str, float]:
    """The effects above 0, those that are the same being equal."""
    levelled: dict[str, float] = {}
    level = 0.0
    for key in sorted(effects, key=lambda key: (effects[key], key)):
        if not level or effects[key] - level > SAME_EFFECT:
            level = effects[key]
        if level:
            levelled[key] = level
    return levelled


def _shapley(key_sets: Iterable[KeySet]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """The Shapley value of each key, in conversions and in cents.

    A set of keys is worth the paths whose keys all lie in it: so each path's worth is split equally
    over its distinct keys.
    """
    conversions: dict[str, Fraction] = {}
    cents: dict[str, Fraction] = {}
    for found in key_sets:
        part = Fraction(1, found.keys)
        conversions[found.key] = conversions.get(found.key, 0) + found.conversions * part
        cents[found.key] = cents.get(found.key, 0) + found.cents * part
    return conversions, cents
