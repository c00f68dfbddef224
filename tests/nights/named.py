"""Sequences of nights written by hand, each named after what comes late, again or otherwise.

Every sequence has ids of its own, so that all of them are loaded and built together: the n-th night
brings the n-th night of each. In texts `~` stands for the sequence's own prefix, and a value of an
id column gets it by itself.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reference.values import words
from tests.scenarios.contract import COLUMNS

# A table and a row for it; a missing column is an empty one.
TableRow = tuple[str, dict[str, str]]

# What the marts say after a night: a query, and the one value that it gives.
Expected = tuple[str, Any]

_OWN_IDS = words(
    "event_id visitor_id contact_id merged_contact_id deal_id asset_id campaign_id pipeline_id "
    "stage_id form_id"
)

# A campaign takes so many social posts here.
SOCIAL_POST_LIMIT = 2

JOURNEYS: dict[str, Any] = {
    "seen": {
        "include_anonymous": True,
        "stages": [
            {"name": "Seen", "branch_by": "content_type", "steps": [{"event": "page_viewed"}]},
            {"name": "Filled in", "optional": True, "steps": [{"event": "form_submitted"}]},
        ],
    },
    "titled": {
        "stages": [
            {
                "name": "Seen",
                "steps": [{"event": "page_viewed", "where": [["title", "is", "Offer"]]}],
            },
        ],
    },
    "of a campaign": {
        "stages": [
            {
                "name": "Filled in",
                "steps": [{"event": "form_submitted", "where": [["campaign_id", "is known"]]}],
            },
        ],
    },
    "sold": {
        "entity": "deals",
        "stages": [
            {"name": "Opened", "steps": [{"event": "deal_stage_entered"}]},
            {"name": "Filled in", "steps": [{"event": "form_submitted"}]},
        ],
    },
}


@dataclass(frozen=True)
class NamedNight:
    """The rows that come, and what the marts say once they are built."""

    rows: Sequence[TableRow]
    expected: Sequence[Expected]


@dataclass(frozen=True)
class NamedSequence:
    """A sentence that says what happens, and its nights."""

    name: str
    prefix: str
    nights: Sequence[NamedNight]

    def own(self, text: str) -> str:
        """A text with the sequence's prefix in its place."""
        return text.replace("~", self.prefix)


SEQUENCES: list[NamedSequence] = []


def _sequence(name: str, *nights: NamedNight) -> None:
    prefix = re.sub("[^a-z]+", "-", name.lower()).strip("-") + "."
    SEQUENCES.append(NamedSequence(name, prefix, nights))


def _night(*rows: TableRow, expected: Sequence[Expected]) -> NamedNight:
    return NamedNight(rows, expected)


def write_night(number: int, folder: Path) -> None:
    """Write what every sequence brings in a night, from 0, as one CSV per table."""
    tables: dict[str, list[dict[str, str]]] = {}
    for sequence in SEQUENCES:
        for table, row in sequence.nights[number].rows if number < len(sequence.nights) else ():
            own = {
                column: sequence.own(f"~{value}" if column in _OWN_IDS and value else value)
                for column, value in row.items()
            }
            tables.setdefault(table, []).append(own)
    for table, rows in tables.items():
        path = folder / table / f"night-{number + 1}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS[table], restval="")
            writer.writeheader()
            writer.writerows(rows)


# --- rows -----------------------------------------------------------------------------------


def _at(moment: str) -> str:
    """An instant from a day of May and a time of day, as `3 09:30`; empty stays empty."""
    day, _, time = moment.partition(" ")
    return f"2025-05-{int(day):02d}T{time or '00:00'}:00Z" if moment else ""


def _row(table: str, **columns: str) -> TableRow:
    instants = {name: _at(value) for name, value in columns.items() if name.endswith("_at")}
    return table, columns | instants


def _event(kind: str, event_id: str, at: str, **columns: str) -> TableRow:
    return _row("events", event_id=event_id, event_type=kind, occurred_at=at, **columns)


def _view(event_id: str, at: str, visitor: str = "v", **columns: str) -> TableRow:
    return _event("page_viewed", event_id, at, visitor_id=visitor, **columns)


def _submission(event_id: str, at: str, contact: str, **columns: str) -> TableRow:
    values = {"asset_id": "form"} | columns
    return _event("form_submitted", event_id, at, contact_id=contact, **values)


def _contact(contact_id: str, created: str = "1", **columns: str) -> TableRow:
    return _row("contacts", contact_id=contact_id, created_at=created, **columns)


def _identity(visitor: str, contact: str, at: str) -> TableRow:
    return _row("visitor_identities", visitor_id=visitor, contact_id=contact, identified_at=at)


def _merge(merged: str, survivor: str) -> TableRow:
    return _row("contact_merges", merged_contact_id=merged, contact_id=survivor, merged_at="20")


def _campaign(campaign_id: str, created: str = "1", **columns: str) -> TableRow:
    return _row("campaigns", campaign_id=campaign_id, name="C", created_at=created, **columns)


def _asset(asset_id: str, asset_type: str, **columns: str) -> TableRow:
    return _row("assets", asset_id=asset_id, asset_type=asset_type, **columns)


def _holds(campaign: str, asset: str, since: str = "1", until: str = "") -> TableRow:
    return _row(
        "campaign_assets",
        campaign_id=campaign,
        asset_id=asset,
        associated_at=since,
        removed_at=until,
    )


def _keyword(keyword: str, since: str, until: str = "") -> TableRow:
    return _row(
        "campaign_keywords",
        campaign_id="A",
        keyword=keyword,
        associated_at=since,
        removed_at=until,
    )


def _stage(stage_id: str, won: str, **columns: str) -> TableRow:
    return _row(
        "pipeline_stages", pipeline_id="p", stage_id=stage_id, is_won=won, is_closed=won, **columns
    )


def _deal(amount: str = "100", stage: str = "won", closed: str = "9", **columns: str) -> TableRow:
    return _row(
        "deals",
        deal_id="d",
        created_at="2",
        amount=amount,
        pipeline_id="p",
        stage_id=stage,
        closed_at=closed,
        **columns,
    )


def _entry(stage: str, at: str) -> TableRow:
    return _row("deal_stage_history", deal_id="d", stage_id=stage, entered_at=at)


def _on_deal(contact: str, since: str = "2", until: str = "") -> TableRow:
    return _row(
        "deal_contacts", deal_id="d", contact_id=contact, associated_at=since, removed_at=until
    )


# A contact k that submitted a form of campaign A on the 3rd.
_INFLUENCED = (
    _campaign("A"),
    _asset("form", "form"),
    _holds("A", "form"),
    _contact("k"),
    _submission("s", "3", "k"),
)

# … and that was on a deal which was won on the 9th.
_WON = (*_INFLUENCED, _stage("won", "1"), _stage("open", "0"), _deal(), _on_deal("k"))

# --- what is asked --------------------------------------------------------------------------

_SESSIONS = "select count(*) from marts.sessions where visitor_id = '~v'"


def _measure(name: str, campaign: str = "A") -> str:
    return f"select {name} from marts.campaigns where campaign_id = '~{campaign}'"


def _influenced(campaign: str = "A") -> str:
    """The contacts that a campaign influenced, in order, without their prefix."""
    return (
        "select coalesce(string_agg(replace(contact_id, '~', ''), ' ' order by contact_id), '') "
        "from marts.campaign_contacts "
        f"where campaign_id = '~{campaign}' and first_influenced_at is not null"
    )


def _of_deal(column: str) -> str:
    return f"select {column}::varchar from marts.deals where deal_id = '~d'"


def _of_asset(column: str, asset: str) -> str:
    return f"select {column} from marts.assets where asset_id = '~{asset}'"


# --- sessions -------------------------------------------------------------------------------

_sequence(
    "a late view joins two sessions",
    _night(_view("1", "1 09:00"), _view("2", "1 09:40"), expected=[(_SESSIONS, 2)]),
    _night(
        _view("3", "1 09:20"),
        expected=[
            (_SESSIONS, 1),
            ("select page_views from marts.sessions where visitor_id = '~v'", 3),
        ],
    ),
)

