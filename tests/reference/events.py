"""The events that count: exclusion (ID-7), persons (ID), page assets (S-11)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .identity import Identity
from .urls import UTM_NAMES, fold, page_key, url_params
from .values import text_of, words

Row = dict[str, Any]

PAGE_TYPES = words("website_page landing_page blog_post blog_listing knowledge_article")
CONVERSIONS = words("form_submitted purchase_completed account_registered")
EXCLUDED_USER_AGENTS = ("bot", "crawler", "spider", "headlesschrome")

EVENT_TYPES = words(
    "ad_interaction call_started call_ended cta_viewed cta_clicked deal_stage_entered "
    "document_shared document_viewed document_finished form_viewed form_popup_viewed "
    "form_interacted form_submitted email_sent email_delivered email_opened email_clicked "
    "email_bounced email_reported_spam email_subscription_updated email_forwarded "
    "marketing_event_registered marketing_event_attended marketing_event_cancelled media_played "
    "meeting_booked meeting_outcome_changed message_sent message_delivered message_opened "
    "message_failed payment_initiated payment_succeeded payment_failed payment_refund_started "
    "payment_refund_completed payment_refund_failed sales_email_sent sales_email_opened "
    "sales_email_clicked sales_email_replied sequence_enrolled sequence_step_executed "
    "sequence_meeting_booked sequence_email_bounced sequence_email_unsubscribed "
    "sequence_unenrolled sequence_manually_unenrolled sequence_errored sequence_finished sms_sent "
    "sms_delivered sms_clicked sms_dropped sms_failed page_viewed workflow_enrolled "
    "list_member_added social_post_interacted qr_code_scanned affiliate_link_clicked pixel_fired "
    "account_registered purchase_completed subscription_started cart_updated cart_abandoned "
    "app_opened app_closed feature_used page_clicked page_scrolled page_error survey_responded"
)
# D-6, the revenue interactions of the event catalogue; of social_post_interacted clicks only
REVENUE_TYPES = words(
    "ad_interaction cta_viewed cta_clicked form_submitted email_clicked "
    "marketing_event_registered marketing_event_attended page_viewed"
)
CLICK_TYPES = words("email_clicked cta_clicked sms_clicked affiliate_link_clicked")


@dataclass(slots=True, eq=False)
class Event:
    """One event that counts.

    ``contact`` is the surviving contact with a row (None: anonymous or waiting); ``asset`` the
    known asset that the event is of; ``params`` the parameters of its own URL; ``session`` the
    position of its session in the list of sessions (None: in no session); ``named_contact`` the
    contact that its id stands for after all merges, with a row or without; ``page_of_url`` the
    page asset at its URL (S-11), whatever its type and whatever asset it names.
    """

    event_id: str
    event_type: str
    at: datetime
    visitor_id: str | None
    contact: str | None
    asset: str | None
    named_asset_id: str | None
    url: str | None
    referrer: str | None
    device_type: str | None
    browser: str | None
    country: str | None
    properties: Row
    params: dict[str, str] = field(default_factory=dict)
    session: int | None = None
    region: str | None = None
    user_id: str | None = None
    deal_id: str | None = None
    city: str | None = None
    named_contact: str | None = None
    page_of_url: str | None = None

    @property
    def order(self) -> tuple[datetime, str]:
        """Time, ties by event id."""
        return (self.at, self.event_id)

    def property_text(self, name: str) -> str | None:
        """A property as text; empty text is a missing value."""
        value = self.properties.get(name)
        return None if value is None or value == "" else text_of(value)

    @property
    def is_click(self) -> bool:
        """Whether it is one of the *clicks* of an asset (the event catalogue)."""
        if self.event_type == "social_post_interacted":
            return self.property_text("interaction") == "click"
        return self.event_type in CLICK_TYPES

    @property
    def is_revenue_interaction(self) -> bool:
        """D-6: whether its type is a revenue interaction."""
        if self.event_type == "social_post_interacted":
            return self.property_text("interaction") == "click"
        return self.event_type in REVENUE_TYPES

    @property
    def utm(self) -> tuple[str | None, ...]:
        """The five utm values of its URL (S-9)."""
        return tuple(self.params.get(name) for name in UTM_NAMES)


def exclusion_entries(row: Row, excluded_visitors: Collection[str]) -> list[tuple[str, str]]:
    """ID-7: the (list, entry) pairs that exclude an event."""
    agent = (row["user_agent"] or "").lower()
    entries = [("user_agent", entry) for entry in EXCLUDED_USER_AGENTS if entry in agent]
    if row["visitor_id"] in excluded_visitors:
        entries.append(("visitor", row["visitor_id"]))
    return entries


def pages_by_url(assets: dict[str, Row]) -> dict[str, str]:
    """S-11: the page asset of each URL, of several the smallest id."""
    pages: dict[str, str] = {}
    for asset_id in sorted(assets, reverse=True):
        key = page_key(assets[asset_id]["url"])
        if key is not None and assets[asset_id]["asset_type"] in PAGE_TYPES:
            pages[key] = asset_id
    return pages


def counting_events(
    rows: list[Row],
    assets: dict[str, Row],
    identity: Identity,
    excluded_visitors: Collection[str],
) -> tuple[list[Event], dict[tuple[str, str], int]]:
    """The events left after ID-7 in order of time and id, and how many each entry removed."""
    removed = {("user_agent", entry): 0 for entry in EXCLUDED_USER_AGENTS}
    removed |= {("visitor", entry): 0 for entry in excluded_visitors}
    pages = pages_by_url(assets)
    events = []
    for row in rows:
        entries = exclusion_entries(row, excluded_visitors)
        if entries:
            for entry in entries:
                removed[entry] += 1
            continue
        asset_id = row["asset_id"]
        page = pages.get(page_key(row["url"]) or "")
        if asset_id is None and row["event_type"] == "page_viewed":
            asset = page
        else:
            asset = asset_id if asset_id in assets else None
        events.append(
            Event(
                event_id=row["event_id"],
                event_type=row["event_type"],
                at=row["occurred_at"],
                visitor_id=row["visitor_id"],
                contact=identity.person(row["contact_id"], row["visitor_id"], row["occurred_at"]),
                asset=asset,
                named_asset_id=asset_id,
                url=row["url"],
                referrer=row["referrer"],
                device_type=row["device_type"],
                browser=row["browser"],
                country=row["ip_country"],
                properties=row["properties"] or {},
                params=url_params(row["url"]),
                region=row["ip_region"],
                user_id=row["user_id"],
                deal_id=row["deal_id"],
                city=row["ip_city"],
                named_contact=row["contact_id"] and identity.survivor(row["contact_id"]),
                page_of_url=page,
            )
        )
    events.sort(key=lambda event: event.order)
    return events, removed


def workflow_email_ids(events: list[Event]) -> set[str]:
    """S-7: folded asset ids of the emails that a workflow sent."""
    return {
        fold(event.named_asset_id)
        for event in events
        if event.event_type == "email_sent"
        and event.named_asset_id is not None
        and event.property_text("workflow_id") is not None
    }
