"""What counts for a campaign, and since when (T): the association-time filter."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .events import PAGE_TYPES, Event
from .urls import fold, referral_keyword, url_params
from .values import words

Row = dict[str, Any]

ASSET_URL_TYPES = words("qr_code_scanned affiliate_link_clicked")
UTM_VISIT_TYPES = ASSET_URL_TYPES | {"page_viewed"}


@dataclass(frozen=True)
class Association:
    """One interval ``[start, end)`` of an asset in a campaign; an end of None means still."""

    campaign_id: str
    asset_id: str
    start: datetime
    end: datetime | None
    is_refused: bool = False

    def holds(self, at: datetime) -> bool:
        """T-1: whether the asset was associated at an instant."""
        return self.start <= at and (self.end is None or at < self.end)

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it held for some length of time between two instants."""
        return max(self.start, start) < (end if self.end is None else min(self.end, end))


def refused_posts(
    associations: Iterable[Association], social_posts: set[str], limit: int
) -> set[tuple[str, str]]:
    """T-7: (campaign, post) of the posts beyond a campaign's limit, in order of first
    association, then asset id."""
    first: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in associations:
        if row.asset_id in social_posts:
            posts = first[row.campaign_id]
            posts[row.asset_id] = min(posts.get(row.asset_id, row.start), row.start)
    refused: set[tuple[str, str]] = set()
    for campaign_id, posts in first.items():
        in_order = sorted(posts, key=lambda asset_id: (posts[asset_id], asset_id))
        refused.update((campaign_id, asset_id) for asset_id in in_order[limit:])
    return refused


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two ends, where None means still."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def end_by_others(rows: list[Association]) -> list[Association]:
    """T-3: one asset's associations, each ended where another campaign takes the asset.

    Args:
        rows: all associations of one asset that may belong to one campaign at a time.
    """
    in_order = sorted(rows, key=lambda row: (row.start, row.campaign_id))
    ended = []
    taken_at: datetime | None = None  # when the next other campaign takes the asset
    following: Association | None = None
    for row in reversed(in_order):
        if following is not None and following.campaign_id != row.campaign_id:
            taken_at = following.start
        ended.append(replace(row, end=_earliest(row.end, taken_at)))
        following = row
    return ended[::-1]


def unite(rows: list[Association]) -> list[Association]:
    """T-3: the intervals of one asset in one campaign, united where they overlap."""
    united: list[Association] = []
    for row in sorted(rows, key=lambda row: row.start):
        last = united[-1] if united else None
        if last is not None and (last.end is None or row.start < last.end):
            later = None if last.end is None or row.end is None else max(last.end, row.end)
            united[-1] = replace(last, end=later)
        else:
            united.append(row)
    return united


def runs(rows: list[Association]) -> list[list[Association]]:
    """T-3: one asset's associations, in order, cut where another campaign takes the asset.

    A campaign that takes the asset again while it holds it changes nothing, so what one campaign
    does in a row is united before the next one ends it.
    """
    in_order = sorted(rows, key=lambda row: (row.start, row.campaign_id))
    found: list[list[Association]] = []
    for row in in_order:
        if found and found[-1][-1].campaign_id == row.campaign_id:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def association_intervals(
    rows: list[Association], asset_types: dict[str, str], social_post_limit: int
) -> list[Association]:
    """T-3, T-7: all intervals of all assets, refused ones too (these as they came)."""
    social_posts = {asset for asset, kind in asset_types.items() if kind == "social_post"}
    refused = refused_posts(rows, social_posts, social_post_limit)
    by_asset: dict[str, list[Association]] = defaultdict(list)
    result = []
    for row in rows:
        if (row.campaign_id, row.asset_id) in refused:
            result.append(replace(row, is_refused=True))
        else:
            by_asset[row.asset_id].append(row)
    for asset_id, asset_rows in by_asset.items():
        if asset_types.get(asset_id) == "workflow":
            by_campaign: dict[str, list[Association]] = defaultdict(list)
            for row in asset_rows:
                by_campaign[row.campaign_id].append(row)
            for campaign_rows in by_campaign.values():
                result.extend(unite(campaign_rows))
        else:
            united = [row for run in runs(asset_rows) for row in unite(run)]
            result.extend(end_by_others(united))
    return result