_sequence(
    "a late view extends a session to both sides and splits nothing",
    _night(
        _view("1", "1 09:00"),
        expected=[
            (
                "select ended_at::varchar from marts.sessions where visitor_id = '~v'",
                "2025-05-01 09:00:00",
            )
        ],
    ),
    _night(
        _view("2", "1 09:20"),
        expected=[
            (_SESSIONS, 1),
            (
                "select ended_at::varchar from marts.sessions where visitor_id = '~v'",
                "2025-05-01 09:20:00",
            ),
        ],
    ),
    _night(
        _view("3", "1 08:45"),
        expected=[
            (_SESSIONS, 1),
            (
                "select started_at::varchar from marts.sessions where visitor_id = '~v'",
                "2025-05-01 08:45:00",
            ),
        ],
    ),
)

_sequence(
    "a late view comes before all others",
    _night(
        _campaign("A", utm_campaign="~a"),
        _campaign("B", utm_campaign="~b"),
        _contact("k", "1 10:00"),
        _identity("v", "k", "1 10:00"),
        _view("1", "1 09:30", url="https://~x.example/?utm_campaign=~b"),
        expected=[
            (_measure("new_contacts_first_touch"), 0),
            (_measure("new_contacts_first_touch", "B"), 1),
        ],
    ),
    _night(
        _view("2", "1 08:00", url="https://~x.example/?utm_campaign=~a"),
        expected=[
            (_measure("new_contacts_first_touch"), 1),
            (_measure("new_contacts_first_touch", "B"), 0),
        ],
    ),
)

_sequence(
    "a duplicate received earlier moves a view to another visitor and time",
    _night(
        _view("1", "1 09:00", received_at="1 10:00"),
        _view("2", "1 09:10"),
        _view("3", "2 09:40", visitor="w"),
        expected=[
            ("select page_views from marts.sessions where visitor_id = '~v'", 2),
            ("select page_views from marts.sessions where visitor_id = '~w'", 1),
        ],
    ),
    _night(
        _view("1", "2 09:50", visitor="w", received_at="1 09:59"),
        expected=[
            ("select page_views from marts.sessions where visitor_id = '~v'", 1),
            ("select page_views from marts.sessions where visitor_id = '~w'", 2),
        ],
    ),
)

_sequence(
    "a duplicate received earlier parts a session",
    _night(
        _view("1", "1 09:00"),
        _view("2", "1 09:20", received_at="1 10:00"),
        _view("3", "1 09:40"),
        expected=[(_SESSIONS, 1)],
    ),
    _night(_view("2", "1 12:00", received_at="1 09:30"), expected=[(_SESSIONS, 3)]),
)

_sequence(
    "a duplicate received earlier turns a visit into a bot's",
    _night(
        _asset("page", "landing_page"),
        _view("1", "1 09:00", asset_id="page", received_at="1 10:00"),
        expected=[(_SESSIONS, 1), (_of_asset("views", "page"), 1)],
    ),
    _night(
        _view("1", "1 09:00", asset_id="page", received_at="1 09:00", user_agent="my crawler"),
        expected=[(_SESSIONS, 0), (_of_asset("views", "page"), 0)],
    ),
)

_sequence(
    "a late event makes a session engaged",
    _night(
        _view("1", "1 09:00"),
        expected=[("select is_engaged from marts.sessions where visitor_id = '~v'", False)],
    ),
    _night(
        _event("page_scrolled", "2", "1 09:01", visitor_id="v"),
        expected=[("select is_engaged from marts.sessions where visitor_id = '~v'", True)],
    ),
)

_sequence(
    "an email turns out to be a workflow's after the visit that names it",
    _night(
        _campaign("A", utm_campaign="~a"),
        _view("1", "2", url="https://~x.example/?utm_campaign=~a&_hsmi=~mail"),
        expected=[(_measure("sessions"), 1)],
    ),
    _night(
        _event(
            "email_sent",
            "2",
            "1",
            contact_id="k",
            asset_id="mail",
            received_at="3",
            properties='{"workflow_id": "w"}',
        ),
        expected=[(_measure("sessions"), 0)],
    ),
    _night(
        _event("email_sent", "2", "1", contact_id="k", asset_id="mail", received_at="2"),
        expected=[(_measure("sessions"), 1)],
    ),
)

_sequence(
    "an event of an unknown type comes late",
    _night(
        _asset("page", "landing_page"),
        _view("1", "1 09:00", asset_id="page"),
        expected=[(_of_asset("interactions", "page"), 1)],
    ),
    _night(
        _event("~unheard-of", "2", "1 08:00", visitor_id="v", asset_id="page"),
        expected=[
            (_of_asset("interactions", "page"), 2),
            ("select count(*) from marts.data_quality_issues where key = '~unheard-of'", 1),
        ],
    ),
)

# --- who did it -----------------------------------------------------------------------------

_VISITED = (_campaign("A"), _asset("page", "landing_page"), _holds("A", "page"))

_sequence(
    "an old visitor is identified",
    _night(
        *_VISITED,
        _contact("k"),
        _view("1", "3", asset_id="page"),
        expected=[(_influenced(), "")],
    ),
    _night(_identity("v", "k", "9"), expected=[(_influenced(), "k")]),
)

_sequence(
    "a second identification takes the later events over",
    _night(
        *_VISITED,
        _contact("k"),
        _contact("m"),
        _identity("v", "k", "1"),
        _view("1", "3", asset_id="page"),
        _view("2", "6", asset_id="page"),
        expected=[(_influenced(), "k"), (_of_asset("contacts", "page"), 1)],
    ),
    _night(
        _identity("v", "m", "5"),
        expected=[(_influenced(), "k m"), (_of_asset("contacts", "page"), 2)],
    ),
    _night(
        _identity("v", "m", "2"),
        expected=[(_influenced(), "m"), (_of_asset("contacts", "page"), 1)],
    ),
)

_sequence(
    "contacts are merged and merged otherwise until the merges close a cycle",
    _night(
        *_INFLUENCED,
        _contact("m", "2"),
        _contact("n", "4"),
        _submission("t", "5", "m"),
        expected=[(_influenced(), "k m")],
    ),
    _night(_merge("m", "k"), expected=[(_influenced(), "k")]),
    _night(_merge("m", "n"), expected=[(_influenced(), "k n")]),
    _night(
        _merge("n", "m"),
        expected=[
            (_influenced(), "k m"),
            (
                "select count(*) from marts.data_quality_issues "
                "where rule = 'merge_cycle' and key like '~%'",
                2,
            ),
        ],
    ),
)

_sequence(
    "a merge brings an earlier creation",
    _night(
        _contact("k", "5"),
        _contact("m", "3"),
        expected=[
            (
                "select created_at::date::varchar from marts.contacts where contact_id = '~k'",
                "2025-05-05",
            )
        ],
    ),
    _night(
        _merge("m", "k"),
        expected=[
            (
                "select created_at::date::varchar from marts.contacts where contact_id = '~k'",
                "2025-05-03",
            ),
            ("select count(*) from marts.contacts where contact_id like '~%'", 1),
        ],
    ),
)

_FIRST_TOUCH = (
    _campaign("A", utm_campaign="~a"),
    _identity("v", "k", "2 10:00"),
    _view("1", "2 09:00", url="https://~x.example/?utm_campaign=~a"),
)

_sequence(
    "a contact's creation is corrected",
    _night(
        *_FIRST_TOUCH,
        _contact("k", "2 10:00", updated_at="2"),
        expected=[(_measure("new_contacts_first_touch"), 1)],
    ),
    _night(
        _contact("k", "2 08:00", updated_at="3"),
        expected=[(_measure("new_contacts_first_touch"), 0)],
    ),
)

_sequence(
    "a contact is deleted",
    _night(
        *_FIRST_TOUCH,
        _contact("k", "2 10:00"),
        expected=[
            (_measure("new_contacts_first_touch"), 1),
            (_measure("influenced_contacts"), 1),
        ],
    ),
    _night(
        _contact("k", "2 10:00", is_deleted="true"),
        expected=[
            (_measure("new_contacts_first_touch"), 0),
            (_measure("influenced_contacts"), 1),
        ],
    ),
)

