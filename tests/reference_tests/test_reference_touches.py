from __future__ import annotations

from datetime import datetime

from tests.reference.touches import (
    Association,
    association_intervals,
    end_by_others,
    refused_posts,
    unite,
)


def _at(hour: int) -> datetime:
    return datetime(2025, 1, 1, hour)


def _row(campaign: str, start: int, end: int | None = None, asset: str = "a") -> Association:
    return Association(campaign, asset, _at(start), None if end is None else _at(end))


def test_t3_another_campaign_ends_the_association() -> None:
    rows = [_row("B", 5), _row("A", 1)]
    assert end_by_others(rows) == [_row("A", 1, 5), _row("B", 5)]


def test_t3_it_ends_it_even_for_no_length_of_time() -> None:
    rows = [_row("A", 1), _row("B", 5, 5)]
    assert end_by_others(rows) == [_row("A", 1, 5), _row("B", 5, 5)]


def test_t3_an_earlier_removal_stays() -> None:
    rows = [_row("A", 1, 3), _row("B", 5)]
    assert end_by_others(rows) == [_row("A", 1, 3), _row("B", 5)]


def test_t3_at_one_instant_the_greater_campaign_id_holds_the_asset() -> None:
    rows = [_row("A", 1), _row("C", 5), _row("B", 5)]
    assert end_by_others(rows) == [_row("A", 1, 5), _row("B", 5, 5), _row("C", 5)]


def test_t3_the_holder_again_does_not_end_it() -> None:
    rows = [_row("A", 1), _row("A", 3, 8), _row("B", 6)]
    assert end_by_others(rows) == [_row("A", 1, 6), _row("A", 3, 6), _row("B", 6)]


def test_t3_intervals_are_united_where_they_overlap() -> None:
    assert unite([_row("A", 1, 5), _row("A", 3, 8)]) == [_row("A", 1, 8)]
    assert unite([_row("A", 1, 9), _row("A", 3, 4)]) == [_row("A", 1, 9)]
    assert unite([_row("A", 1), _row("A", 3, 4)]) == [_row("A", 1)]
    assert unite([_row("A", 1, 4), _row("A", 3)]) == [_row("A", 1)]
    assert unite([_row("A", 1, 3), _row("A", 3, 5)]) == [_row("A", 1, 3), _row("A", 3, 5)]


def test_t4_returning_to_a_campaign_opens_a_new_interval() -> None:
    rows = [_row("A", 1), _row("B", 3, 4), _row("A", 6)]
    intervals = association_intervals(rows, {"a": "form"}, 10)
    assert intervals == [_row("A", 1, 3), _row("B", 3, 4), _row("A", 6)]
    assert [intervals[0].holds(_at(hour)) for hour in (0, 1, 2, 3)] == [False, True, True, False]


def test_t3_a_workflow_belongs_to_several_at_once() -> None:
    rows = [_row("A", 1), _row("B", 3)]
    assert association_intervals(rows, {"a": "workflow"}, 10) == rows


def test_t7_posts_beyond_the_limit_are_refused_and_end_nothing() -> None:
    rows = [
        _row("A", 1, asset="p1"),
        _row("A", 2, asset="p3"),
        _row("B", 1, asset="p2"),
        _row("A", 2, asset="p2"),
        _row("A", 9, asset="p3"),
        _row("A", 0, asset="page"),
    ]
    posts = {"p1", "p2", "p3"}
    assert refused_posts(rows, posts, 2) == {("A", "p3")}
    assert refused_posts(rows, posts, 1) == {("A", "p2"), ("A", "p3")}
    types = dict.fromkeys(posts, "social_post")
    held = association_intervals(rows, types, 1)
    assert [row for row in held if row.asset_id == "p2"] == [
        Association("A", "p2", _at(2), None, is_refused=True),
        _row("B", 1, asset="p2"),
    ]