class Touches:
    """For which campaigns an event counts, by asset, utm value or keyword."""

    def __init__(
        self, tables: dict[str, list[Row]], assets: dict[str, Row], social_post_limit: int
    ) -> None:
        self.assets = assets
        self.campaigns: dict[str, Row] = {
            row["campaign_id"]: row for row in tables["campaigns"] if not row["is_deleted"]
        }
        asset_types = {asset_id: row["asset_type"] for asset_id, row in assets.items()}
        known_campaigns = {row["campaign_id"] for row in tables["campaigns"]}
        rows = [
            Association(
                row["campaign_id"], row["asset_id"], row["associated_at"], row["removed_at"]
            )
            for row in tables["campaign_assets"]
            # an association with a campaign or asset that has no row yet waits for it
            if row["campaign_id"] in known_campaigns and row["asset_id"] in assets
        ]
        intervals = association_intervals(rows, asset_types, social_post_limit)
        # T-9: a deleted campaign's associations end others, and then are in no mart
        self.associations = [
            interval for interval in intervals if interval.campaign_id in self.campaigns
        ]
        self._ever_held: dict[str, list[Association]] = defaultdict(list)
        for interval in intervals:
            if not interval.is_refused:
                self._ever_held[interval.asset_id].append(interval)
        self._by_asset: dict[str, list[Association]] = defaultdict(list)
        for interval in self.associations:
            if not interval.is_refused:
                self._by_asset[interval.asset_id].append(interval)
        self._by_utm: dict[str, list[Row]] = defaultdict(list)
        for row in self.campaigns.values():
            utm = fold(row["utm_campaign"] or "")
            if utm:
                self._by_utm[utm].append(row)
        self._by_keyword: dict[str, list[Association]] = defaultdict(list)
        for row in tables["campaign_keywords"]:
            keyword = fold(row["keyword"])
            if keyword and row["campaign_id"] in self.campaigns:
                self._by_keyword[keyword].append(
                    Association(
                        row["campaign_id"], keyword, row["associated_at"], row["removed_at"]
                    )
                )

    def asset_type(self, event: Event) -> str | None:
        """Type of the asset that an event is of."""
        return None if event.asset is None else self.assets[event.asset]["asset_type"]

    def is_page(self, event: Event) -> bool:
        """Whether an event is a view of a page asset (S-11)."""
        return event.event_type == "page_viewed" and self.asset_type(event) in PAGE_TYPES

    def holders(self, asset_id: str | None, at: datetime) -> set[str]:
        """T-1: the campaigns with which an asset was associated at an instant."""
        if asset_id is None:
            return set()
        return {row.campaign_id for row in self._by_asset.get(asset_id, ()) if row.holds(at)}

    def current_campaigns(self, asset_id: str) -> set[str]:
        """The campaigns with which an asset is associated without an end."""
        return {row.campaign_id for row in self._by_asset.get(asset_id, ()) if row.end is None}

    def last_holder(self, asset_id: str, start: datetime, end: datetime) -> str | None:
        """K-6: the campaign that held an asset last between two instants; None where that is a
        deleted one, or none did."""
        held = [row for row in self._ever_held.get(asset_id, ()) if row.meets(start, end)]
        last = max(held, key=lambda row: (row.start, row.campaign_id), default=None)
        return last.campaign_id if last and last.campaign_id in self.campaigns else None

    def keyword_campaigns(self, keyword: str, start: datetime, end: datetime) -> set[str]:
        """The campaigns with which a keyword was associated for some time between two instants."""
        intervals = self._by_keyword.get(fold(keyword), ())
        return {row.campaign_id for row in intervals if row.meets(start, end)}

    def by_asset(self, event: Event) -> set[str]:
        """T-1: the campaigns for which an event counts by its asset."""
        return self.holders(event.asset, event.at)

    def by_utm_value(self, utm_campaign: str | None, at: datetime) -> set[str]:
        """T-2: the campaigns with a utm value, created at or before an instant."""
        if utm_campaign is None:
            return set()
        return {
            row["campaign_id"]
            for row in self._by_utm.get(utm_campaign, ())
            if row["created_at"] <= at
        }

    def url_of(self, event: Event) -> str | None:
        """T-2: an event's URL; a scanned code's or clicked link's is its asset's if it has none."""
        if event.url is None and event.event_type in ASSET_URL_TYPES and event.asset is not None:
            url: str | None = self.assets[event.asset]["url"]
            return url
        return event.url

    def by_utm_visit(self, event: Event) -> set[str]:
        """T-2: the campaigns of which an event is a utm visit."""
        if event.event_type not in UTM_VISIT_TYPES:
            return set()
        return self.by_utm_value(url_params(self.url_of(event)).get("utm_campaign"), event.at)

    def by_keyword(self, view: Event) -> set[str]:
        """S-5: the campaigns associated with a page view's referral keyword at its moment."""
        keyword = referral_keyword(view.referrer, view.params)
        if keyword is None:
            return set()
        return {row.campaign_id for row in self._by_keyword.get(keyword, ()) if row.holds(view.at)}

    def counts_for(self, event: Event) -> set[str]:
        """A-7: the campaigns for which an interaction counts, by asset or utm visit."""
        return self.by_asset(event) | self.by_utm_visit(event)