_sequence(
    "a contact is erased",
    _night(
        *_WON,
        _identity("v", "k", "2"),
        _view("1", "2"),
        expected=[(_influenced(), "k"), (_SESSIONS, 1), (_measure("closed_deals"), 1)],
    ),
    _night(
        _row("contact_erasures", contact_id="k", requested_at="20"),
        expected=[
            (_influenced(), ""),
            (_measure("influenced_contacts"), 1),
            (_SESSIONS, 0),
            ("select count(*) from marts.contacts where contact_id = '~k'", 0),
            ("select contact_id from marts.campaign_deals where deal_id = '~d'", None),
        ],
    ),
)

_sequence(
    "a contact's row comes after its events",
    _night(
        *(row for row in _WON if row[0] != "contacts"),
        expected=[(_influenced(), ""), (_measure("closed_deals"), 0)],
    ),
    _night(_contact("k"), expected=[(_influenced(), "k"), (_measure("closed_deals"), 1)]),
)

# --- associations ---------------------------------------------------------------------------

_sequence(
    "an asset is associated, moved and returned",
    _night(
        _campaign("A"),
        _campaign("B"),
        _asset("form", "form"),
        *(_contact(f"k{day}") for day in "1357"),
        *(_submission(f"s{day}", f"{day} 12:00", f"k{day}") for day in "1357"),
        expected=[(_influenced(), ""), (_influenced("B"), "")],
    ),
    _night(_holds("A", "form", "2"), expected=[(_influenced(), "k3 k5 k7")]),
    _night(_holds("B", "form", "4"), expected=[(_influenced(), "k3"), (_influenced("B"), "k5 k7")]),
    _night(_holds("A", "form", "6"), expected=[(_influenced(), "k3 k7"), (_influenced("B"), "k5")]),
)

_sequence(
    "an association ends and has not ended after all",
    _night(*_INFLUENCED, expected=[(_influenced(), "k")]),
    _night(_holds("A", "form", "1", "2"), expected=[(_influenced(), "")]),
    _night(_holds("A", "form", "1"), expected=[(_influenced(), "k")]),
)

_KEYWORD_SESSIONS = "select count(*) from marts.campaign_sessions where campaign_id = '~A'"

_sequence(
    "a keyword is associated and its association ends",
    _night(
        _campaign("A"),
        _view("1", "3", referrer="https://www.google.com/search?q=~crm"),
        expected=[(_KEYWORD_SESSIONS, 0)],
    ),
    _night(_keyword("~crm", "2"), expected=[(_KEYWORD_SESSIONS, 1)]),
    _night(_keyword("~crm", "2", "3"), expected=[(_KEYWORD_SESSIONS, 0)]),
)

_sequence(
    "an asset's row comes after its events and associations",
    _night(*(row for row in _INFLUENCED if row[0] != "assets"), expected=[(_influenced(), "")]),
    _night(_asset("form", "form"), expected=[(_influenced(), "k")]),
)

_sequence(
    "an asset turns out to be of another type",
    _night(*_INFLUENCED, expected=[(_influenced(), "k")]),
    _night(_asset("form", "survey"), expected=[(_influenced(), "")]),
)

_sequence(
    "a page moves to another address",
    _night(
        _asset("page", "landing_page", url="https://~x.example/a", updated_at="1"),
        _view("1", "2", url="https://~x.example/a"),
        _view("2", "3", url="https://~x.example/b"),
        _view("3", "4", url="https://www.~x.example/b/"),
        expected=[(_of_asset("views", "page"), 1)],
    ),
    _night(
        _asset("page", "landing_page", url="https://~x.example/b", updated_at="2"),
        expected=[(_of_asset("views", "page"), 2)],
    ),
)

_sequence(
    "another page of the same address has a smaller id",
    _night(
        _asset("page2", "landing_page", url="https://~x.example/a"),
        _view("1", "2", url="https://~x.example/a"),
        expected=[(_of_asset("views", "page2"), 1)],
    ),
    _night(
        _asset("page1", "blog_post", url="https://~x.example/a"),
        expected=[(_of_asset("views", "page2"), 0), (_of_asset("views", "page1"), 1)],
    ),
)

_RULE = "select first_influence_rule from marts.campaign_contacts where contact_id = '~k'"

_sequence(
    "a CTA contains another form and then none",
    _night(
        _campaign("A"),
        _contact("k"),
        _asset("form", "form"),
        _asset("cta", "cta", form_id="form", updated_at="1"),
        _holds("A", "cta"),
        _event("cta_viewed", "1", "3 09:00", contact_id="k", asset_id="cta"),
        _submission("2", "3 10:00", "k"),
        expected=[(_influenced(), "k"), (_RULE, "I-12")],
    ),
    _night(_asset("cta", "cta", form_id="other", updated_at="2"), expected=[(_influenced(), "")]),
    _night(_asset("cta", "cta", updated_at="3"), expected=[(_influenced(), "k"), (_RULE, "I-11")]),
)

_POST_CLICK = {"properties": '{"interaction": "click"}'}

_sequence(
    "a social post that was associated earlier comes late and refuses another",
    _night(
        _campaign("A"),
        *(_asset(post, "social_post") for post in ("p0", "p1", "p2")),
        *(_contact(f"k{number}") for number in "12"),
        _holds("A", "p1", "2"),
        _holds("A", "p2", "3"),
        *(
            _event(
                "social_post_interacted",
                number,
                "5",
                contact_id=f"k{number}",
                asset_id=f"p{number}",
                **_POST_CLICK,
            )
            for number in "12"
        ),
        expected=[(_influenced(), "k1 k2")],
    ),
    _night(_holds("A", "p0", "1"), expected=[(_influenced(), "k1")]),
)

_sequence(
    "a tracking URL is visited late",
    _night(
        _campaign("A"),
        _asset("link", "tracking_url", url="https://~x.example/?utm_source=news"),
        _holds("A", "link"),
        expected=[
            ("select is_visible from marts.asset_visibility where asset_id = '~link'", False)
        ],
    ),
    _night(
        _view("1", "3", url="https://~x.example/?utm_source=news"),
        expected=[("select is_visible from marts.asset_visibility where asset_id = '~link'", True)],
    ),
)

_sequence(
    "an asset's publication is corrected",
    _night(
        _campaign("A", start_date="2025-05-01", end_date="2025-05-09"),
        _asset("page", "landing_page", published_at="10", updated_at="1"),
        _holds("A", "page"),
        expected=[
            ("select is_visible from marts.asset_visibility where asset_id = '~page'", False)
        ],
    ),
    _night(
        _asset("page", "landing_page", published_at="9", updated_at="2"),
        expected=[("select is_visible from marts.asset_visibility where asset_id = '~page'", True)],
    ),
)

# --- campaigns ------------------------------------------------------------------------------

_sequence(
    "a campaign is deleted and comes back",
    _night(*_WON, _campaign("B"), expected=[(_influenced(), "k"), (_of_deal("campaigns"), "1")]),
    _night(
        _campaign("A", is_deleted="true"),
        expected=[(_influenced(), ""), (_of_deal("campaigns"), "0")],
    ),
    _night(_campaign("A"), expected=[(_influenced(), "k"), (_of_deal("campaigns"), "1")]),
)

_UTM_VIEWS = (
    _view("1", "2", visitor="u", url="https://~x.example/?utm_campaign=~a"),
    _view("2", "3", visitor="v", url="https://~x.example/?utm_campaign=~b"),
    _view("3", "4", visitor="w", url="https://~x.example/?utm_campaign=~b"),
)

_sequence(
    "a campaign gets another utm value",
    _night(
        *_UTM_VIEWS,
        _campaign("A", utm_campaign="~a", updated_at="1"),
        expected=[(_measure("sessions"), 1)],
    ),
    _night(_campaign("A", utm_campaign="~B", updated_at="2"), expected=[(_measure("sessions"), 2)]),
)

