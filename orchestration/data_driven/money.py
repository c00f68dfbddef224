"""Whole cents of exact parts of an amount (A-6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction


def whole_cents(parts: Mapping[str, Fraction]) -> dict[str, int]:
    """Round parts that add up to whole cents to whole cents, by largest remainders.

    Floors are towards minus infinity; remainders compare after rounding to six decimals of a cent,
    and of equal ones the lesser key's comes first.
    """
    cents = {key: math.floor(part) for key, part in parts.items()}
    millionths = {
        key: math.floor((part - cents[key]) * 1_000_000 + Fraction(1, 2))
        for key, part in parts.items()
    }
    left = int(sum(parts.values())) - sum(cents.values())
    for key in sorted(parts, key=lambda key: (-millionths[key], key))[:left]:
        cents[key] += 1
    return cents
