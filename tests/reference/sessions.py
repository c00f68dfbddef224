"""Page views to sessions (S-1, S-2, S-12, S-13)."""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .events import CONVERSIONS, Event
from .urls import entry_channel, has_click_identifier


@dataclass(eq=False)
class Session:
    """One session: its page views in order, and every event that is in it (S-12)."""

    session_id: str
    visitor_id: str
    page_views: list[Event]
    channel: str
    is_excluded: bool
    events: list[Event] = field(default_factory=list)

    @property
    def entry(self) -> Event:
        """The entry page view."""
        return self.page_views[0]

    @property
    def started_at(self) -> datetime:
        """When it began: its first page view."""
        return self.page_views[0].at

    @property
    def ended_at(self) -> datetime:
        """S-12: a session ends at its last page view."""
        return self.page_views[-1].at

    @property
    def is_engaged(self) -> bool:
        """S-12: 10 seconds to the last event of any type, two page views, or a conversion."""
        last = max(event.at for event in self.events)
        return (
            last - self.started_at >= timedelta(seconds=10)
            or len(self.page_views) >= 2
            or any(event.event_type in CONVERSIONS for event in self.events)
        )


def split_page_views(
    views: list[Event], inactivity: timedelta, split_on_new_source: bool
) -> list[list[Event]]:
    """S-1, S-2: one visitor's page views, in order of time and event id, as runs."""
    runs: list[list[Event]] = []
    for view in views:
        starts = not runs or view.at - runs[-1][-1].at >= inactivity
        if not starts and split_on_new_source:
            channel = entry_channel(view.url, view.referrer)
            entry = runs[-1][0]
            if channel != "direct":
                source = (entry_channel(entry.url, entry.referrer), entry.utm)
                starts = (channel, view.utm) != source
        if starts:
            runs.append([view])
        else:
            runs[-1].append(view)
    return runs


def session_id(visitor_id: str, started_at: datetime, entry_event_id: str | None) -> str:
    """SHA-256 of visitor and start (and of the entry page view, where two start at once)."""
    text = f"{visitor_id}|{started_at.isoformat(timespec='microseconds')}Z"
    if entry_event_id is not None:
        text += f"|{entry_event_id}"
    return hashlib.sha256(text.encode()).hexdigest()


def build_sessions(
    events: list[Event],
    inactivity: timedelta,
    split_on_new_source: bool,
    workflow_emails: Collection[str],
) -> list[Session]:
    """All sessions; sets ``session`` on the events that are in one (S-12)."""
    by_visitor: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.visitor_id is not None:
            by_visitor[event.visitor_id].append(event)

    sessions: list[Session] = []
    for visitor_id, visitor_events in by_visitor.items():
        views = [event for event in visitor_events if event.event_type == "page_viewed"]
        previous_start = None
        for run in split_page_views(views, inactivity, split_on_new_source):
            entry = run[0]
            starts_again = split_on_new_source and previous_start == entry.at
            previous_start = entry.at
            for view in run:
                view.session = len(sessions)
            sessions.append(
                Session(
                    session_id=session_id(
                        visitor_id, entry.at, entry.event_id if starts_again else None
                    ),
                    visitor_id=visitor_id,
                    page_views=run,
                    channel=entry_channel(entry.url, entry.referrer),
                    is_excluded=has_click_identifier(entry.params, workflow_emails),
                )
            )
        view_times = [view.at for view in views]
        for event in visitor_events:
            if event.event_type != "page_viewed":
                latest = bisect_right(view_times, event.at) - 1
                if latest >= 0 and event.at - view_times[latest] < inactivity:
                    event.session = views[latest].session
            if event.session is not None:
                sessions[event.session].events.append(event)
    return sessions