_sequence(
    "a campaign's creation moves",
    _night(
        *_UTM_VIEWS,
        _campaign("A", "4", utm_campaign="~b", updated_at="1"),
        expected=[(_measure("sessions"), 1)],
    ),
    _night(
        _campaign("A", "3", utm_campaign="~b", updated_at="2"),
        expected=[(_measure("sessions"), 2)],
    ),
)

_sequence(
    "a campaign's row comes after its associations",
    _night(
        *(row for row in _WON if row[0] != "campaigns"),
        expected=[("select count(*) from marts.asset_visibility where asset_id = '~form'", 0)],
    ),
    _night(
        _campaign("A"),
        expected=[(_influenced(), "k"), (_measure("revenue::varchar"), "100.00")],
    ),
)

# --- deals ----------------------------------------------------------------------------------

_sequence(
    "a late influence comes before a deal's close",
    _night(*(row for row in _WON if row[0] != "events"), expected=[(_measure("closed_deals"), 0)]),
    _night(_submission("s", "3", "k"), expected=[(_measure("closed_deals"), 1)]),
)

_sequence(
    "a late interaction of no campaign shares a deal's revenue",
    _night(*_WON, expected=[(_measure("revenue::varchar"), "100.00")]),
    _night(
        _event("page_viewed", "late", "1 08:00", contact_id="k"),
        expected=[(_measure("revenue::varchar"), "50.00")],
    ),
)

_sequence(
    "a stage entry comes late",
    _night(*_WON, _entry("open", "5"), expected=[(_measure("closed_deals"), 0)]),
    _night(_entry("won", "6"), expected=[(_measure("closed_deals"), 1)]),
    _night(_entry("open", "7"), expected=[(_measure("closed_deals"), 0)]),
)

_sequence(
    "a stage entry gives a deal its close",
    _night(
        *(row for row in _WON if row[0] != "deals"),
        _deal(closed=""),
        expected=[(_of_deal("closed_at"), None)],
    ),
    _night(_entry("won", "6"), expected=[(_of_deal("closed_at"), "2025-05-06 00:00:00")]),
)

_sequence(
    "a deal's amount changes",
    _night(*_WON, expected=[(_measure("revenue::varchar"), "100.00")]),
    _night(
        _deal("250.50"),
        expected=[
            (_measure("revenue::varchar"), "250.50"),
            (_measure("influenced_revenue::varchar"), "250.50"),
        ],
    ),
)

_sequence(
    "a deal is deleted",
    _night(*_WON, expected=[(_measure("closed_deals"), 1)]),
    _night(
        _deal(is_deleted="true"),
        expected=[(_measure("closed_deals"), 0), (_measure("revenue::varchar"), "0.00")],
    ),
)

_sequence(
    "a deal's row comes after its contacts",
    _night(*(row for row in _WON if row[0] != "deals"), expected=[(_measure("closed_deals"), 0)]),
    _night(_deal(), expected=[(_measure("closed_deals"), 1)]),
)

_sequence(
    "a deal closes earlier than was said",
    _night(*_WON, expected=[(_measure("closed_deals"), 1)]),
    _night(_deal(closed="2"), expected=[(_measure("closed_deals"), 0)]),
)

_sequence(
    "a stage is won no more",
    _night(*_WON, expected=[(_of_deal("is_closed_won"), "true")]),
    _night(
        _stage("won", "0"),
        expected=[(_of_deal("is_closed_won"), "false"), (_measure("closed_deals"), 0)],
    ),
)

_sequence(
    "a stage is listed late",
    _night(
        *(row for row in _WON if row[0] != "pipeline_stages"),
        expected=[(_measure("closed_deals"), 0)],
    ),
    _night(_stage("won", "1"), expected=[(_measure("closed_deals"), 1)]),
)

_sequence(
    "an exchange rate comes late and is corrected",
    _night(
        *(row for row in _WON if row[0] != "deals"),
        _deal(currency="~X"),
        expected=[(_of_deal("amount"), None), (_measure("revenue::varchar"), "0.00")],
    ),
    _night(
        _row("exchange_rates", currency="~X", valid_from="2025-05-01", rate="0.5"),
        expected=[(_of_deal("amount"), "50.00"), (_measure("revenue::varchar"), "50.00")],
    ),
    _night(
        _row("exchange_rates", currency="~X", valid_from="2025-05-09", rate="0.6"),
        expected=[(_of_deal("amount"), "60.00"), (_measure("revenue::varchar"), "60.00")],
    ),
    _night(
        _row("exchange_rates", currency="~X", valid_from="2025-05-09", rate="0.7"),
        expected=[(_of_deal("amount"), "70.00"), (_measure("revenue::varchar"), "70.00")],
    ),
)

_sequence(
    "a contact leaves a deal before its close and has not left after all",
    _night(*_WON, expected=[(_measure("closed_deals"), 1)]),
    _night(_on_deal("k", "2", "8"), expected=[(_measure("closed_deals"), 0)]),
    _night(_on_deal("k", "2", "10"), expected=[(_measure("closed_deals"), 1)]),
)

_sequence(
    "a contact of a deal is merged into another",
    _night(*_WON, _contact("m"), expected=[(_measure("contacts_with_revenue"), 1)]),
    _night(
        _merge("k", "m"),
        expected=[
            ("select contact_id from marts.campaign_deals where deal_id = '~d'", "~m"),
            ("select deals from marts.contacts where contact_id = '~m'", 1),
        ],
    ),
)

# --- attribution ----------------------------------------------------------------------------


def _credited(model: str = "linear") -> str:
    """Who gets how much of the deal: event, campaign, channel and revenue, in order of time."""
    return (
        "select coalesce(string_agg(concat_ws(' ', replace(event_id, '~', ''), "
        "replace(campaign_id, '~', ''), channel, revenue), ', ' "
        "order by occurred_at, event_id, campaign_id), '') "
        f"from marts.deal_attribution where deal_id = '~d' and model = '{model}'"
    )


def _held(event_id: str) -> str:
    """The milestones that an interaction of the deal holds."""
    return (
        "select any_value(array_to_string(milestones, ' ')) from marts.deal_attribution "
        f"where event_id = '~{event_id}' and deal_id = '~d'"
    )


def _created(mart: str) -> str:
    """The interactions with credit for a creation, in order of their ids."""
    return (
        "select coalesce(string_agg(replace(event_id, '~', ''), ' ' order by event_id), '') "
        f"from marts.{mart} where event_id like '~%' and model = 'linear'"
    )


# A deal of the contact k's that was won on the 9th for 100.
_BOUGHT = (_contact("k"), _stage("won", "1"), _stage("open", "0"), _deal(), _on_deal("k"))

_sequence(
    "a code's asset is known after its scan and gets other addresses",
    _night(
        *_BOUGHT,
        _campaign("A", utm_campaign="~a"),
        _campaign("B", utm_campaign="~b"),
        _event("qr_code_scanned", "s", "3", contact_id="k", asset_id="code"),
        expected=[(_credited(), "s no campaign qr 100.00")],
    ),
    _night(
        _asset("code", "qr_code", url="https://~x.example/?utm_campaign=~a&utm_medium=qr"),
        expected=[(_credited(), "s A qr_code 100.00")],
    ),
    _night(
        _asset("code", "qr_code", url="https://~x.example/?utm_campaign=~b&utm_medium=affiliate"),
        expected=[(_credited(), "s B affiliate 100.00")],
    ),
    _night(_asset("code", "qr_code"), expected=[(_credited(), "s no campaign qr 100.00")]),
)

