"""The comparison of two marts sees every difference but that of floats in their last digits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.agreement.compare import differences


def lines(wanted: Any, found: Any) -> list[str]:
    return differences([{"id": "a", "x": wanted}], [{"id": "a", "x": found}], ["id"], "mart")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (1 / 3, 1 / 3 + 9e-10),
        (0.0, 9e-10),
        (1e6, 1e6 + 9e-4),
        (None, None),
        (Decimal("0.10"), Decimal("0.10")),
        (["a"], ["a"]),
        ([{"x": 0.5, "y": None}], [{"x": 0.5 + 9e-11, "y": None}]),
    ],
)
def test_what_agrees(wanted: Any, found: Any) -> None:
    assert lines(wanted, found) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (0.5, 0.5 + 2e-9),
        (0.0, -2e-9),
        (1e6, 1e6 + 2e-3),
        (1.0, 1),
        (1, 1.0),
        (1.0, Decimal(1)),
        (1.0, None),
        (None, 0.0),
        (1.0, True),
        (0.5, float("nan")),
        (Decimal("0.10"), Decimal("0.11")),
        (10**18, 10**18 + 1),
        (datetime(2025, 1, 1), datetime(2025, 1, 1, microsecond=1)),
        (["a", "b"], ["b", "a"]),
        (["a"], ["a", "a"]),
        ([{"x": 0.5}], [{"x": 0.6}]),
        ([{"x": 0.5}], [{"x": None}]),
        ([{"x": None}], [{}]),
        ([{"x": None}], [{"x": None, "y": None}]),
        ([{"x": 1.0}], [{"x": 1}]),
    ],
)
def test_what_differs(wanted: Any, found: Any) -> None:
    assert len(lines(wanted, found)) == 1


def test_rows_that_one_side_lacks_or_has_twice_are_told() -> None:
    row = {"id": "a", "x": 1}
    assert differences([], [], ["id"], "mart") == []
    assert len(differences([row], [], ["id"], "mart")) == 1
    assert len(differences([], [row], ["id"], "mart")) == 1
    assert len(differences([row], [row, row], ["id"], "mart")) == 1
