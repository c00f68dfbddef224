from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.reference.deals import Rates, Stages, largest_remainder, state_of_deal

STAGES = Stages(
    [
        {"pipeline_id": "p", "stage_id": "open", "is_won": False, "is_closed": False},
        {"pipeline_id": "p", "stage_id": "won", "is_won": True, "is_closed": True},
        {"pipeline_id": "p", "stage_id": "lost", "is_won": False, "is_closed": True},
        {"pipeline_id": "q", "stage_id": "open", "is_won": True, "is_closed": True},
    ]
)


def _at(hour: int) -> datetime:
    return datetime(2025, 1, 1, hour)


def _deal(stage: str | None, closed: int | None = None, pipeline: str | None = "p") -> Any:
    closed_at = None if closed is None else _at(closed)
    return {"stage_id": stage, "pipeline_id": pipeline, "closed_at": closed_at}


def _entry(stage: str, hour: int, pipeline: str | None = None) -> Any:
    return {"stage_id": stage, "pipeline_id": pipeline, "entered_at": _at(hour)}


@pytest.mark.parametrize(
    ("cents", "shares", "expected"),
    [
        (100, [Fraction(1, 3)] * 3, [34, 33, 33]),
        (-100, [Fraction(1, 3)] * 3, [-33, -33, -34]),
        (5, [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)], [3, 1, 1]),
        (10, [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)], [3, 5, 2]),
        (1, [Fraction(1, 5), Fraction(4, 5)], [0, 1]),
        (-1, [Fraction(1, 5), Fraction(4, 5)], [0, -1]),
        (0, [Fraction(1, 2)] * 2, [0, 0]),
        (7, [Fraction(1)], [7]),
    ],
)
def test_a6_largest_remainders_get_the_cents_left_over(
    cents: int, shares: list[Fraction], expected: list[int]
) -> None:
    assert largest_remainder(cents, shares) == expected
    assert sum(expected) == cents


def test_a6_remainders_compare_after_rounding_to_six_decimals_of_a_cent() -> None:
    tiny = Fraction(1, 10**8)
    shares = [Fraction(1, 2) - tiny, Fraction(1, 2) + tiny]
    assert largest_remainder(1, shares) == [1, 0]


def test_d1_a_stage_in_an_unlisted_pipeline_is_found_where_only_one_has_it() -> None:
    won = STAGES.find("p", "won")
    assert won is not None
    assert won["is_won"]
    assert STAGES.find(None, "won") is won
    assert STAGES.find("unlisted", "won") is won
    assert STAGES.find("q", "won") is None
    assert STAGES.find(None, "open") is None


@pytest.mark.parametrize(
    ("deal", "history", "expected"),
    [
        (_deal("won", 5), [], ("won", True, _at(5))),
        (_deal("won"), [], ("won", True, None)),
        (_deal("won"), [_entry("won", 3)], ("won", True, _at(3))),
        (_deal("won"), [_entry("won", 3), _entry("won", 7)], ("won", True, _at(7))),
        (_deal("won", 2), [_entry("won", 3), _entry("won", 7)], ("won", True, _at(2))),
        (_deal("won"), [_entry("won", 3), _entry("open", 7)], ("won", False, None)),
        (_deal("open", 5), [_entry("won", 3)], ("open", False, None)),
        (_deal(None), [_entry("open", 3), _entry("won", 3)], ("won", True, _at(3))),
        (_deal(None), [], (None, False, None)),
        (_deal("lost", 9), [], ("lost", False, _at(9))),
        (_deal("lost"), [_entry("won", 3), _entry("lost", 4)], ("lost", False, _at(4))),
        (_deal(None, None, None), [_entry("open", 3, "q")], ("open", True, _at(3))),
        (_deal("unheard", 5), [], ("unheard", False, None)),
    ],
)
def test_d1_a_deal_is_won_by_its_stage_and_its_latest_entry(
    deal: Any, history: list[Any], expected: tuple[str | None, bool, datetime | None]
) -> None:
    assert state_of_deal(deal, history, STAGES) == expected


def test_d8_amounts_convert_at_the_rate_of_the_date() -> None:
    rates = Rates(
        [
            {"currency": "USD", "valid_from": date(2025, 1, 1), "rate": Decimal("0.9")},
            {"currency": "USD", "valid_from": date(2025, 2, 1), "rate": Decimal("0.815")},
        ],
        "EUR",
    )
    assert rates.convert(Decimal("1.50"), "USD", date(2025, 1, 31)) == Decimal("1.35")
    assert rates.convert(Decimal("1.00"), "USD", date(2025, 2, 1)) == Decimal("0.82")
    assert rates.convert(Decimal("-1.00"), "USD", None) == Decimal("-0.82")
    assert rates.convert(Decimal("1.00"), "USD", date(2024, 12, 31)) is None
    assert rates.convert(Decimal("1.00"), None, None) == Decimal("1.00")
    assert rates.convert(Decimal("1.00"), "EUR", None) == Decimal("1.00")
    assert rates.convert(Decimal("1.00"), "GBP", None) is None
    assert rates.convert(None, "USD", None) is None