_sequence(
    "late views bring a call into a session and the session another entry",
    _night(
        *_BOUGHT,
        _identity("v", "k", "1"),
        _event("call_ended", "call", "3 10:00", visitor_id="v"),
        expected=[(_credited(), "call no campaign calls 100.00")],
    ),
    _night(
        _view("2", "3 09:45", url="https://~x.example/?utm_medium=email"),
        expected=[(_credited(), "2 no campaign email 50.00, call no campaign email 50.00")],
    ),
    _night(
        _view("1", "3 09:20", url="https://~x.example/?gclid=~", received_at="4"),
        expected=[
            (
                _credited(),
                "1 no campaign paid_search 33.34, 2 no campaign paid_search 33.33, "
                "call no campaign paid_search 33.33",
            )
        ],
    ),
    _night(
        _view("1", "3 09:10", url="https://~x.example/?gclid=~", received_at="3"),
        expected=[
            (
                _credited(),
                "1 no campaign paid_search 33.34, 2 no campaign email 33.33, "
                "call no campaign email 33.33",
            )
        ],
    ),
)

_sequence(
    "the oldest contact of a deal is another one",
    _night(
        *_BOUGHT,
        _contact("m", "4", updated_at="4"),
        _on_deal("m"),
        _submission("1", "1", "m"),
        _submission("2", "1 00:01", "k"),
        _submission("3", "5", "k"),
        expected=[(_held("1"), "first_interaction"), (_held("2"), "lead_creation deal_creation")],
    ),
    _night(
        _contact("k", "6", updated_at="5"),
        expected=[(_held("1"), "first_interaction lead_creation"), (_held("2"), "deal_creation")],
    ),
    _night(
        _on_deal("m", "2", "3"),
        expected=[
            (_held("1"), None),
            (_held("2"), "first_interaction deal_creation"),
            (_held("3"), "lead_creation closed_won"),
        ],
    ),
)

_sequence(
    "a contact comes onto a won deal and leaves it before the close",
    _night(
        *_BOUGHT,
        _contact("m"),
        _submission("1", "3", "k"),
        _submission("2", "4", "m"),
        expected=[(_credited(), "1 no campaign forms 100.00")],
    ),
    _night(
        _on_deal("m"),
        expected=[(_credited(), "1 no campaign forms 50.00, 2 no campaign forms 50.00")],
    ),
    _night(_on_deal("m", "2", "9"), expected=[(_credited(), "1 no campaign forms 100.00")]),
)

_sequence(
    "a contact is merged into one of a won deal and then into another",
    _night(
        *_BOUGHT,
        _contact("m", "3"),
        _contact("n", "3"),
        _submission("1", "3", "k"),
        _submission("2", "4", "m"),
        expected=[(_credited(), "1 no campaign forms 100.00")],
    ),
    _night(
        _merge("m", "k"),
        expected=[(_credited(), "1 no campaign forms 50.00, 2 no campaign forms 50.00")],
    ),
    _night(_merge("m", "n"), expected=[(_credited(), "1 no campaign forms 100.00")]),
)

_CREDITED_CONTACTS = (
    "select count(*) filter (where contact_id is not null) from marts.deal_attribution "
    "where deal_id = '~d'"
)

_sequence(
    "an erased contact's credits stay and name no one",
    _night(
        *_BOUGHT,
        _submission("1", "1", "k"),
        expected=[(_CREDITED_CONTACTS, 9), (_created("contact_attribution"), "1")],
    ),
    _night(
        _row("contact_erasures", contact_id="k", requested_at="20"),
        expected=[
            (_CREDITED_CONTACTS, 0),
            (_credited(), "1 no campaign forms 100.00"),
            (_created("contact_attribution"), ""),
            (_created("deal_create_attribution"), "1"),
        ],
    ),
)

_sequence(
    "an attributed deal gets other amounts and is lost again",
    _night(
        *_BOUGHT,
        _submission("1", "3", "k"),
        _submission("2", "4", "k"),
        expected=[(_credited(), "1 no campaign forms 50.00, 2 no campaign forms 50.00")],
    ),
    _night(
        _deal("-0.01"),
        expected=[(_credited(), "1 no campaign forms 0.00, 2 no campaign forms -0.01")],
    ),
    _night(_deal(""), expected=[(_credited(), "1 no campaign forms, 2 no campaign forms")]),
    _night(_entry("open", "10"), expected=[(_credited(), "")]),
)

_sequence(
    "an interaction counts for campaigns of one utm value of which fewer are left",
    _night(
        *_BOUGHT,
        *(_campaign(name, utm_campaign="~u", updated_at="1") for name in "ABC"),
        _event("page_viewed", "1", "3", contact_id="k", url="https://~x.example/?utm_campaign=~u"),
        expected=[
            (
                _credited(),
                "1 A other_campaign 33.34, 1 B other_campaign 33.33, 1 C other_campaign 33.33",
            )
        ],
    ),
    _night(
        _campaign("B", utm_campaign="~u", is_deleted="true", updated_at="2"),
        expected=[(_credited(), "1 A other_campaign 50.00, 1 C other_campaign 50.00")],
    ),
    _night(
        _campaign("A", "4", utm_campaign="~u", updated_at="2"),
        expected=[(_credited(), "1 C other_campaign 100.00")],
    ),
    _night(
        _campaign("C", utm_campaign="~w", updated_at="2"),
        expected=[(_credited(), "1 no campaign other_campaign 100.00")],
    ),
)

_sequence(
    "the creations of a contact and a deal with interactions move",
    _night(
        *(row for row in _BOUGHT if row[0] != "deals"),
        _row(
            "deals", deal_id="d", created_at="5", pipeline_id="p", stage_id="open", updated_at="1"
        ),
        _submission("1", "1", "k"),
        _submission("2", "2", "k"),
        _submission("3", "6", "k"),
        expected=[
            (_created("contact_attribution"), "1"),
            (_created("deal_create_attribution"), "1 2"),
        ],
    ),
    _night(
        _contact("k", "2", updated_at="2"),
        _row(
            "deals", deal_id="d", created_at="6", pipeline_id="p", stage_id="open", updated_at="2"
        ),
        expected=[
            (_created("contact_attribution"), "1 2"),
            (_created("deal_create_attribution"), "1 2 3"),
        ],
    ),
    _night(
        _contact("k", "2", is_deleted="true", updated_at="3"),
        _row("deals", deal_id="d", created_at="6", is_deleted="true", updated_at="3"),
        expected=[
            (_created("contact_attribution"), ""),
            (_created("deal_create_attribution"), ""),
        ],
    ),
    _night(
        _contact("k", "1", updated_at="4"),
        _row(
            "deals", deal_id="d", created_at="1", pipeline_id="p", stage_id="open", updated_at="4"
        ),
        expected=[
            (_created("contact_attribution"), "1"),
            (_created("deal_create_attribution"), "1"),
        ],
    ),
)

_sequence(
    "a click turns into an open and a view into a bot's",
    _night(
        *_BOUGHT,
        _event("email_clicked", "1", "3", contact_id="k", received_at="5"),
        _event("page_viewed", "2", "4", contact_id="k", received_at="5"),
        expected=[(_credited(), "1 no campaign email 50.00, 2 no campaign web 50.00")],
    ),
    _night(
        _event("email_opened", "1", "3", contact_id="k", received_at="4"),
        expected=[(_credited(), "2 no campaign web 100.00")],
    ),
    _night(
        _event("page_viewed", "2", "4", contact_id="k", received_at="4", user_agent="a crawler"),
        expected=[(_credited(), "")],
    ),
)

_sequence(
    "a visitor of a deal's contact turns out to be another's",
    _night(
        *_BOUGHT,
        _contact("m"),
        _identity("v", "k", "2"),
        _view("1", "3"),
        _view("2", "5"),
        expected=[(_credited(), "1 no campaign direct 50.00, 2 no campaign direct 50.00")],
    ),
    _night(_identity("v", "m", "4"), expected=[(_credited(), "1 no campaign direct 100.00")]),
    _night(_identity("v", "m", "2"), expected=[(_credited(), "")]),
)

