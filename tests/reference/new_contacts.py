"""Campaigns of sessions (S-3..S-7) and of new contacts (N)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from .events import CONVERSIONS, Event
from .identity import Identity
from .sessions import Session
from .touches import Touches
from .urls import has_click_identifier

Row = dict[str, Any]


def session_rules(session: Session, touches: Touches) -> dict[str, set[str]]:
    """S-3..S-7: for each campaign that a session counts for the rules that hold."""
    rules: dict[str, set[str]] = defaultdict(set)
    if session.is_excluded:
        return rules
    for view in session.page_views:
        for campaign_id in touches.by_utm_visit(view):
            rules[campaign_id].add("S-3")
        if touches.is_page(view):
            for campaign_id in touches.by_asset(view):
                rules[campaign_id].add("S-4")
    for campaign_id in touches.by_keyword(session.entry):
        rules[campaign_id].add("S-5")
    return rules


def first_page_views(events: list[Event]) -> dict[str, Event]:
    """The first page view ever of each contact, ties by event id."""
    first: dict[str, Event] = {}
    for event in events:
        if event.event_type == "page_viewed" and event.contact is not None:
            first.setdefault(event.contact, event)
    return first


def conversion_event(
    conversions: list[Event], created_at: datetime, grace: timedelta
) -> Event | None:
    """N-4: the conversion nearest to a contact's creation, within the grace before or after;
    of two as near the earlier, then the smaller event id."""
    near = [event for event in conversions if abs(event.at - created_at) <= grace]
    return min(near, key=lambda event: (abs(event.at - created_at), event.order), default=None)


class NewContacts:
    """First and last touch of new contacts: sets of (campaign, contact)."""

    def __init__(
        self,
        events: list[Event],
        sessions: list[Session],
        identity: Identity,
        touches: Touches,
        workflow_emails: Collection[str],
        grace: timedelta,
    ) -> None:
        self.first_view = first_page_views(events)
        conversions: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.event_type in CONVERSIONS and event.contact is not None:
                conversions[event.contact].append(event)
        self.conversion: dict[str, Event] = {}
        for contact, created_at in identity.created_at.items():
            nearest = conversion_event(conversions.get(contact, []), created_at, grace)
            if nearest is not None:
                self.conversion[contact] = nearest

        def decides(event: Event, created_at: datetime) -> bool:
            """N: what an event must be to decide: no click identifier, not after the creation
            plus grace."""
            return event.at <= created_at + grace and not has_click_identifier(
                event.params, workflow_emails
            )

        self.first_touch: set[tuple[str, str]] = set()
        self.last_touch: set[tuple[str, str]] = set()
        for contact, created_at in identity.created_at.items():
            if identity.rows[contact]["is_deleted"]:
                continue  # T-9
            view = self.first_view.get(contact)
            if view is not None and decides(view, created_at):
                for campaign_id in self._of_first_view(view, touches):
                    self.first_touch.add((campaign_id, contact))
            conversion = self.conversion.get(contact)
            if conversion is None:
                continue
            if decides(conversion, created_at):  # N-4
                utm = conversion.params.get("utm_campaign")
                for campaign_id in touches.by_utm_value(utm, conversion.at):
                    self.last_touch.add((campaign_id, contact))
            for event in self._up_to_conversion(conversion, sessions):  # N-5
                if event.contact == contact and decides(event, created_at):
                    is_submission = (
                        event.event_type == "form_submitted" and touches.asset_type(event) == "form"
                    )
                    if is_submission or touches.is_page(event):
                        for campaign_id in touches.by_asset(event):
                            self.last_touch.add((campaign_id, contact))

    @staticmethod
    def _of_first_view(view: Event, touches: Touches) -> set[str]:
        """N-1..N-3: the campaigns for which a contact's first page view decides."""
        by_page = touches.by_asset(view) if touches.is_page(view) else set()
        return touches.by_utm_visit(view) | by_page | touches.by_keyword(view)

    @staticmethod
    def _up_to_conversion(conversion: Event, sessions: list[Session]) -> list[Event]:
        """N-5: the events of the conversion's session at or before it, itself included."""
        if conversion.session is None:
            return [conversion]
        return [e for e in sessions[conversion.session].events if e.at <= conversion.at]
