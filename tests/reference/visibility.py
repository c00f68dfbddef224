"""Why an asset is hidden from its campaign (T-8)."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from .dates import Calendar
from .events import Event
from .touches import Association, Touches
from .urls import page_key, url_params

Row = dict[str, Any]


class Visits:
    """Which assets were visited, and when last."""

    def __init__(self, events: list[Event]) -> None:
        self._named_by: set[str] = set()
        self._last_named: dict[str, datetime] = {}
        self._views_of: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.named_asset_id is not None and event.event_type in (
                "page_viewed",
                "ad_interaction",
            ):
                self._named_by.add(event.named_asset_id)
            if event.event_type == "page_viewed":
                if event.named_asset_id is not None:
                    self._last_named[event.named_asset_id] = event.at
                key = page_key(event.url)
                if key is not None:
                    self._views_of[key].append(event)
        self._last: dict[str, datetime | None] = {}

    def ever(self, asset_id: str) -> bool:
        """Whether a page view or an ad interaction ever named an asset."""
        return asset_id in self._named_by

    def last_of_tracking_url(self, asset: Row) -> datetime | None:
        """The last page view that names a tracking URL, or has its host, path and utm values."""
        asset_id = asset["asset_id"]
        if asset_id not in self._last:
            last = self._last_named.get(asset_id)
            utm = {
                name: value
                for name, value in url_params(asset["url"]).items()
                if name.startswith("utm_")
            }
            for view in self._views_of.get(page_key(asset["url"]) or "", ()):
                if all(view.params.get(name) == value for name, value in utm.items()):
                    last = view.at if last is None else max(last, view.at)
            self._last[asset_id] = last
        return self._last[asset_id]


def reasons_hidden(
    interval: Association, asset: Row, campaign: Row, visits: Visits, calendar: Calendar
) -> list[str]:
    """T-8: the sorted reasons that hide an asset from its campaign; none: visible."""
    reasons = []
    kind = asset["asset_type"]
    if kind == "social_post" and asset["published_at"] is None:
        reasons.append("social_post_not_published")
    if kind == "paid_search_campaign" and not visits.ever(asset["asset_id"]):
        reasons.append("paid_search_not_visited")
    if kind == "tracking_url":
        last = visits.last_of_tracking_url(asset)
        if last is None or last < campaign["created_at"]:
            reasons.append("tracking_url_not_visited_since_campaign_creation")
    if asset["published_at"] is not None:
        published_on = calendar.date_of(asset["published_at"])
        start, end = campaign["start_date"], campaign["end_date"]
        if (start is not None and published_on < start) or (end is not None and published_on > end):
            reasons.append("published_outside_campaign_dates")
    if interval.is_refused:
        reasons.append("social_post_limit_reached")
    if interval.end is not None:
        reasons.append("association_ended")
    return sorted(reasons)


def asset_visibility(events: list[Event], touches: Touches, calendar: Calendar) -> list[Row]:
    """One row per interval of an asset in a campaign, refused ones too."""
    visits = Visits(events)
    rows = []
    for interval in touches.associations:
        reasons = reasons_hidden(
            interval,
            touches.assets[interval.asset_id],
            touches.campaigns[interval.campaign_id],
            visits,
            calendar,
        )
        rows.append(
            {
                "campaign_id": interval.campaign_id,
                "asset_id": interval.asset_id,
                "associated_at": interval.start,
                "ended_at": interval.end,
                "is_visible": not reasons,
                "reasons": reasons,
            }
        )
    return rows