_sequence(
    "what an interaction names is a workflow of two campaigns and then a form",
    _night(
        *_BOUGHT,
        _campaign("A"),
        _campaign("B"),
        _holds("A", "form"),
        _holds("B", "form", "2"),
        _submission("1", "3", "k"),
        expected=[(_credited(), "1 no campaign forms 100.00")],
    ),
    _night(
        _asset("form", "workflow", updated_at="1"),
        expected=[(_credited(), "1 A forms 50.00, 1 B forms 50.00")],
    ),
    _night(_asset("form", "form", updated_at="2"), expected=[(_credited(), "1 B forms 100.00")]),
    _night(
        _holds("B", "form", "4"),
        _holds("B", "form", "2", "3"),
        expected=[(_credited(), "1 no campaign forms 100.00")],
    ),
)

_sequence(
    "a deal closes earlier and then later than its interactions",
    _night(
        *_BOUGHT,
        _submission("1", "3", "k"),
        _submission("2", "7", "k"),
        expected=[(_credited(), "1 no campaign forms 50.00, 2 no campaign forms 50.00")],
    ),
    _night(_deal(closed="6"), expected=[(_credited(), "1 no campaign forms 100.00")]),
    _night(_deal(closed="2"), expected=[(_credited(), "")]),
    _night(
        _deal(closed="7"),
        expected=[(_credited(), "1 no campaign forms 50.00, 2 no campaign forms 50.00")],
    ),
)


# --- journeys -------------------------------------------------------------------------------


_OFFER = '{"title": "Offer"}'


def _on_journey(journey: str) -> str:
    """Who is on a journey: kind, entity, stage, event and branch."""
    return (
        "select coalesce(string_agg(concat_ws(' ', entity_type, replace(entity_id, '~', ''), "
        "stage, replace(event_id, '~', ''), branch), ', ' "
        "order by entity_type, entity_id, stage), '') "
        f"from marts.journey_entities where journey = '{journey}' and starts_with(entity_id, '~')"
    )


_sequence(
    "a visitor on a journey turns out to be a contact and then another",
    _night(
        _contact("k"),
        _contact("m"),
        _view("1", "3"),
        expected=[(_on_journey("seen"), "visitor v 1 1")],
    ),
    _night(
        _identity("v", "k", "4"),
        _submission("2", "5", "m"),
        expected=[(_on_journey("seen"), "contact k 1 1")],
    ),
    _night(
        _identity("v", "m", "2"),
        expected=[(_on_journey("seen"), "contact m 1 1, contact m 2 2")],
    ),
    _night(
        _row("contact_erasures", contact_id="m", requested_at="9"),
        expected=[(_on_journey("seen"), "")],
    ),
)

_sequence(
    "an event of a journey was received before with another title",
    _night(
        _contact("k"),
        _event("page_viewed", "1", "3", contact_id="k", received_at="8", properties=_OFFER),
        expected=[(_on_journey("titled"), "contact k 1 1")],
    ),
    _night(
        _event("page_viewed", "1", "3", contact_id="k", received_at="7", properties="{}"),
        expected=[(_on_journey("titled"), "")],
    ),
    _night(
        _event("page_viewed", "1", "3", contact_id="k", received_at="6", properties=_OFFER),
        expected=[(_on_journey("titled"), "contact k 1 1")],
    ),
)

_sequence(
    "a page of a journey becomes a post",
    _night(
        _contact("k"),
        _event("page_viewed", "1", "3", contact_id="k", asset_id="page"),
        expected=[(_on_journey("seen"), "contact k 1 1")],
    ),
    _night(
        _asset("page", "landing_page", updated_at="1"),
        expected=[(_on_journey("seen"), "contact k 1 1 landing_page")],
    ),
    _night(
        _asset("page", "blog_post", updated_at="2"),
        expected=[(_on_journey("seen"), "contact k 1 1 blog_post")],
    ),
)

_sequence(
    "a form of a journey belongs to a campaign and then did not yet",
    _night(
        _contact("k"),
        _campaign("A"),
        _asset("form", "form"),
        _submission("1", "3", "k"),
        expected=[(_on_journey("of a campaign"), "")],
    ),
    _night(
        _holds("A", "form", "2"),
        expected=[(_on_journey("of a campaign"), "contact k 1 1")],
    ),
    _night(_holds("A", "form", "2", "3"), expected=[(_on_journey("of a campaign"), "")]),
)

_OPENED = "deal d 1 d:open:2025-05-03T00:00:00.000000Z"

_sequence(
    "a deal on a journey gets its contact late and loses it before its close",
    _night(
        _contact("k"),
        _stage("won", "1"),
        _stage("open", "0"),
        _deal(),
        _row("deal_stage_history", deal_id="d", stage_id="open", entered_at="3"),
        _row("deal_stage_history", deal_id="d", stage_id="won", entered_at="9"),
        _submission("1", "4", "k"),
        expected=[(_on_journey("sold"), _OPENED)],
    ),
    _night(_on_deal("k"), expected=[(_on_journey("sold"), f"{_OPENED}, deal d 2 1")]),
    _night(_on_deal("k", until="5"), expected=[(_on_journey("sold"), _OPENED)]),
    _night(
        _deal(closed="4 12:00", updated_at="5"),
        expected=[(_on_journey("sold"), f"{_OPENED}, deal d 2 1")],
    ),
    _night(
        _deal(is_deleted="true", updated_at="6"),
        expected=[(_on_journey("sold"), "")],
    ),
)


# --- channels and KPIs ----------------------------------------------------------------------


def _rows_of(mart: str, columns: str, where: str) -> str:
    """What stands in columns of a mart, row by row, without the sequence's prefix."""
    told = [f"replace({column}::varchar, '~', '')" for column in columns.split()]
    return (
        f"select coalesce(string_agg(concat_ws(' ', {', '.join(told)}), ', ' "
        f"order by {', '.join(told)}), '') from marts.{mart} where {where}"
    )


def _kpi(name: str, campaign: str = "A") -> str:
    """A KPI of a campaign on the days of May on which it is neither 0 nor none."""
    return (
        "select coalesce(string_agg(concat_ws(' ', strftime(date, '%d'), value), ', ' "
        "order by date), '') from marts.kpi_daily "
        f"where campaign_id = '~{campaign}' and kpi = '{name}' and value != 0"
    )


def _ad(cost: str, placement: str = "search", currency: str = "") -> TableRow:
    return _row(
        "ad_stats",
        asset_id="ad",
        network="google",
        stat_date="2025-05-03",
        placement=placement,
        clicks="4",
        cost=cost,
        currency=currency,
    )


_ADS = _rows_of("ad_performance", "campaign_id placement cost cpc", "asset_id = '~ad'")

_sequence(
    "an ad's figures are corrected and the ad was another campaign's at the end of the day",
    _night(
        _campaign("A"),
        _campaign("B"),
        _asset("ad", "ad_campaign"),
        _holds("A", "ad"),
        _ad("50"),
        _ad("1", placement=""),
        expected=[(_ADS, "A search 50.00 12.5000, A 1.00 0.2500"), (_kpi("spend"), "03 51.0")],
    ),
    _night(
        _ad("41", currency="~x"),
        _ad("3", placement=""),
        expected=[(_ADS, "A search 0.00 0.0000, A 3.00 0.7500"), (_kpi("spend"), "03 3.0")],
    ),
    _night(
        _row("exchange_rates", currency="~x", valid_from="2025-05-01", rate="0.5"),
        expected=[(_kpi("spend"), "03 23.5")],
    ),
    _night(
        _row("exchange_rates", currency="~x", valid_from="2025-05-03", rate="2"),
        _holds("B", "ad", "3 23:59"),
        expected=[
            (_measure("spend::varchar"), "0.00"),
            (_measure("ad_cost::varchar", "B"), "85.00"),
            (_kpi("cpc", "B"), "03 10.625"),
        ],
    ),
    _night(
        _campaign("B", is_deleted="true", updated_at="9"),
        expected=[
            (_ADS, "no campaign search 82.00 20.5000, no campaign 3.00 0.7500"),
            (_kpi("spend"), ""),
            (_kpi("spend", "B"), ""),
        ],
    ),
)


def _expense(amount: str, campaign: str, day: str) -> TableRow:
    return _row(
        "campaign_spend",
        spend_id="~s",
        spent_on=f"2025-05-{day}",
        amount=amount,
        campaign_id=campaign,
    )


