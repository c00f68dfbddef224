from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from tests.reference.events import Event
from tests.reference.sessions import Session, build_sessions, session_id, split_page_views
from tests.reference.urls import url_params

START = datetime(2025, 1, 1, 23, 50)
LIMIT = timedelta(minutes=30)


def _event(
    event_id: str, seconds: float, event_type: str = "page_viewed", url: str = "https://a.example/"
) -> Event:
    return Event(
        event_id=event_id,
        event_type=event_type,
        at=START + timedelta(seconds=seconds),
        visitor_id="v",
        contact=None,
        asset=None,
        named_asset_id=None,
        url=url,
        referrer=None,
        device_type=None,
        browser=None,
        country=None,
        properties={},
        params=url_params(url),
    )


def _sessions(*events: Event, split: bool = False) -> list[Session]:
    ordered = sorted(events, key=lambda event: event.order)
    return build_sessions(ordered, LIMIT, split, set())


def test_s1_exactly_the_limit_starts_a_new_session_and_midnight_does_not() -> None:
    views = [_event("1", 0), _event("2", 1799.999999), _event("3", 3599.999999)]
    runs = split_page_views(views, LIMIT, False)
    assert [[view.event_id for view in run] for run in runs] == [["1", "2"], ["3"]]


def test_s2_a_new_source_splits_only_where_asked_and_never_where_direct() -> None:
    tagged = "https://a.example/?utm_campaign=x"
    views = [_event("1", 0), _event("2", 1, url=tagged), _event("3", 2, url=tagged), _event("4", 3)]
    assert len(split_page_views(views, LIMIT, False)) == 1
    runs = split_page_views(views, LIMIT, True)
    assert [[view.event_id for view in run] for run in runs] == [["1"], ["2", "3", "4"]]


def test_s12_other_events_belong_to_the_latest_page_view_within_the_limit() -> None:
    before = _event("1", -1, "cta_viewed")
    view = _event("2", 0)
    inside = _event("3", 1799, "unheard_of")
    outside = _event("4", 1800, "cta_viewed")
    (session,) = _sessions(before, view, inside, outside)
    assert session.events == [view, inside]
    assert session.ended_at == START
    assert [event.session for event in (before, view, inside, outside)] == [None, 0, 0, None]


def test_s12_a_session_is_engaged_by_ten_seconds_two_views_or_a_conversion() -> None:
    def is_engaged(*events: Event) -> bool:
        (session,) = _sessions(_event("1", 0), *events)
        return session.is_engaged

    assert not is_engaged()
    assert not is_engaged(_event("2", 9.999999, "cta_viewed"))
    assert is_engaged(_event("2", 10, "unheard_of"))
    assert is_engaged(_event("2", 0))
    assert is_engaged(_event("2", 0, "form_submitted"))


def test_session_ids_name_the_entry_where_two_start_at_once() -> None:
    tagged = "https://a.example/?utm_campaign=x"
    first, second = _sessions(_event("1", 0), _event("2", 0, url=tagged), split=True)
    text = "v|2025-01-01T23:50:00.000000Z"
    assert first.session_id == hashlib.sha256(text.encode()).hexdigest()
    assert second.session_id == hashlib.sha256(f"{text}|2".encode()).hexdigest()
    assert session_id("v", START, None) == first.session_id
