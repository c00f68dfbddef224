"""Who was influenced by what, and first when (I)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .events import PAGE_TYPES, Event
from .touches import Touches

Row = dict[str, Any]

UTM = "utm_campaign"
KEYWORD = "referral_keyword"

# rule: (event types, asset types); an event of these types on an associated asset of these types
BY_ASSET = {
    1: (frozenset({"social_post_interacted"}), frozenset({"social_post"})),
    2: (frozenset({"form_submitted"}), frozenset({"form"})),
    3: (frozenset({"email_opened", "email_clicked"}), frozenset({"marketing_email"})),
    4: (frozenset({"workflow_enrolled"}), frozenset({"workflow"})),
    5: (frozenset({"list_member_added"}), frozenset({"static_list"})),
    6: (frozenset({"marketing_event_attended"}), frozenset({"marketing_event"})),
    8: (frozenset({"page_viewed"}), PAGE_TYPES),
    10: (frozenset({"cta_viewed", "cta_clicked"}), frozenset({"cta_legacy"})),
}


@dataclass(eq=False)
class Pair:
    """I-16: what one asset (or utm, or keyword) did to one contact for one campaign."""

    asset_type: str
    asset_id: str | None
    first: tuple[datetime, str] | None = None  # time, event id
    last: datetime | None = None
    event_ids: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Influenced:
    """What influenced one contact for one campaign; ``first`` is (time, rule number, event id,
    asset id)."""

    first: tuple[datetime, int, str, str]
    first_event: tuple[datetime, str]
    last_at: datetime
    pairs: dict[tuple[str, str | None], Pair] = field(default_factory=dict)

    @property
    def first_at(self) -> datetime:
        """The instant since which the contact is influenced."""
        return self.first[0]


Influences = dict[tuple[str, str], Influenced]


def _add(
    influences: Influences,
    campaign_id: str,
    rule: int,
    event: Event,
    asset_type: str,
    asset_id: str | None,
) -> None:
    """Note that an event influenced its contact for a campaign under a rule."""
    assert event.contact is not None
    key = (campaign_id, event.contact)
    first = (event.at, rule, event.event_id, asset_id or "")
    found = influences.get(key)
    if found is None:
        found = influences[key] = Influenced(first, event.order, event.at)
    found.first = min(found.first, first)
    found.first_event = min(found.first_event, event.order)
    found.last_at = max(found.last_at, event.at)
    pair = found.pairs.setdefault((asset_type, asset_id), Pair(asset_type, asset_id))
    pair.first = event.order if pair.first is None else min(pair.first, event.order)
    pair.last = event.at if pair.last is None else max(pair.last, event.at)
    pair.event_ids.add(event.event_id)


def cta_with_form(influences: Influences, events: list[Event], touches: Touches) -> None:
    """I-12: a CTA that contains a form influences at the submission of that form at or after a
    view of the CTA by the same contact, both while the CTA was associated."""
    ctas_of_form: dict[str, list[str]] = defaultdict(list)
    for asset_id, row in touches.assets.items():
        if row["asset_type"] == "cta" and row["form_id"] is not None:
            ctas_of_form[row["form_id"]].append(asset_id)
    first_view: dict[tuple[str, str, str], datetime] = {}  # campaign, contact, CTA
    for event in events:
        if event.event_type == "cta_viewed" and event.contact is not None:
            for campaign_id in touches.by_asset(event):
                first_view.setdefault((campaign_id, event.contact, event.asset or ""), event.at)
    for event in events:
        if event.event_type == "form_submitted" and event.contact is not None:
            for cta in ctas_of_form.get(event.named_asset_id or "", ()):
                for campaign_id in touches.holders(cta, event.at):
                    viewed_at = first_view.get((campaign_id, event.contact, cta))
                    if viewed_at is not None and viewed_at <= event.at:
                        _add(influences, campaign_id, 12, event, "cta", cta)


def find_influences(
    events: list[Event], first_view: dict[str, Event], touches: Touches
) -> Influences:
    """I-1..I-14: all influences by (campaign, contact)."""
    influences: Influences = {}
    for event in events:
        if event.contact is None:
            continue
        asset_type = touches.asset_type(event)
        if event.asset is not None and asset_type is not None:
            rules = [
                rule
                for rule, (event_types, asset_types) in BY_ASSET.items()
                if event.event_type in event_types and asset_type in asset_types
            ]
            if (
                event.event_type == "cta_viewed"
                and asset_type == "cta"
                and touches.assets[event.asset]["form_id"] is None
            ):
                rules.append(11)
            for rule in rules:
                for campaign_id in touches.by_asset(event):
                    _add(influences, campaign_id, rule, event, asset_type, event.asset)
        for campaign_id in touches.by_utm_visit(event):
            _add(influences, campaign_id, 7, event, UTM, None)
    for view in first_view.values():
        for campaign_id in touches.by_keyword(view):
            _add(influences, campaign_id, 9, view, KEYWORD, None)
    cta_with_form(influences, events, touches)
    return influences