def _target(target: str, since: str, until: str) -> TableRow:
    return _row(
        "kpi_targets",
        campaign_id="A",
        kpi="spend",
        period_start=f"2025-05-{since}",
        period_end=f"2025-05-{until}",
        target=target,
    )


_TARGETED = _rows_of("kpi_daily", "date value target", "campaign_id = '~A' and kpi = 'spend'")

_sequence(
    "an expense moves to another day and campaign and is nobody's in the end",
    _night(
        _campaign("A"),
        _campaign("B"),
        _expense("10", "A", "03"),
        _target("100", "01", "31"),
        expected=[(_TARGETED, "2025-05-03 10.0 100.0")],
    ),
    _night(
        _expense("10", "A", "10"),
        _target("7", "10", "10"),
        expected=[(_TARGETED, "2025-05-10 10.0 7.0")],
    ),
    _night(
        _expense("12", "B", "10"),
        expected=[(_TARGETED, ""), (_kpi("spend", "B"), "10 12.0")],
    ),
    _night(_expense("12", "", "10"), expected=[(_kpi("spend", "B"), "")]),
)


def _link_click(event_id: str, at: str, **who: str) -> TableRow:
    return _event("affiliate_link_clicked", event_id, at, asset_id="link", **who)


def _terms(partner: str, fixed: str) -> TableRow:
    return _row("affiliates", asset_id="link", partner=partner, commission_fixed=fixed)


_LINK = _rows_of(
    "affiliate_performance",
    "campaign_id partner clicks conversions commission",
    "asset_id = '~link'",
)

_sequence(
    "a late view parts a link's click from the session and a late click brings it",
    _night(
        _campaign("A"),
        _asset("link", "affiliate_link"),
        _holds("A", "link"),
        _terms("Ann", "5"),
        _link_click("1", "3 09:00", visitor_id="v"),
        _view("2", "3 09:10"),
        _event("purchase_completed", "3", "3 09:15", visitor_id="v"),
        expected=[(_LINK, "A Ann 1 1 5.00")],
    ),
    _night(_view("4", "3 08:55"), expected=[(_LINK, "A Ann 1 0 0.00")]),
    _night(
        _contact("k"),
        _link_click("5", "3 08:55", contact_id="k"),
        expected=[(_LINK, "A Ann 2 0 0.00")],
    ),
    _night(
        _identity("v", "k", "9"),
        _terms("Ben", "7.50"),
        expected=[(_LINK, "A Ben 2 1 7.50"), (_kpi("spend"), "03 7.5")],
    ),
    _night(
        _holds("A", "link", "1", "3"),
        expected=[(_LINK, "no campaign Ben 2 1 7.50"), (_kpi("spend"), "")],
    ),
)


def _report(event_id: str, at: str, kind: str, received_at: str = "", **said: Any) -> TableRow:
    told = {"pixel_event": kind, "network": "~meta", "dedup_id": "o"} | said
    return _event(
        "pixel_fired",
        event_id,
        at,
        visitor_id="v",
        received_at=received_at,
        properties=json.dumps(told),
    )


_REPORTS = _rows_of(
    "conversions",
    'campaign_id date pixel_event browser_only server_only "both" value',
    "network = '~meta'",
)
_OF_A = "https://~x.example/?utm_campaign=~a"

_sequence(
    "a conversion's twin from the server comes late and was earlier",
    _night(
        _report("1", "3 00:00", "purchase", received_at="8", value=10),
        expected=[(_REPORTS, "no campaign 2025-05-03 purchase 1 0 0 10.00")],
    ),
    _night(
        _report("2", "2 23:59", "registration", source="server"),
        expected=[(_REPORTS, "no campaign 2025-05-02 registration 0 0 1 10.00")],
    ),
    _night(
        _campaign("A", utm_campaign="~a"),
        _view("3", "3 00:00", url=_OF_A),
        expected=[(_REPORTS, "A 2025-05-02 registration 0 0 1 10.00")],
    ),
    _night(
        _report("1", "3 00:00", "page_view", received_at="7", value=10),
        expected=[(_REPORTS, "no campaign 2025-05-02 registration 0 1 0 0.00")],
    ),
)


def _purchase(received_at: str, user_agent: str = "") -> TableRow:
    return _event(
        "purchase_completed",
        "3",
        "9",
        visitor_id="v",
        received_at=received_at,
        user_agent=user_agent,
    )


_AUDIENCE = _rows_of(
    "retargeting_audience", "campaign_id first_interest_at pages carts", "visitor_id = '~v'"
)

_sequence(
    "an audience loses a visitor to a purchase that turns out to be a bot's",
    _night(
        _campaign("A", utm_campaign="~a"),
        _view("1", "3 09:00", url=_OF_A),
        _event("cart_updated", "2", "3 09:10", visitor_id="v"),
        expected=[(_AUDIENCE, "A 2025-05-03 09:10:00 0 1")],
    ),
    _night(_purchase("12"), expected=[(_AUDIENCE, "")]),
    _night(_purchase("11", "a Bot"), expected=[(_AUDIENCE, "A 2025-05-03 09:10:00 0 1")]),
    _night(
        _contact("k"),
        _identity("v", "k", "20"),
        _row("contact_erasures", contact_id="k", requested_at="21"),
        expected=[(_AUDIENCE, "")],
    ),
)


def _in_app(kind: str, event_id: str, at: str, **who: str) -> TableRow:
    return _event(kind, event_id, at, asset_id="page", **who)


_BEHAVIOUR = _rows_of(
    "behavior_daily",
    "date carts carts_abandoned use_seconds daily_active monthly_active",
    "campaign_id = '~A'",
)

_sequence(
    "carts and uses of two visitors are one person's and then two again",
    _night(
        _campaign("A"),
        _asset("page", "landing_page"),
        _holds("A", "page"),
        _in_app("cart_updated", "1", "3 09:00", visitor_id="v"),
        _in_app("cart_abandoned", "2", "3 09:30", visitor_id="w"),
        _in_app("app_opened", "3", "3 10:00", visitor_id="v"),
        _in_app("app_closed", "4", "4 10:00", visitor_id="w"),
        expected=[(_BEHAVIOUR, "2025-05-03 2 1 0.0 1 1, 2025-05-04 0 0 0.0 1 2")],
    ),
    _night(
        _contact("k"),
        _identity("v", "k", "5"),
        _identity("w", "k", "5"),
        expected=[(_BEHAVIOUR, "2025-05-03 1 1 86400.0 1 1, 2025-05-04 0 0 0.0 1 1")],
    ),
    _night(
        _event("purchase_completed", "5", "3 09:20", contact_id="k"),
        _event("app_opened", "6", "3 22:00", contact_id="k"),
        expected=[(_BEHAVIOUR, "2025-05-03 2 1 0.0 1 1, 2025-05-04 0 0 0.0 1 1")],
    ),
    _night(
        _contact("m"),
        _identity("w", "m", "1"),
        expected=[(_BEHAVIOUR, "2025-05-03 2 1 0.0 1 1, 2025-05-04 0 0 0.0 1 2")],
    ),
)


def _page_click(event_id: str, received_at: str = "", **said: Any) -> TableRow:
    return _event(
        "page_clicked",
        event_id,
        "3 09:01",
        visitor_id="v",
        received_at=received_at,
        url="https://~x.example/",
        properties=json.dumps({"x": 0.5, "y": 1} | said),
    )


_REPLAY = _rows_of(
    "session_replays",
    "campaign_id length_s rage_clicks dead_clicks errors len(events)",
    "session_id in (select session_id from marts.sessions where visitor_id = '~v')",
)
_SURVEY = _rows_of("feedback", "campaign_id responses promoters score", "survey = '~survey'")
_HEAT = _rows_of(
    "page_heatmap", 'campaign_id "column" "row" clicks dead_clicks', "asset_id = '~home'"
)

_sequence(
    "a session's clicks and page come late and its campaign later",
    _night(
        _view("1", "3 09:00"),
        _page_click("2", received_at="8"),
        _page_click("3"),
        _event(
            "survey_responded",
            "9",
            "3 09:29",
            visitor_id="v",
            asset_id="survey",
            properties='{"kind": "nps", "score": 9}',
        ),
        expected=[
            (_REPLAY, "no campaign 1740.0 0 0 0 4"),
            (_SURVEY, "no campaign 1 1 100.0"),
            (_HEAT, ""),
        ],
    ),
    _night(
        _page_click("4", is_dead="YES"),
        _asset("home", "website_page", url="http://www.~x.example"),
        expected=[(_REPLAY, "no campaign 1740.0 1 1 0 5"), (_HEAT, "no campaign 11 50 3 1")],
    ),
    _night(
        _campaign("A", utm_campaign="~a"),
        _view("5", "3 08:40", url="https://~y.example/?utm_campaign=~a"),
        expected=[
            (_REPLAY, "A 2940.0 1 1 0 6"),
            (_SURVEY, "A 1 1 100.0"),
            (_HEAT, "A 11 50 3 1"),
        ],
    ),
    _night(
        _page_click("2", received_at="7", x=0.1),
        _event("page_error", "6", "3 09:40", visitor_id="v"),
        expected=[(_REPLAY, "A 2940.0 0 1 0 6"), (_HEAT, "A 11 50 2 1, A 3 50 1 0")],
    ),
    _night(
        _campaign("A", utm_campaign="~b", updated_at="5"),
        expected=[(_REPLAY, "no campaign 2940.0 0 1 0 6"), (_SURVEY, "no campaign 1 1 100.0")],
    ),
)

_TIMELINE = _rows_of(
    "contact_timeline",
    "contact_id event_id area campaign_ids deal_id",
    "starts_with(contact_id, '~')",
)
_WON_ENTRY = "k d:won:2025-05-09T00:00:00.000000Z deals [] d"

_sequence(
    "a contact's timeline gets a deal's entry and loses it with the deal",
    _night(
        _contact("k"),
        _contact("m"),
        _stage("won", "1"),
        _deal(),
        _entry("won", "9"),
        _event("call_ended", "1", "3", visitor_id="v", contact_id="k"),
        expected=[(_TIMELINE, "k 1 calls []")],
    ),
    _night(
        _on_deal("k"),
        _identity("v", "m", "2"),
        _event("purchase_completed", "2", "4", visitor_id="v", deal_id="d"),
        expected=[(_TIMELINE, f"k 1 calls [], {_WON_ENTRY}, m 2 app [] d")],
    ),
    _night(
        _campaign("A", utm_campaign="~a"),
        _view("3", "4", url=_OF_A),
        _merge("m", "k"),
        expected=[(_TIMELINE, f"k 1 calls [], k 2 app [A] d, k 3 web [A], {_WON_ENTRY}")],
    ),
    _night(
        _on_deal("k", until="9"),
        expected=[(_TIMELINE, "k 1 calls [], k 2 app [A] d, k 3 web [A]")],
    ),
    _night(_row("contact_erasures", contact_id="m", requested_at="21"), expected=[(_TIMELINE, "")]),
)


def _told_entry(at: str, received_at: str, contact: str = "k") -> TableRow:
    """An event of the stream under the id of the deal's entry."""
    return _event(
        "deal_stage_entered",
        "d:~won:2025-05-09T00:00:00.000000Z",
        at,
        contact_id=contact,
        received_at=received_at,
    )


_WON_TOLD = "k d:won:2025-05-09T00:00:00.000000Z deals []"

_sequence(
    "an entry of a deal is told in the stream under its own id, too",
    _night(
        _contact("k"),
        _stage("won", "1"),
        _deal(),
        _entry("won", "9"),
        _told_entry("9", "12"),
        expected=[(_TIMELINE, _WON_TOLD)],
    ),
    _night(_on_deal("k"), expected=[(_TIMELINE, _WON_ENTRY)]),
    _night(_told_entry("8", "11"), expected=[(_TIMELINE, _WON_ENTRY)]),
    _night(_deal(is_deleted="true", updated_at="3"), expected=[(_TIMELINE, _WON_TOLD)]),
    _night(_deal(updated_at="4"), expected=[(_TIMELINE, _WON_ENTRY)]),
)


def _scan(event_id: str, at: str, visitor: str, city: str) -> TableRow:
    return _event(
        "qr_code_scanned", event_id, at, visitor_id=visitor, asset_id="code", ip_city=city
    )


_SCANS = _rows_of(
    "qr_performance", "campaign_id date city scans unique_visitors", "asset_id = '~code'"
)

_sequence(
    "a person's first scan of a code comes late from another city",
    _night(
        _campaign("A"),
        _asset("code", "qr_code"),
        _holds("A", "code"),
        _scan("2", "4 23:59", "v", "Oslo"),
        _scan("3", "5 00:00", "w", "Oslo"),
        expected=[(_SCANS, "A 2025-05-04 Oslo 1 1, A 2025-05-05 Oslo 1 1")],
    ),
    _night(
        _contact("k"),
        _identity("v", "k", "6"),
        _identity("w", "k", "6"),
        expected=[(_SCANS, "A 2025-05-04 Oslo 1 1, A 2025-05-05 Oslo 1 0")],
    ),
    _night(
        _scan("1", "4 23:59", "v", "Bergen"),
        expected=[
            (_SCANS, "A 2025-05-04 Bergen 1 1, A 2025-05-04 Oslo 1 0, A 2025-05-05 Oslo 1 0")
        ],
    ),
    _night(
        _holds("A", "code", "1", "4"),
        _holds("A", "code", "5"),
        expected=[
            (
                _SCANS,
                "A 2025-05-05 Oslo 1 1, no campaign 2025-05-04 Bergen 1 1, "
                "no campaign 2025-05-04 Oslo 1 0",
            )
        ],
    ),
)


def _ranked(position: str, day: str = "03", keyword: str = "~shoes") -> TableRow:
    return _row(
        "search_rankings",
        keyword=keyword,
        engine="google",
        stat_date=f"2025-05-{day}",
        position=position,
    )


_sequence(
    "a keyword's positions are corrected and it was the campaign's for a shorter time",
    _night(
        _campaign("A"),
        _keyword("~shoes", "3 12:00"),
        _ranked("4"),
        _ranked("8", "04"),
        _ranked("2", keyword=" ~SHOES "),
        expected=[(_kpi("search_rank"), "03 3.0, 04 8.0")],
    ),
    _night(_ranked(""), _ranked("6", "04"), expected=[(_kpi("search_rank"), "03 2.0, 04 6.0")]),
    _night(_keyword("~shoes", "3 12:00", "4"), expected=[(_kpi("search_rank"), "03 2.0")]),
    _night(_keyword("~shoes", "3 12:00", "3 12:00"), expected=[(_kpi("search_rank"), "")]),
)


def _other_deal(deal_id: str, **columns: str) -> TableRow:
    values = {"pipeline_id": "p", "stage_id": "won", "amount": "5"} | columns
    return _row("deals", deal_id=deal_id, created_at="1", **values)


def _on_other_deal(deal_id: str, contact: str) -> TableRow:
    return _row("deal_contacts", deal_id=deal_id, contact_id=contact, associated_at="1")


_sequence(
    "a contact's first won deal turns out to be another",
    _night(
        *_WON,
        _expense("30", "A", "09"),
        expected=[(_measure("customers"), 1), (_kpi("cac"), "09 30.0")],
    ),
    _night(
        _other_deal("c", closed_at="2"),
        _on_other_deal("c", "k"),
        expected=[(_measure("customers"), 0), (_measure("contacts_with_revenue"), 1)],
    ),
    _night(_other_deal("c", closed_at="9", updated_at="3"), expected=[(_measure("customers"), 1)]),
    _night(
        _contact("m"),
        _other_deal("b", closed_at="1"),
        _on_other_deal("b", "m"),
        _merge("m", "k"),
        expected=[(_measure("customers"), 0)],
    ),
    _night(
        _other_deal("b", is_deleted="true", updated_at="3"), expected=[(_measure("customers"), 1)]
    ),
)
