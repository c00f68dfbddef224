"""Counts, from the generated rows alone, how often each edge of the rules occurs.

Every function decorated with `_edge` looks for one edge in one scenario. It must not ask the
generators what they meant: an edge counts only where the rows really have it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote_plus

from tests.scenarios.attribution import EARNING, EARNING_NOTHING, LOOKBACK
from tests.scenarios.channels import COMPANY, KPIS
from tests.scenarios.contract import OTHER_ASSET_TYPES, PAGE_TYPES
from tests.scenarios.crm import EXCHANGE_RATES, EXCLUDED_VISITORS
from tests.scenarios.events import CONVERSIONS, UNKNOWN_TYPE
from tests.scenarios.properties import ANONYMOUS, FLAGS, NUMBERS, PROPERTIES, properties_of
from tests.scenarios.urls import (
    CLICK_IDENTIFIERS,
    ENGINES,
    NEAR_MISS_HOSTS,
    NETWORK_HOSTS,
    NETWORK_SOURCES,
    WEB_MAIL_HOSTS,
)
from tests.scenarios.world import (
    ANCHORS,
    ENGAGED,
    GRACE,
    INACTIVITY,
    MICROSECOND,
    TRICKY_TEXTS,
    Row,
    World,
)

Edge = Callable[[World], int]

EDGES: dict[str, Edge] = {}


def _edge(name: str) -> Callable[[Edge], Edge]:
    def register(function: Edge) -> Edge:
        EDGES[name] = function
        return function

    return register


def count_edges(worlds: Iterable[World]) -> Counter[str]:
    """How often each edge of `EDGES` occurs in the scenarios; zero where it does not."""
    counts: Counter[str] = Counter(dict.fromkeys(EDGES, 0))
    for world in worlds:
        for name, edge in EDGES.items():
            counts[name] += edge(world)
    return counts


# What the edges are told apart by: worked out once per scenario, since hundreds of edges ask.
_once = lru_cache(maxsize=2)


def _count(found: Iterable[object]) -> int:
    return sum(1 for each in found if each)


@_once
def _page_views(world: World) -> list[Row]:
    return [row for row in world.rows["events"] if row["event_type"] == "page_viewed"]


@_once
def _views_by_visitor(world: World) -> dict[str, list[Row]]:
    views: dict[str, list[Row]] = defaultdict(list)
    for row in _page_views(world):
        if row.get("visitor_id") and row["visitor_id"] not in EXCLUDED_VISITORS:
            views[row["visitor_id"]].append(row)
    for rows in views.values():
        rows.sort(key=lambda row: row["occurred_at"])
    return views


def _gaps(world: World) -> Iterator[timedelta]:
    for rows in _views_by_visitor(world).values():
        for before, after in pairwise(rows):
            yield after["occurred_at"] - before["occurred_at"]


def _pieces(url: str | None) -> list[str]:
    """The parameters of a URL as they stand in it."""
    query = (url or "").partition("#")[0].partition("?")[2]
    return [piece for piece in query.split("&") if piece]


@lru_cache(maxsize=100_000)
def _values(url: str | None, name: str) -> tuple[str, ...]:
    """The values of every parameter of a name, as S-9 compares them."""
    found = []
    for piece in _pieces(url):
        key, _, value = piece.partition("=")
        if key.lower() == name.lower():
            found.append(unquote_plus(value).strip().lower())
    return tuple(found)


@lru_cache(maxsize=100_000)
def _host(url: str | None) -> str:
    host = re.sub(r"^[a-zA-Z]+://", "", url or "")
    return re.split(r"[/?#]", host)[0].lower().removeprefix("www.")


@lru_cache(maxsize=100_000)
def _page(url: str | None) -> str:
    page = re.sub(r"^[a-zA-Z]+://", "", url or "").partition("#")[0].partition("?")[0]
    host, slash, path = page.partition("/")
    return (host.lower().removeprefix("www.") + slash + path).removesuffix("/")


@_once
def _stored_utm(world: World) -> list[str]:
    values = [(row["utm_campaign"] or "").strip().lower() for row in world.rows["campaigns"]]
    return [value for value in values if value]


@_once
def _assets(world: World) -> dict[str, Row]:
    return {row["asset_id"]: row for row in world.rows["assets"]}


@_once
def _associations(world: World) -> dict[str, list[Row]]:
    by_asset: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows["campaign_assets"]:
        by_asset[row["asset_id"]].append(row)
    return by_asset


def _events_at_associations(world: World, column: str, offset: timedelta) -> int:
    by_asset = _associations(world)
    return _count(
        row[column] is not None and event["occurred_at"] == row[column] + offset
        for event in world.rows["events"]
        for row in by_asset.get(event.get("asset_id"), ())
    )


@_once
def _merges(world: World) -> dict[str, str]:
    return {row["merged_contact_id"]: row["contact_id"] for row in world.rows["contact_merges"]}


@_once
def _cycle(world: World) -> set[str]:
    """The contacts that reach themselves by merges."""
    merges = _merges(world)
    members = set()
    for start in merges:
        at, seen = merges[start], set()
        while at in merges and at not in seen and at != start:
            seen.add(at)
            at = merges[at]
        if at == start:
            members.add(start)
    return members


def _same_key(rows: list[Row], *key: str) -> Iterator[list[Row]]:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.get(column) for column in key)].append(row)
    return (group for group in groups.values() if len(group) > 1)


@_once
def _distinct_identities(world: World) -> dict[str, set[tuple[object, str]]]:
    by_visitor: dict[str, set[tuple[object, str]]] = defaultdict(set)
    for row in world.rows["visitor_identities"]:
        by_visitor[row["visitor_id"]].add((row["identified_at"], row["contact_id"]))
    return by_visitor


# ID: who did it.


@_edge("ID-1 event with visitor and contact")
def _(world: World) -> int:
    return _count(row.get("visitor_id") and row.get("contact_id") for row in world.rows["events"])


@_edge("ID-1 event with a contact only")
def _(world: World) -> int:
    return _count(not row.get("visitor_id") for row in world.rows["events"])


@_edge("ID-2 event's contact is another than the visitor's")
def _(world: World) -> int:
    known = _distinct_identities(world)
    return _count(
        row.get("contact_id")
        and row.get("visitor_id") in known
        and all(contact != row["contact_id"] for _, contact in known[row["visitor_id"]])
        for row in world.rows["events"]
    )


@_edge("ID-2 event of a contact without a row")
def _(world: World) -> int:
    return _count(row.get("contact_id") in world.orphans for row in world.rows["events"])


@_edge("ID-2 visitor identified as a contact without a row")
def _(world: World) -> int:
    return _count(row["contact_id"] in world.orphans for row in world.rows["visitor_identities"])


@_edge("ID-3 anonymous event before the identification")
def _(world: World) -> int:
    first = {visitor: min(known)[0] for visitor, known in _distinct_identities(world).items()}
    return _count(
        row.get("visitor_id") in first
        and not row.get("contact_id")
        and row["occurred_at"] < first[row["visitor_id"]]
        for row in world.rows["events"]
    )


@_edge("ID-3 visitor that is never identified")
def _(world: World) -> int:
    known = _distinct_identities(world)
    return _count(visitor not in known for visitor in _views_by_visitor(world))


@_edge("ID-4 visitor identified as several contacts in turn")
def _(world: World) -> int:
    return _count(
        len({contact for _, contact in known}) > 1 and len({at for at, _ in known}) > 1
        for known in _distinct_identities(world).values()
    )


@_edge("ID-4 identifications of a visitor tie")
def _(world: World) -> int:
    return _count(
        max(Counter(at for at, _ in known).values()) > 1
        for known in _distinct_identities(world).values()
    )


@_edge("ID-4 event exactly at an identification")
def _(world: World) -> int:
    known = _distinct_identities(world)
    return _count(
        row["occurred_at"] == at
        for row in world.rows["events"]
        if row.get("visitor_id")
        for at, _ in known.get(row["visitor_id"], ())
    )


@_edge("ID-5 chain of merges")
def _(world: World) -> int:
    merges = _merges(world)
    return _count(
        survivor in merges and not {merged, survivor} & _cycle(world)
        for merged, survivor in merges.items()
    )


@_edge("ID-5 cycle of several contacts")
def _(world: World) -> int:
    merges = _merges(world)
    return _count(merges[member] != member for member in _cycle(world))


@_edge("ID-5 contact merged into itself")
def _(world: World) -> int:
    return _count(merged == survivor for merged, survivor in _merges(world).items())


@_edge("ID-5 contact merged into a member of a cycle")
def _(world: World) -> int:
    cycle = _cycle(world)
    return _count(
        survivor in cycle and merged not in cycle for merged, survivor in _merges(world).items()
    )


@_edge("ID-5 merge into a contact without a row")
def _(world: World) -> int:
    return _count(survivor not in world.contacts for survivor in _merges(world).values())


@_edge("ID-5 merge of a contact without a row")
def _(world: World) -> int:
    return _count(merged not in world.contacts for merged in _merges(world))


@_edge("ID-5 contact merged twice")
def _(world: World) -> int:
    return _count(_same_key(world.rows["contact_merges"], "merged_contact_id"))


@_edge("ID-5 survivor created after a merged contact")
def _(world: World) -> int:
    return _count(
        merged in world.created
        and survivor in world.created
        and world.created[survivor] > world.created[merged]
        for merged, survivor in _merges(world).items()
    )


@_edge("ID-6 erased contact with a row")
def _(world: World) -> int:
    return _count(row["contact_id"] in world.contacts for row in world.rows["contact_erasures"])


@_edge("ID-6 erased contact of a merged group")
def _(world: World) -> int:
    merges = _merges(world)
    group = set(merges) | set(merges.values())
    return _count(row["contact_id"] in group for row in world.rows["contact_erasures"])


@_edge("ID-6 erased contact with an identified visitor")
def _(world: World) -> int:
    known = {row["contact_id"] for row in world.rows["visitor_identities"]}
    return _count(row["contact_id"] in known for row in world.rows["contact_erasures"])


@_edge("ID-6 erasure of an unknown contact")
def _(world: World) -> int:
    return _count(row["contact_id"] not in world.contacts for row in world.rows["contact_erasures"])


@_edge("ID-6 erased contact on a deal")
def _(world: World) -> int:
    on_deals = {row["contact_id"] for row in world.rows["deal_contacts"]}
    return _count(row["contact_id"] in on_deals for row in world.rows["contact_erasures"])


def _register_bots(word: str) -> None:
    @_edge(f"ID-7 user agent with {word} in another case")
    def _(world: World) -> int:
        return _count(
            word in (row.get("user_agent") or "").lower()
            and word not in (row.get("user_agent") or "")
            for row in world.rows["events"]
        )


for _word in ("bot", "crawler", "headlesschrome", "spider"):
    _register_bots(_word)


@_edge("ID-7 excluded visitor")
def _(world: World) -> int:
    return _count(row.get("visitor_id") in EXCLUDED_VISITORS for row in world.rows["events"])


@_edge("ID-7 excluded visitor with a contact on the event")
def _(world: World) -> int:
    return _count(
        row.get("visitor_id") in EXCLUDED_VISITORS and row.get("contact_id")
        for row in world.rows["events"]
    )


# S: sessions.


def _register_gaps(name: str, wanted: timedelta) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(gap == wanted for gap in _gaps(world))


_register_gaps("S-1 gap of exactly 30:00", INACTIVITY)
_register_gaps("S-1 gap of 29:59.999999", INACTIVITY - MICROSECOND)
_register_gaps("S-1 gap of 30:00.000001", INACTIVITY + MICROSECOND)
_register_gaps("S-1 page views at one instant", timedelta(0))


@_edge("S-1 page view without a visitor")
def _(world: World) -> int:
    return _count(not row.get("visitor_id") for row in _page_views(world))


@_edge("S-2 session across midnight")
def _(world: World) -> int:
    return _count(
        after["occurred_at"].date() > before["occurred_at"].date()
        and after["occurred_at"] - before["occurred_at"] < INACTIVITY
        for rows in _views_by_visitor(world).values()
        for before, after in pairwise(rows)
    )


@_edge("S-2 identification within a session")
def _(world: World) -> int:
    known = _distinct_identities(world)
    return _count(
        before["occurred_at"] < at <= after["occurred_at"]
        and after["occurred_at"] - before["occurred_at"] < INACTIVITY
        for visitor, rows in _views_by_visitor(world).items()
        for before, after in pairwise(rows)
        for at, _ in known.get(visitor, ())
    )


@_edge("S-2 page view with new utm values within a session")
def _(world: World) -> int:
    return _count(
        timedelta(0) <= after["occurred_at"] - before["occurred_at"] < INACTIVITY
        and _values(after.get("url"), "utm_campaign")
        and _values(after.get("url"), "utm_campaign") != _values(before.get("url"), "utm_campaign")
        for rows in _views_by_visitor(world).values()
        for before, after in pairwise(rows)
    )


@_edge("S-2 page views with different utm values at one instant")
def _(world: World) -> int:
    return _count(
        before["occurred_at"] == after["occurred_at"]
        and _values(before.get("url"), "utm_campaign") != _values(after.get("url"), "utm_campaign")
        for rows in _views_by_visitor(world).values()
        for before, after in pairwise(rows)
    )


@_edge("S-3 page view with a campaign's utm value")
def _(world: World) -> int:
    stored = _stored_utm(world)
    return _count(
        value in stored
        for row in _page_views(world)
        for value in _values(row.get("url"), "utm_campaign")
    )


@_edge("S-3 several campaigns with one utm value")
def _(world: World) -> int:
    return _count(number > 1 for number in Counter(_stored_utm(world)).values())


@_edge("S-3 campaign without a utm value")
def _(world: World) -> int:
    return _count(not (row["utm_campaign"] or "").strip() for row in world.rows["campaigns"])


def _keyword_views(world: World, host: str, name: str) -> int:
    stored = {row["keyword"].strip().lower() for row in world.rows["campaign_keywords"]}
    return _count(
        _host(row.get("referrer")) == host and set(_values(row.get("referrer"), name)) & stored
        for row in _page_views(world)
    )


def _register_engine(host: str, name: str) -> None:
    @_edge(f"S-5 keyword by {host}?{name}=")
    def _(world: World) -> int:
        return _keyword_views(world, host, name)


for _host_name, _parameter in {(host.removeprefix("www."), name) for host, name in sorted(ENGINES)}:
    _register_engine(_host_name, _parameter)


@_edge("S-5 keyword of a web-mail host is none")
def _(world: World) -> int:
    return sum(_keyword_views(world, host, "q") for host in WEB_MAIL_HOSTS)


@_edge("S-5 keyword by utm_term")
def _(world: World) -> int:
    stored = {row["keyword"].strip().lower() for row in world.rows["campaign_keywords"]}
    return _count(set(_values(row.get("url"), "utm_term")) & stored for row in _page_views(world))


@_edge("S-5 keyword by utm_term beside an engine's")
def _(world: World) -> int:
    engines = {host.removeprefix("www.") for host, _ in ENGINES}
    return _count(
        _values(row.get("url"), "utm_term") and _host(row.get("referrer")) in engines
        for row in _page_views(world)
    )


@_edge("S-5 keyword of several campaigns")
def _(world: World) -> int:
    campaigns: dict[str, set[str]] = defaultdict(set)
    for row in world.rows["campaign_keywords"]:
        campaigns[row["keyword"].strip().lower()].add(row["campaign_id"])
    return _count(len(ids) > 1 for ids in campaigns.values())


def _register_keyword_end(name: str, column: str, offset: timedelta) -> None:
    @_edge(f"S-5 search {name}")
    def _(world: World) -> int:
        return _count(
            row[column] is not None
            and view["occurred_at"] == row[column] + offset
            and row["keyword"].strip().lower() in found
            for view in _page_views(world)
            for found in (
                {
                    value
                    for name in ("q", "p", "wd", "text", "query")
                    for value in _values(view.get("referrer"), name)
                },
            )
            for row in world.rows["campaign_keywords"]
        )


for _label, _column in (
    ("keyword's association", "associated_at"),
    ("end of a keyword's association", "removed_at"),
):
    _register_keyword_end(f"exactly at the {_label}", _column, timedelta(0))
    _register_keyword_end(f"one microsecond before the {_label}", _column, -MICROSECOND)


@_edge("S-5 keyword's association ended")
def _(world: World) -> int:
    return _count(row["removed_at"] for row in world.rows["campaign_keywords"])


@_edge("S-5 keyword's association without length")
def _(world: World) -> int:
    return _count(
        row["removed_at"] == row["associated_at"] for row in world.rows["campaign_keywords"]
    )


def _register_identifier(name: str, value: str) -> None:
    @_edge(f"S-7 {name}={value}" if name == "utm_source" else f"S-7 {name}")
    def _(world: World) -> int:
        return _count(
            any(found and (name != "utm_source" or found == value) for found in values)
            for row in world.rows["events"]
            for values in (_values(row.get("url"), name),)
        )


for _name, _value in CLICK_IDENTIFIERS:
    _register_identifier(_name, _value)


def _mails_in_urls(world: World) -> Iterator[bool]:
    """For each `_hsmi` of an email: was it ever sent by a workflow?"""
    by_workflow: dict[str, bool] = defaultdict(bool)
    for row in world.rows["events"]:
        if row["event_type"] == "email_sent":
            by_workflow[row["asset_id"]] |= bool((row["properties"] or {}).get("workflow_id"))
    emails = {asset["asset_id"] for asset in world.assets_of("marketing_email")}
    for row in _page_views(world):
        for value in _values(row.get("url"), "_hsmi"):
            if value in emails:
                yield by_workflow[value]


@_edge("S-7 _hsmi of a workflow's email")
def _(world: World) -> int:
    return _count(_mails_in_urls(world))


def _workflow_ids(world: World) -> list[object]:
    return [
        row["properties"]["workflow_id"]
        for row in world.rows["events"]
        if row["event_type"] == "email_sent" and "workflow_id" in (row["properties"] or {})
    ]


@_edge("S-7 workflow's id as a number")
def _(world: World) -> int:
    return _count(isinstance(value, int) for value in _workflow_ids(world))


@_edge("S-7 workflow's id empty or null")
def _(world: World) -> int:
    return _count(value in ("", None) for value in _workflow_ids(world))


@_edge("S-7 identifying value in another spelling")
def _(world: World) -> int:
    return _count(
        piece.lower().startswith("utm_source=") and not piece.endswith("=hs_automation")
        for row in _page_views(world)
        for piece in _pieces(row.get("url"))
        if "hs_automation" in _values(row.get("url"), "utm_source")
    )


@_edge("S-7 _hsmi of another email")
def _(world: World) -> int:
    return _count(not by_workflow for by_workflow in _mails_in_urls(world))


@_edge("S-7 click identifier on a later page view of a session")
def _(world: World) -> int:
    return _count(
        after["occurred_at"] - before["occurred_at"] < INACTIVITY
        and _values(after.get("url"), "gclid")
        and not _values(before.get("url"), "gclid")
        for rows in _views_by_visitor(world).values()
        for before, after in pairwise(rows)
    )


def _register_network(name: str, matches: Callable[[Row], bool]) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(matches(row) for row in _page_views(world))


for _source in NETWORK_SOURCES:
    _register_network(
        f"S-8 network by utm_source {_source}",
        lambda row, source=_source: source in _values(row.get("url"), "utm_source"),
    )
for _host_name in NETWORK_HOSTS:
    _register_network(
        f"S-8 network by referrer {_host_name}",
        lambda row, host=_host_name: _host(row.get("referrer")) == host,
    )
for _host_name in NEAR_MISS_HOSTS:
    _register_network(
        f"S-8 near miss {_host_name}",
        lambda row, host=_host_name: _host(row.get("referrer")) == host,
    )
for _host_name in WEB_MAIL_HOSTS:
    _register_network(
        f"S-8 web mail {_host_name}",
        lambda row, host=_host_name: _host(row.get("referrer")) == host,
    )
_register_network(
    "S-8 subdomain of a network",
    lambda row: _host(row.get("referrer")).startswith(("m.", "l.")),
)
for _medium in (
    "social",
    "paid",
    "xppcx",
    "cpc",
    "ppc",
    "paid_social",
    "paid-social",
    "email",
    "e-mail",
    "qr",
    "qr-code",
    "qr codes",
    "affiliate",
    "affiliates",
    "influencer",
):
    _register_network(
        f"S-8 utm_medium {_medium}",
        lambda row, medium=_medium: medium in _values(row.get("url"), "utm_medium"),
    )
for _source in ("my-paidsocial-x", "google-adwords", "qr_code", "qrcode", "email", ""):
    _register_network(
        f"S-8 utm_source {_source or 'empty'}",
        lambda row, source=_source: source in _values(row.get("url"), "utm_source"),
    )
_register_network(
    "S-8 utm_campaign contains ppc",
    lambda row: any("ppc" in value for value in _values(row.get("url"), "utm_campaign")),
)
_register_network(
    "S-8 utm_campaign contains email",
    lambda row: any("email" in value for value in _values(row.get("url"), "utm_campaign")),
)
_register_network("S-8 _hsenc", lambda row: bool(_values(row.get("url"), "_hsenc")))
_register_network("S-8 unknown utm_*", lambda row: bool(_values(row.get("url"), "utm_id")))
_register_network("S-8 no referrer", lambda row: not row.get("referrer"))
_register_network(
    "S-8 referrer on the own host",
    lambda row: bool(row.get("url")) and _host(row.get("url")) == _host(row.get("referrer")),
)
_register_network(
    "S-8 referrer on the own host's subdomain",
    lambda row: _host(row.get("referrer")) == "blog." + _host(row.get("url")),
)
_register_network(
    "S-8 own host but for www. and letter case",
    lambda row: (
        _host(row.get("url")) == _host(row.get("referrer")) != ""
        and re.split(r"[/?#]", (row["url"] or "").partition("://")[2])[0]
        != re.split(r"[/?#]", (row["referrer"] or "").partition("://")[2])[0]
    ),
)
_register_network("S-8 no URL", lambda row: not row.get("url"))


def _register_pieces(name: str, pattern: str) -> None:
    @_edge(f"S-9 {name}")
    def _(world: World) -> int:
        return _count(
            re.search(pattern, piece)
            for row in world.rows["events"]
            for piece in _pieces(row.get("url"))
        )


_register_pieces("parameter's name in another letter case", r"^(UTM_|Utm_)")
_register_pieces("value in another letter case", r"^utm_campaign=.*[A-Z]{2}")
_register_pieces("percent-encoding", r"^utm_campaign=.*%20")
_register_pieces("needless percent-encoding", r"^utm_campaign=.*%[67]")
_register_pieces("plus-encoding", r"^utm_campaign=[^+]+\+[^+]")
_register_pieces("encoded plus sign", r"^utm_campaign=.*%2[bB]")
_register_pieces("blanks around a value", r"^utm_campaign=(%20|\+).*(%20|\+)$")
_register_pieces("value of blanks", r"^utm_campaign=(%20|\+)$")
_register_pieces("letters beyond ASCII", r"^utm_campaign=.*%[cC]3")
_register_pieces("no equals sign", r"^utm_campaign$")
_register_pieces("empty value", r"^utm_campaign=$")
_register_pieces("invalid percent sequence", r"^utm_campaign=.*%(?![0-9a-fA-F]{2})")
_register_pieces("invalid UTF-8", r"^utm_campaign=.*%ff$")
_register_pieces("equals sign in a value", r"^utm_campaign=.*%3[dD]")


@_edge("S-9 repeated parameter")
def _(world: World) -> int:
    return _count(
        len(set(_values(row.get("url"), "utm_campaign"))) > 1 for row in world.rows["events"]
    )


@_edge("S-9 repeated parameter, the first one empty")
def _(world: World) -> int:
    return _count(
        len(values) > 1 and not values[0]
        for row in world.rows["events"]
        for values in (_values(row.get("url"), "utm_campaign"),)
    )


@_edge("S-9 parameters in the fragment only")
def _(world: World) -> int:
    return _count("#utm_campaign" in (row.get("url") or "") for row in world.rows["events"])


@_edge("S-9 campaign's utm value stored with blanks")
def _(world: World) -> int:
    return _count(
        row["utm_campaign"] and row["utm_campaign"] != row["utm_campaign"].strip()
        for row in world.rows["campaigns"]
    )


@_edge("S-9 campaign's utm value stored in upper case")
def _(world: World) -> int:
    return _count((row["utm_campaign"] or "").isupper() for row in world.rows["campaigns"])


@_edge("S-9 keyword stored with blanks")
def _(world: World) -> int:
    return _count(
        row["keyword"] != row["keyword"].strip() for row in world.rows["campaign_keywords"]
    )


def _views_by_url(world: World) -> Iterator[tuple[str, list[Row]]]:
    """(URL, page assets with it) of the page views that name no asset."""
    pages: dict[str, list[Row]] = defaultdict(list)
    for asset in world.assets_of(*PAGE_TYPES):
        if asset["url"]:
            pages[_page(asset["url"])].append(asset)
    for row in _page_views(world):
        if not row.get("asset_id") and row.get("url"):
            yield row["url"], pages.get(_page(row["url"]), [])


def _register_url(name: str, matches: Callable[[str, Row], object]) -> None:
    @_edge(f"S-11 page by its URL: {name}")
    def _(world: World) -> int:
        return _count(
            matches(url, asset) for url, assets in _views_by_url(world) for asset in assets
        )


_register_url("other scheme", lambda url, asset: url[:5].lower() != asset["url"][:5].lower())
_register_url(
    "www. or not", lambda url, asset: ("www." in url.lower()) != ("www." in asset["url"].lower())
)
_register_url("query", lambda url, asset: "?" in url)
_register_url("query of the asset's URL", lambda url, asset: "?" in asset["url"])
_register_url("fragment", lambda url, asset: "#" in url)
_register_url(
    "letter case of the host",
    lambda url, asset: (
        url.lower().partition("://")[2].removeprefix("www.").split("/")[0]
        and url.partition("://")[2].split("/")[0] != asset["url"].partition("://")[2].split("/")[0]
    ),
)
_register_url(
    "trailing slash",
    lambda url, asset: (
        url.partition("#")[0].partition("?")[0].endswith("/")
        != asset["url"].partition("?")[0].endswith("/")
    ),
)


@_edge("S-11 page by its URL: several assets")
def _(world: World) -> int:
    return _count(len(assets) > 1 for _, assets in _views_by_url(world))


@_edge("S-11 page by its URL: no asset")
def _(world: World) -> int:
    return _count(not assets for _, assets in _views_by_url(world))


@_edge("S-11 page by its URL: an asset that is no page has it too")
def _(world: World) -> int:
    others = {
        _page(asset["url"])
        for asset in world.assets
        if asset["url"] and asset["asset_type"] not in PAGE_TYPES
    }
    return _count(_page(url) in others and assets for url, assets in _views_by_url(world))


@_edge("S-11 unknown asset id")
def _(world: World) -> int:
    assets = _assets(world)
    return _count(
        row.get("asset_id") and row["asset_id"] not in assets for row in _page_views(world)
    )


@_edge("S-11 asset id of no page asset")
def _(world: World) -> int:
    assets = _assets(world)
    return _count(
        row.get("asset_id") in assets and assets[row["asset_id"]]["asset_type"] not in PAGE_TYPES
        for row in _page_views(world)
    )


def _register_follower(name: str, wanted: timedelta) -> None:
    @_edge(f"S-12 event {name} the visitor's latest page view")
    def _(world: World) -> int:
        views = _views_by_visitor(world)
        return _count(
            row["occurred_at"]
            - max(
                (
                    view["occurred_at"]
                    for view in views[row["visitor_id"]]
                    if view["occurred_at"] <= row["occurred_at"]
                ),
                default=row["occurred_at"] + INACTIVITY,
            )
            == wanted
            for row in world.rows["events"]
            if row["event_type"] != "page_viewed" and row.get("visitor_id") in views
        )


_register_follower("exactly at", timedelta(0))
_register_follower("10 seconds after", ENGAGED)
_register_follower("29:59.999999 after", INACTIVITY - MICROSECOND)
_register_follower("30:00 after", INACTIVITY)
_register_gaps("S-12 second page view 9.999999 seconds after the first", ENGAGED - MICROSECOND)


# T: what counts, and since when.


@_edge("T-1 event exactly at its asset's association")
def _(world: World) -> int:
    return _events_at_associations(world, "associated_at", timedelta(0))


@_edge("T-1 event one microsecond before its asset's association")
def _(world: World) -> int:
    return _events_at_associations(world, "associated_at", -MICROSECOND)


@_edge("T-1 event exactly at the association's end")
def _(world: World) -> int:
    return _events_at_associations(world, "removed_at", timedelta(0))


@_edge("T-1 event one microsecond before the association's end")
def _(world: World) -> int:
    return _events_at_associations(world, "removed_at", -MICROSECOND)


def _utm_visits_at_creation(world: World) -> Iterator[timedelta]:
    for row in world.rows["events"]:
        for campaign in world.rows["campaigns"]:
            value = (campaign["utm_campaign"] or "").strip().lower()
            if value and value in _values(row.get("url"), "utm_campaign")[:1]:
                yield row["occurred_at"] - campaign["created_at"]


@_edge("T-2 utm visit before the campaign's creation")
def _(world: World) -> int:
    return _count(after < timedelta(0) for after in _utm_visits_at_creation(world))


@_edge("T-2 utm visit one microsecond before the campaign's creation")
def _(world: World) -> int:
    return _count(after == -MICROSECOND for after in _utm_visits_at_creation(world))


@_edge("T-2 utm visit exactly at the campaign's creation")
def _(world: World) -> int:
    return _count(after == timedelta(0) for after in _utm_visits_at_creation(world))


def _register_scan(event_type: str, has_url: bool) -> None:
    @_edge(f"T-2 {event_type} {'with' if has_url else 'without'} a URL of its own")
    def _(world: World) -> int:
        return _count(
            row["event_type"] == event_type and bool(row.get("url")) == has_url
            for row in world.rows["events"]
        )


for _type in ("qr_code_scanned", "affiliate_link_clicked"):
    _register_scan(_type, True)
    _register_scan(_type, False)


@_edge("T-2 utm value on another event's URL")
def _(world: World) -> int:
    types = ("page_viewed", "qr_code_scanned", "affiliate_link_clicked")
    stored = _stored_utm(world)
    return _count(
        row["event_type"] not in types
        and set(_values(row.get("url"), "utm_campaign")) & set(stored)
        for row in world.rows["events"]
    )


@_edge("T-3 asset moved to another campaign")
def _(world: World) -> int:
    return _count(
        len({row["campaign_id"] for row in rows}) > 1
        and len({row["associated_at"] for row in rows}) > 1
        for rows in _associations(world).values()
    )


@_edge("T-3 campaigns take an asset at one instant")
def _(world: World) -> int:
    return _count(
        len({row["campaign_id"] for row in rows if row["associated_at"] == at}) > 1
        for rows in _associations(world).values()
        for at in {row["associated_at"] for row in rows}
    )


@_edge("T-3 association without length")
def _(world: World) -> int:
    return _count(
        row["removed_at"] == row["associated_at"] for row in world.rows["campaign_assets"]
    )


def _register_reassociation(name: str, matches: Callable[[timedelta], bool]) -> None:
    @_edge(f"T-3 the same campaign again: {name}")
    def _(world: World) -> int:
        found = 0
        for rows in _associations(world).values():
            closed = {
                (row["campaign_id"], row["associated_at"]): row["removed_at"]
                for row in rows
                if row["removed_at"]
            }
            found += _count(
                row["campaign_id"] == campaign_id
                and row["associated_at"] > at
                and matches(row["associated_at"] - end)
                for row in rows
                for (campaign_id, at), end in closed.items()
            )
        return found


_register_reassociation("overlapping", lambda gap: gap < timedelta(0))
_register_reassociation("touching", lambda gap: gap == timedelta(0))
_register_reassociation("after a gap", lambda gap: gap > timedelta(0))


@_edge("T-3 workflow in several campaigns")
def _(world: World) -> int:
    by_asset = _associations(world)
    return _count(
        len({row["campaign_id"] for row in by_asset.get(workflow["asset_id"], ())}) > 1
        for workflow in world.assets_of("workflow")
    )


@_edge("T-3 association of an unknown campaign")
def _(world: World) -> int:
    return _count(
        row["campaign_id"] not in world.campaigns for row in world.rows["campaign_assets"]
    )


@_edge("T-3 association of an unknown asset")
def _(world: World) -> int:
    assets = _assets(world)
    return _count(row["asset_id"] not in assets for row in world.rows["campaign_assets"])


@_edge("T-3 open association closed by a later row of its key")
def _(world: World) -> int:
    groups = _same_key(world.rows["campaign_assets"], "campaign_id", "asset_id", "associated_at")
    return _count(group[0]["removed_at"] is None and group[-1]["removed_at"] for group in groups)


@_edge("T-4 asset returned to a campaign after another held it")
def _(world: World) -> int:
    return _count(
        a["campaign_id"] == c["campaign_id"] != b["campaign_id"]
        for rows in _associations(world).values()
        for a in rows
        for b in rows
        for c in rows
        if a["associated_at"] < b["associated_at"] < c["associated_at"]
    )


@_edge("T-5 travelling counters of an asset that moved")
def _(world: World) -> int:
    assets, by_asset = _assets(world), _associations(world)
    return _count(
        assets.get(row.get("asset_id"), {}).get("asset_type") in ("marketing_email", "social_post")
        and len({other["campaign_id"] for other in by_asset.get(row["asset_id"], ())}) > 1
        for row in world.rows["events"]
    )


@_edge("T-7 campaign with more than two social posts")
def _(world: World) -> int:
    posts = {asset["asset_id"] for asset in world.assets_of("social_post")}
    taken: dict[str, set[str]] = defaultdict(set)
    for row in world.rows["campaign_assets"]:
        if row["asset_id"] in posts:
            taken[row["campaign_id"]].add(row["asset_id"])
    return _count(len(ids) > 2 for ids in taken.values())


@_edge("T-7 social posts associated at one instant")
def _(world: World) -> int:
    posts = {asset["asset_id"] for asset in world.assets_of("social_post")}
    rows = [row for row in world.rows["campaign_assets"] if row["asset_id"] in posts]
    return _count(
        len({row["asset_id"] for row in group}) > 1
        for group in _same_key(rows, "campaign_id", "associated_at")
    )


@_edge("T-8 social post without published_at")
def _(world: World) -> int:
    return _count(post["published_at"] is None for post in world.assets_of("social_post"))


def _register_paid_search(is_visited: bool) -> None:
    @_edge(f"T-8 paid-search campaign {'visited' if is_visited else 'never visited'}")
    def _(world: World) -> int:
        visited = {
            row.get("asset_id")
            for row in world.rows["events"]
            if row["event_type"] in ("page_viewed", "ad_interaction")
        }
        return _count(
            (asset["asset_id"] in visited) == is_visited
            for asset in world.assets_of("paid_search_campaign")
        )


_register_paid_search(True)
_register_paid_search(False)


def _register_tracking_url(name: str, matches: Callable[[Row, Row], object]) -> None:
    @_edge(f"T-8 tracking URL visited {name}")
    def _(world: World) -> int:
        return _count(
            matches(row, asset)
            for row in _page_views(world)
            for asset in world.assets_of("tracking_url")
        )


_register_tracking_url("by its id", lambda row, asset: row.get("asset_id") == asset["asset_id"])
_register_tracking_url("by its URL", lambda row, asset: row.get("url") == asset["url"])
_register_tracking_url(
    "by its URL with more in it",
    lambda row, asset: asset["url"] and (row.get("url") or "").startswith(asset["url"] + "&"),
)
_register_tracking_url(
    "without one of its utm values",
    lambda row, asset: (
        asset["url"]
        and _page(row.get("url")) == _page(asset["url"])
        and not set(_values(asset["url"], "utm_campaign"))
        & set(_values(row.get("url"), "utm_campaign"))
    ),
)


@_edge("T-8 tracking URL without utm values")
def _(world: World) -> int:
    return _count(
        "utm_" not in (asset["url"] or "").lower() for asset in world.assets_of("tracking_url")
    )


@_edge("T-8 tracking URL visited before its campaign's creation")
def _(world: World) -> int:
    by_asset = _associations(world)
    return _count(
        row.get("asset_id") == asset["asset_id"]
        and association["campaign_id"] in world.created
        and row["occurred_at"] < world.created[association["campaign_id"]]
        for asset in world.assets_of("tracking_url")
        for association in by_asset.get(asset["asset_id"], ())
        for row in _page_views(world)
    )


def _register_publication(name: str, matches: Callable[[Row, Row], object]) -> None:
    @_edge(f"T-8 published {name}")
    def _(world: World) -> int:
        campaigns = {row["campaign_id"]: row for row in world.rows["campaigns"]}
        assets = _assets(world)
        return _count(
            matches(assets[row["asset_id"]], campaigns[row["campaign_id"]])
            for row in world.rows["campaign_assets"]
            if row["campaign_id"] in campaigns
            and row["asset_id"] in assets
            and assets[row["asset_id"]]["published_at"]
        )


_register_publication(
    "before the campaign's start",
    lambda asset, campaign: (
        campaign["start_date"] and asset["published_at"].date() < campaign["start_date"]
    ),
)
_register_publication(
    "after the campaign's end",
    lambda asset, campaign: (
        campaign["end_date"] and asset["published_at"].date() > campaign["end_date"]
    ),
)
_register_publication(
    "on the campaign's last day",
    lambda asset, campaign: asset["published_at"].date() == campaign["end_date"],
)
_register_publication(
    "on the campaign's first day",
    lambda asset, campaign: asset["published_at"].date() == campaign["start_date"],
)


@_edge("T-9 deleted campaign")
def _(world: World) -> int:
    return _count(row["is_deleted"] for row in world.rows["campaigns"])


@_edge("T-9 association of a deleted campaign that ends another's")
def _(world: World) -> int:
    deleted = {row["campaign_id"] for row in world.rows["campaigns"] if row["is_deleted"]}
    return _count(
        later["campaign_id"] in deleted
        and earlier["campaign_id"] not in deleted
        and earlier["associated_at"] < later["associated_at"]
        for rows in _associations(world).values()
        for earlier in rows
        for later in rows
    )


@_edge("T-9 deleted contact with events")
def _(world: World) -> int:
    deleted = {row["contact_id"] for row in world.rows["contacts"] if row["is_deleted"]}
    return _count(row.get("contact_id") in deleted for row in world.rows["events"])


@_edge("T-9 deleted deal")
def _(world: World) -> int:
    return _count(row["is_deleted"] for row in world.rows["deals"])


def _register_asset_type(asset_type: str) -> None:
    @_edge(f"asset of type {asset_type}")
    def _(world: World) -> int:
        return len(world.assets_of(asset_type))


for _asset_type in (*PAGE_TYPES, *OTHER_ASSET_TYPES):
    _register_asset_type(_asset_type)


# N: new contacts.


@_once
def _contact_events(world: World) -> list[tuple[str, Row]]:
    """(contact, event) by the event's own contact, else by the visitor's only identification."""
    known = _distinct_identities(world)
    found = []
    for row in world.rows["events"]:
        if row.get("contact_id"):
            found.append((row["contact_id"], row))
        elif len(known.get(row.get("visitor_id"), ())) == 1:
            found.append((next(iter(known[row["visitor_id"]]))[1], row))
    return found


def _register_creation(name: str, types: tuple[str, ...], wanted: timedelta) -> None:
    @_edge(f"{name} after creation" if wanted else name)
    def _(world: World) -> int:
        return _count(
            row["event_type"] in types
            and contact in world.created
            and row["occurred_at"] - world.created[contact] == wanted
            for contact, row in _contact_events(world)
        )


for _label, _offset in (
    ("exactly at creation", timedelta(0)),
    ("60 seconds", GRACE),
    ("one microsecond more than 60 seconds", GRACE + MICROSECOND),
    ("-60 seconds", -GRACE),
    ("one microsecond more than -60 seconds", -GRACE - MICROSECOND),
):
    _register_creation(f"N-4 conversion {_label}", CONVERSIONS, _offset)
    if _offset >= timedelta(0):
        _register_creation(f"N-1 page view {_label}", ("page_viewed",), _offset)


@_edge("N-1 contact whose first page view is with a campaign's utm value")
def _(world: World) -> int:
    stored = set(_stored_utm(world))
    first: dict[str, Row] = {}
    for contact, row in _contact_events(world):
        if row["event_type"] == "page_viewed":
            best = first.get(contact)
            if best is None or row["occurred_at"] < best["occurred_at"]:
                first[contact] = row
    return _count(set(_values(row.get("url"), "utm_campaign")) & stored for row in first.values())


@_edge("N-4 conversions equally near on both sides")
def _(world: World) -> int:
    offsets: dict[str, set[timedelta]] = defaultdict(set)
    for contact, row in _contact_events(world):
        if row["event_type"] in CONVERSIONS and contact in world.created:
            offsets[contact].add(row["occurred_at"] - world.created[contact])
    return _count(
        timedelta(0) < offset <= GRACE and -offset in found
        for found in offsets.values()
        for offset in found
    )


@_edge("N-4 conversions at one instant")
def _(world: World) -> int:
    at = [
        (contact, row["occurred_at"])
        for contact, row in _contact_events(world)
        if row["event_type"] in CONVERSIONS
    ]
    return _count(number > 1 for number in Counter(at).values())


def _register_conversion(event_type: str) -> None:
    @_edge(f"N-4 {event_type} within the grace with a campaign's utm value")
    def _(world: World) -> int:
        stored = set(_stored_utm(world))
        return _count(
            row["event_type"] == event_type
            and contact in world.created
            and abs(row["occurred_at"] - world.created[contact]) <= GRACE
            and set(_values(row.get("url"), "utm_campaign")) & stored
            for contact, row in _contact_events(world)
        )


for _type in CONVERSIONS:
    _register_conversion(_type)


@_edge("N-5 page view in the session of a conversion near creation")
def _(world: World) -> int:
    views = _views_by_visitor(world)
    return _count(
        row["event_type"] in CONVERSIONS
        and contact in world.created
        and abs(row["occurred_at"] - world.created[contact]) <= GRACE
        and any(
            timedelta(0) <= row["occurred_at"] - view["occurred_at"] < INACTIVITY
            for view in views.get(row.get("visitor_id"), ())
        )
        for contact, row in _contact_events(world)
    )


# I: influenced contacts.


def _register_influence(rule: str, event_type: str, *asset_types: str) -> None:
    @_edge(f"{rule} {event_type} of an associated {' or '.join(asset_types)}")
    def _(world: World) -> int:
        assets, by_asset = _assets(world), _associations(world)
        return _count(
            row["event_type"] == event_type
            and assets[row["asset_id"]]["asset_type"] in asset_types
            and any(
                association["associated_at"] <= row["occurred_at"]
                for association in by_asset.get(row["asset_id"], ())
            )
            for row in world.rows["events"]
            if row.get("asset_id") in assets
        )


for _rule, _type, _asset_types in (
    ("I-1", "social_post_interacted", ("social_post",)),
    ("I-2", "form_submitted", ("form",)),
    ("I-3", "email_opened", ("marketing_email",)),
    ("I-3", "email_clicked", ("marketing_email",)),
    ("I-4", "workflow_enrolled", ("workflow",)),
    ("I-5", "list_member_added", ("static_list",)),
    ("I-6", "marketing_event_attended", ("marketing_event",)),
    ("I-6", "marketing_event_registered", ("marketing_event",)),
    ("I-8", "page_viewed", PAGE_TYPES),
    ("I-10", "cta_viewed", ("cta_legacy",)),
    ("I-10", "cta_clicked", ("cta_legacy",)),
    ("I-11", "cta_clicked", ("cta",)),
    ("I-13", "ad_interaction", ("ad_campaign", "paid_search_campaign")),
):
    _register_influence(_rule, _type, *_asset_types)


def _cta_views(world: World) -> list[Row]:
    """The views of CTAs that are there."""
    assets = _assets(world)
    return [
        row
        for row in world.rows["events"]
        if row["event_type"] == "cta_viewed" and row.get("asset_id") in assets
    ]


def _cta_submissions(world: World) -> Iterator[timedelta]:
    """From the view of a CTA with a form to the same actor's submission of that form."""
    assets = _assets(world)
    views = _cta_views(world)
    for row in world.rows["events"]:
        if row["event_type"] != "form_submitted":
            continue
        for view in views:
            same = any(
                view.get(column) and view.get(column) == row.get(column)
                for column in ("contact_id", "visitor_id")
            )
            if same and assets[view["asset_id"]]["form_id"] == row.get("asset_id"):
                yield row["occurred_at"] - view["occurred_at"]


@_edge("I-11 view of a CTA without a form")
def _(world: World) -> int:
    assets = _assets(world)
    return _count(
        assets[row["asset_id"]]["asset_type"] == "cta" and not assets[row["asset_id"]]["form_id"]
        for row in _cta_views(world)
    )


@_edge("I-12 form submitted before the view of its CTA")
def _(world: World) -> int:
    return _count(after < timedelta(0) for after in _cta_submissions(world))


@_edge("I-12 form submitted exactly at the view of its CTA")
def _(world: World) -> int:
    return _count(after == timedelta(0) for after in _cta_submissions(world))


@_edge("I-12 form submitted after the view of its CTA")
def _(world: World) -> int:
    return _count(after > timedelta(0) for after in _cta_submissions(world))


@_edge("I-12 CTA changed hands between its view and the submission")
def _(world: World) -> int:
    assets, by_asset = _assets(world), _associations(world)
    views = _cta_views(world)
    return _count(
        row["event_type"] == "form_submitted"
        and assets[view["asset_id"]]["form_id"] == row.get("asset_id")
        and any(
            view["occurred_at"] < end <= row["occurred_at"]
            for other in by_asset.get(view["asset_id"], ())
            for end in (other["associated_at"], other["removed_at"])
            if end is not None
        )
        for view in views
        for row in world.rows["events"]
    )


@_edge("I-12 CTA of an unknown form")
def _(world: World) -> int:
    assets = _assets(world)
    return _count(cta["form_id"] and cta["form_id"] not in assets for cta in world.assets)


@_edge("I-14 form submitted by a visitor without a contact on the event")
def _(world: World) -> int:
    return _count(
        row["event_type"] == "form_submitted" and not row.get("contact_id")
        for row in world.rows["events"]
    )


@_edge("I-15 interactions of a contact with two assets at one instant")
def _(world: World) -> int:
    assets: dict[tuple[str, object], set[str]] = defaultdict(set)
    for contact, row in _contact_events(world):
        if row.get("asset_id"):
            assets[contact, row["occurred_at"]].add(row["asset_id"])
    return _count(len(ids) > 1 for ids in assets.values())


# D: deals and revenue.


@_once
def _stages(world: World) -> dict[tuple[str, str], Row]:
    return {(row["pipeline_id"], row["stage_id"]): row for row in world.rows["pipeline_stages"]}


@_once
def _histories(world: World) -> dict[str, list[Row]]:
    by_deal: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows["deal_stage_history"]:
        by_deal[row["deal_id"]].append(row)
    for rows in by_deal.values():
        rows.sort(key=lambda row: (row["entered_at"], row["stage_id"]))
    return by_deal


def _is_won(world: World, row: Row) -> bool:
    """Whether a deal's or entry's stage is a won one in some pipeline."""
    return any(
        stage["is_won"]
        for (pipeline, stage_id), stage in _stages(world).items()
        if stage_id == row["stage_id"]
        and row["pipeline_id"] in (None, "", pipeline, f"{world.prefix}-p9")
    )


def _register_deal(name: str, matches: Callable[[World, Row, list[Row]], object]) -> None:
    @_edge(f"D-1 {name}")
    def _(world: World) -> int:
        histories = _histories(world)
        return _count(
            matches(world, deal, histories.get(deal["deal_id"], [])) for deal in world.deals
        )


_register_deal("deal without a stage history", lambda world, deal, rows: not rows)
_register_deal("won deal", lambda world, deal, rows: _is_won(world, deal))
_register_deal("lost deal", lambda world, deal, rows: (deal["stage_id"] or "").endswith("-lost"))
_register_deal(
    "won deal without a close date",
    lambda world, deal, rows: _is_won(world, deal) and not deal["closed_at"],
)
_register_deal(
    "won deal with neither a close date nor a history",
    lambda world, deal, rows: _is_won(world, deal) and not deal["closed_at"] and not rows,
)
_register_deal(
    "won stage, but the history ends in another",
    lambda world, deal, rows: (
        rows and _is_won(world, deal) and not _is_won(world, {**rows[-1], "pipeline_id": None})
    ),
)
_register_deal(
    "won history, but the deal's stage is another",
    lambda world, deal, rows: (
        rows
        and deal["stage_id"]
        and _is_won(world, {**rows[-1], "pipeline_id": None})
        and not _is_won(world, {**deal, "pipeline_id": None})
    ),
)
_register_deal(
    "deal won twice",
    lambda world, deal, rows: (
        _count(_is_won(world, {**row, "pipeline_id": None}) for row in rows) > 1
    ),
)
_register_deal(
    "won deal opened again",
    lambda world, deal, rows: (
        any(_is_won(world, {**row, "pipeline_id": None}) for row in rows[:-1])
        and not _is_won(world, {**rows[-1], "pipeline_id": None})
    ),
)
_register_deal(
    "close date before the latest entry into a won stage",
    lambda world, deal, rows: (
        deal["closed_at"] and rows and deal["closed_at"] < rows[-1]["entered_at"]
    ),
)
_register_deal(
    "close date before the whole history",
    lambda world, deal, rows: (
        deal["closed_at"] and rows and deal["closed_at"] < rows[0]["entered_at"]
    ),
)
_register_deal(
    "entries at one instant",
    lambda world, deal, rows: any(a["entered_at"] == b["entered_at"] for a, b in pairwise(rows)),
)
_register_deal("deal without a stage", lambda world, deal, rows: not deal["stage_id"] and rows)
_register_deal("deal without a pipeline", lambda world, deal, rows: not deal["pipeline_id"])
_register_deal(
    "deal of an unlisted pipeline",
    lambda world, deal, rows: deal["pipeline_id"] == f"{world.prefix}-p9",
)
_register_deal(
    "unlisted stage", lambda world, deal, rows: (deal["stage_id"] or "").endswith("-unlisted")
)
_register_deal(
    "entry without a pipeline", lambda world, deal, rows: any(not r["pipeline_id"] for r in rows)
)
_register_deal(
    "entry of another pipeline than the deal's",
    lambda world, deal, rows: any(
        row["pipeline_id"] and row["pipeline_id"] != deal["pipeline_id"] for row in rows
    ),
)


def _register_stage_lookup(pipelines: int) -> None:
    name = "one pipeline" if pipelines == 1 else "several pipelines"

    @_edge(f"D-1 stage without a pipeline that {name} have")
    def _(world: World) -> int:
        owners = Counter(stage_id for _, stage_id in _stages(world))
        return _count(
            not deal["pipeline_id"] and min(owners[deal["stage_id"]], 2) == pipelines
            for deal in world.deals
        )


_register_stage_lookup(1)
_register_stage_lookup(2)


@_once
def _closes(world: World) -> dict[str, list[object]]:
    histories = _histories(world)
    return {
        deal["deal_id"]: [deal["closed_at"]]
        if deal["closed_at"]
        else [row["entered_at"] for row in histories.get(deal["deal_id"], ())]
        for deal in world.deals
    }


def _register_close(rule: str, name: str, column: str, offset: timedelta) -> None:
    @_edge(f"{rule} contact {name}")
    def _(world: World) -> int:
        closes = _closes(world)
        return _count(
            row[column] is not None and row[column] == close + offset
            for row in world.rows["deal_contacts"]
            for close in closes.get(row["deal_id"], ())
        )


_register_close("D-3", "associated exactly at the close", "associated_at", timedelta(0))
_register_close("D-3", "associated one microsecond after the close", "associated_at", MICROSECOND)
_register_close("D-3", "removed exactly at the close", "removed_at", timedelta(0))
_register_close("D-3", "removed one microsecond after the close", "removed_at", MICROSECOND)
_register_close("D-3", "removed one microsecond before the close", "removed_at", -MICROSECOND)


@_edge("D-3 contact without a row on a deal")
def _(world: World) -> int:
    return _count(row["contact_id"] in world.orphans for row in world.rows["deal_contacts"])


@_edge("D-3 contact associated with a deal twice")
def _(world: World) -> int:
    return _count(_same_key(world.rows["deal_contacts"], "deal_id", "contact_id"))


def _register_influence_at_close(name: str, offset: timedelta) -> None:
    @_edge(f"D-2 interaction {name} the close")
    def _(world: World) -> int:
        closes = _closes(world)
        at: dict[str, set[object]] = defaultdict(set)
        for row in world.rows["deal_contacts"]:
            at[row["contact_id"]].update(close + offset for close in closes.get(row["deal_id"], ()))
        return _count(
            row.get("asset_id") and row["occurred_at"] in at.get(contact, ())
            for contact, row in _contact_events(world)
        )


_register_influence_at_close("exactly at", timedelta(0))
_register_influence_at_close("one microsecond after", MICROSECOND)


@_edge("D-4 several contacts on a deal")
def _(world: World) -> int:
    return _count(_same_key(world.rows["deal_contacts"], "deal_id"))


def _register_amount(name: str, matches: Callable[[Decimal | None], object]) -> None:
    @_edge(f"D-8 deal with {name}")
    def _(world: World) -> int:
        return _count(matches(deal["amount"]) for deal in world.deals)


_register_amount("no amount", lambda amount: amount is None)
_register_amount("amount zero", lambda amount: amount == 0)
_register_amount("a negative amount", lambda amount: amount is not None and amount < 0)
_register_amount("a single cent", lambda amount: amount == Decimal("0.01"))
_register_amount(
    "more than two decimals", lambda amount: amount is not None and amount != round(amount, 2)
)


def _register_currency(name: str, matches: Callable[[str, list[int]], object]) -> None:
    @_edge(f"D-8 {name}")
    def _(world: World) -> int:
        found = 0
        for deal in world.deals:
            if deal["closed_at"] and deal["currency"]:
                day = deal["closed_at"].date()
                distances = [
                    (day - valid_from).days
                    for currency, valid_from, _ in EXCHANGE_RATES
                    if currency == deal["currency"]
                ]
                found += bool(matches(deal["currency"], distances))
        return found


_register_currency("currency without any rate", lambda name, days: name == "CHF")
_register_currency("no rate yet at the close", lambda name, days: days and max(days) < 0)
_register_currency("rate from the very day of the close", lambda name, days: 0 in days)
_register_currency("rate from the day after the close", lambda name, days: -1 in days)
_register_currency("several earlier rates", lambda name, days: _count(d >= 0 for d in days) > 1)
_register_currency("company currency", lambda name, days: name == "EUR")


@_edge("D-8 deal without a currency")
def _(world: World) -> int:
    return _count(not deal["currency"] for deal in world.deals)


@_edge("D-8 deal without a close in another currency")
def _(world: World) -> int:
    return _count(
        not deals and deal["currency"] == "USD"
        for deal in world.deals
        for deals in (_closes(world)[deal["deal_id"]],)
    )


# A: attribution.


_EARNING_TYPES = frozenset(event_type for event_type, _ in EARNING)


class _Way(NamedTuple):
    """A won deal's way to its close: the interactions of its contacts in order."""

    deal: Row
    close: datetime
    contacts: set[str]
    interactions: list[tuple[str, Row]]  # contact, event


def _survivor(world: World, contact: str) -> str:
    merges, cycle = _merges(world), _cycle(world)
    while contact in merges and contact not in cycle:
        contact = merges[contact]
    return contact


def _in_order(found: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
    return sorted(found, key=lambda each: (each[1]["occurred_at"], each[1]["event_id"]))


@_once
def _people_events(world: World) -> list[tuple[str, Row]]:
    """(surviving contact, event) of every event that no exclusion list removes."""
    return [
        (_survivor(world, contact), row)
        for contact, row in _contact_events(world)
        if row.get("visitor_id") not in EXCLUDED_VISITORS
        and not re.search("bot|crawler|spider|headlesschrome", (row["user_agent"] or "").lower())
    ]


@_once
def _earning(world: World) -> dict[str, list[Row]]:
    """The credit-earning events of each contact that has a row, in order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for contact, row in _in_order(_people_events(world)):
        if row["event_type"] in _EARNING_TYPES and contact in world.contacts:
            found[contact].append(row)
    return found


def _contacts_of(world: World, deal: Row, at: datetime) -> set[str]:
    """The contacts with a row that are on a deal at an instant."""
    ends = {
        (row["contact_id"], row["associated_at"]): row["removed_at"]
        for row in world.rows["deal_contacts"]
        if row["deal_id"] == deal["deal_id"]
    }
    found = {
        _survivor(world, contact)
        for (contact, start), end in ends.items()
        if start <= at and (end is None or at < end)
    }
    return found & set(world.contacts)


@_once
def _plain_deals(world: World) -> list[Row]:
    """The deals that are not deleted and came once."""
    times = Counter(row["deal_id"] for row in world.rows["deals"])
    return [deal for deal in world.deals if not deal["is_deleted"] and times[deal["deal_id"]] == 1]


@_once
def _ways(world: World) -> list[_Way]:
    """The ways to close of deals that are won by their stage and by their whole history."""
    histories, earning = _histories(world), _earning(world)
    found = []
    for deal in _plain_deals(world):
        history = histories.get(deal["deal_id"], [])
        won = [row for row in history if _is_won(world, row)]
        if not _is_won(world, deal) or (history and won[-1:] != history[-1:]):
            continue
        close = deal["closed_at"] or (won[-1]["entered_at"] if won else None)
        if close is not None:
            contacts = _contacts_of(world, deal, close)
            pooled = [
                (contact, row)
                for contact in contacts
                for row in earning.get(contact, ())
                if row["occurred_at"] <= close
            ]
            found.append(_Way(deal, close, contacts, _in_order(pooled)))
    return found


@_once
def _births(world: World) -> dict[str, datetime]:
    """When each contact was created that came once and has no part in a merge."""
    times = Counter(row["contact_id"] for row in world.rows["contacts"])
    merged = _merges(world).keys() | _merges(world).values()
    return {
        row["contact_id"]: row["created_at"]
        for row in world.rows["contacts"]
        if times[row["contact_id"]] == 1 and row["contact_id"] not in merged
    }


def _campaigns_of(world: World, row: Row) -> dict[str, set[str]]:
    """The campaigns that an event's asset is in (of assets that only one ever held) and those
    whose utm value its URL has."""
    alive = {
        campaign["campaign_id"]: campaign
        for campaign in world.rows["campaigns"]
        if not campaign["is_deleted"] and campaign["created_at"] <= row["occurred_at"]
    }
    held = _associations(world).get(row.get("asset_id"), [])
    by_asset = set()
    if len(held) == 1 and held[0]["removed_at"] is None:
        by_asset = (
            {held[0]["campaign_id"]} if held[0]["associated_at"] <= row["occurred_at"] else by_asset
        )
    value = _values(_own_url(world, row), "utm_campaign")[:1]
    by_utm = {
        campaign_id
        for campaign_id, campaign in alive.items()
        if value == ((campaign["utm_campaign"] or "").strip().lower(),) != ("",)
    }
    return {"asset": by_asset & alive.keys(), "utm": by_utm}


def _own_url(world: World, row: Row) -> str | None:
    """A visit's URL: its own, that of a scanned code's or clicked link's asset, none of others."""
    if row["event_type"] in ("qr_code_scanned", "affiliate_link_clicked"):
        return row.get("url") or _assets(world).get(row.get("asset_id"), {}).get("url")
    return row.get("url") if row["event_type"] == "page_viewed" else None


def _register_way(name: str, matches: Callable[[World, _Way], object]) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(matches(world, way) for way in _ways(world))


def _register_interaction(name: str, matches: Callable[[World, _Way, Row], object]) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(
            matches(world, way, row) for way in _ways(world) for _, row in way.interactions
        )


_register_way("A-1 won deal without a contact", lambda world, way: not way.contacts)
_register_way(
    "A-1 won deal whose contacts did nothing",
    lambda world, way: way.contacts and not way.interactions,
)
for _number in (1, 2, 3):
    _register_way(
        f"A-1 won deal with {_number} interactions",
        lambda world, way, number=_number: len(way.interactions) == number,
    )
_register_way(
    "A-1 won deal with ten interactions or more", lambda world, way: len(way.interactions) >= 10
)
_register_way(
    "A-1 won deal with interactions of several contacts",
    lambda world, way: len({contact for contact, _ in way.interactions}) > 1,
)
for _type in sorted(_EARNING_TYPES):
    _register_interaction(
        f"A-1 {_type} before a close",
        lambda world, way, row, name=_type: row["event_type"] == name,
    )
for _type, _ in EARNING_NOTHING:
    _register_way(
        f"A-1 {_type} before a close",
        lambda world, way, name=_type: any(
            row["event_type"] == name
            and contact in way.contacts
            and row["occurred_at"] <= way.close
            for contact, row in _people_events(world)
        ),
    )
_register_interaction(
    "A-1 interaction exactly at the close",
    lambda world, way, row: row["occurred_at"] == way.close,
)
_register_way(
    "A-1 interaction one microsecond after the close",
    lambda world, way: any(
        row["occurred_at"] == way.close + MICROSECOND
        for contact in way.contacts
        for row in _earning(world).get(contact, ())
    ),
)
_register_way(
    "A-1 one contact's deals close at one instant",
    lambda world, way: any(
        other.deal is not way.deal and other.close == way.close and other.contacts & way.contacts
        for other in _ways(world)
    ),
)
for _label, _first in (("first", 0), ("last", -1)):
    _register_way(
        f"A-3 {_label} interactions at one instant",
        lambda world, way, end=_first: (
            _count(
                row["occurred_at"] == way.interactions[end][1]["occurred_at"]
                for _, row in way.interactions
            )
            > 1
            if way.interactions
            else 0
        ),
    )


def _lead(world: World, way: _Way) -> tuple[str, datetime] | None:
    """The oldest contact of a way and its creation, where these are beyond doubt."""
    births = _births(world)
    if not way.contacts or not way.contacts <= births.keys():
        return None
    created_at, contact = min((births[contact], contact) for contact in way.contacts)
    return contact, created_at


def _register_lead(name: str, matches: Callable[[_Way, str, datetime], object]) -> None:
    @_edge(f"A-3 {name}")
    def _(world: World) -> int:
        return _count(
            matches(way, *lead) for way in _ways(world) for lead in (_lead(world, way),) if lead
        )


def _of(way: _Way, contact: str) -> list[datetime]:
    return [row["occurred_at"] for actor, row in way.interactions if actor == contact]


for _label, _offset in (
    ("exactly at its creation", timedelta(0)),
    ("60 seconds after its creation", GRACE),
    ("one microsecond more than 60 seconds after its creation", GRACE + MICROSECOND),
):
    _register_lead(
        f"interaction of the oldest contact {_label}",
        lambda way, lead, at, offset=_offset: at + offset in _of(way, lead),
    )
_register_lead(
    "oldest contact without interactions, another with some",
    lambda way, lead, at: way.interactions and not _of(way, lead),
)
_register_lead(
    "oldest contact with interactions after its creation only",
    lambda way, lead, at: _of(way, lead) and min(_of(way, lead)) > at + GRACE,
)
_register_lead(
    "interaction of another contact between the oldest's last before its creation and that",
    lambda way, lead, at: any(
        actor != lead and row["occurred_at"] <= at and row["occurred_at"] > min(_of(way, lead))
        for actor, row in way.interactions
        if _of(way, lead)
    ),
)
_register_lead("oldest contact created after the close", lambda way, lead, at: at > way.close)


@_edge("A-3 oldest contacts created at one instant")
def _(world: World) -> int:
    births = _births(world)
    return _count(
        _count(births.get(contact) == lead[1] for contact in way.contacts) > 1
        for way in _ways(world)
        for lead in (_lead(world, way),)
        if lead
    )


@_edge("A-3 older contact merged into one of a deal")
def _(world: World) -> int:
    on_ways = set().union(*(way.contacts for way in _ways(world)))
    return _count(
        survivor in on_ways
        and merged in world.created
        and world.created[merged] < world.created[survivor]
        for merged, survivor in _merges(world).items()
    )


for _label, _offset in (
    ("exactly at", timedelta(0)),
    ("one microsecond after", MICROSECOND),
    ("60 seconds after", GRACE),
):
    _register_interaction(
        f"A-3 interaction {_label} the deal's creation",
        lambda world, way, row, offset=_offset: (
            row["occurred_at"] == way.deal["created_at"] + offset
        ),
    )
_register_way(
    "A-3 interactions after the deal's creation only",
    lambda world, way: (
        way.interactions and way.interactions[0][1]["occurred_at"] > way.deal["created_at"]
    ),
)
_register_way(
    "A-3 deal created after its close", lambda world, way: way.deal["created_at"] > way.close
)


@_edge("A-5 both the oldest contact's and the deal's creation lie before all interactions")
def _(world: World) -> int:
    return _count(
        way.interactions
        and way.interactions[0][1]["occurred_at"] > max(lead[1] + GRACE, way.deal["created_at"])
        for way in _ways(world)
        for lead in (_lead(world, way),)
        if lead
    )


def _register_amount_of_several(name: str, matches: Callable[[Decimal | None], object]) -> None:
    _register_way(
        f"A-6 {name} of three interactions or more",
        lambda world, way: len(way.interactions) > 2 and matches(way.deal["amount"]),
    )


_register_amount_of_several("no amount", lambda amount: amount is None)
_register_amount_of_several("amount zero", lambda amount: amount == 0)
_register_amount_of_several("negative amount", lambda amount: amount is not None and amount < 0)
_register_amount_of_several(
    "amount of a few cents", lambda amount: amount and 0 < amount < Decimal("0.10")
)
_register_way(
    "A-6 hundred euros over three interactions",
    lambda world, way: way.deal["amount"] == 100 and len(way.interactions) == 3,
)


@_edge("A-6 interactions of several won deals")
def _(world: World) -> int:
    deals = Counter(row["event_id"] for way in _ways(world) for _, row in way.interactions)
    return _count(number > 1 for number in deals.values())


_register_interaction(
    "A-7 interaction for no campaign",
    lambda world, way, row: (
        row.get("asset_id") not in _associations(world)
        and row["event_type"] != "page_viewed"
        and not _own_url(world, row)
    ),
)
_register_interaction(
    "A-7 utm visit for several campaigns",
    lambda world, way, row: len(_campaigns_of(world, row)["utm"]) > 1,
)
_register_interaction(
    "A-7 interaction for one campaign by its asset and for another by its utm value",
    lambda world, way, row: (
        _campaigns_of(world, row)["asset"]
        and _campaigns_of(world, row)["utm"] - _campaigns_of(world, row)["asset"]
    ),
)
_register_interaction(
    "A-7 interaction for three campaigns or more",
    lambda world, way, row: len(set().union(*_campaigns_of(world, row).values())) > 2,
)


@_edge("A-7 interaction with the asset of a deleted campaign")
def _(world: World) -> int:
    deleted = {row["campaign_id"] for row in world.rows["campaigns"] if row["is_deleted"]}
    return _count(
        held["campaign_id"] in deleted and held["associated_at"] <= row["occurred_at"]
        for way in _ways(world)
        for _, row in way.interactions
        for held in _associations(world).get(row.get("asset_id"), ())
    )


def _register_birth(name: str, matches: Callable[[datetime, list[datetime]], object]) -> None:
    @_edge(f"A-8 contact {name}")
    def _(world: World) -> int:
        return _count(
            matches(at, [row["occurred_at"] for row in _earning(world).get(contact, ())])
            for contact, at in _births(world).items()
        )


_register_birth("without interactions", lambda at, times: not times)
_register_birth("with later interactions only", lambda at, times: times and min(times) > at + GRACE)
_register_birth(
    "with an interaction within the grace, and one before its creation",
    lambda at, times: any(at < time <= at + GRACE for time in times) and min(times) < at,
)
_register_birth(
    "with an interaction one microsecond after the grace",
    lambda at, times: at + GRACE + MICROSECOND in times,
)


@_edge("A-8 deleted contact with interactions before its creation")
def _(world: World) -> int:
    deleted = {row["contact_id"] for row in world.rows["contacts"] if row["is_deleted"]}
    return _count(
        contact in deleted and any(row["occurred_at"] <= at for row in _earning(world)[contact])
        for contact, at in _births(world).items()
        if contact in _earning(world)
    )


def _register_deal_birth(name: str, stages: tuple[str, ...]) -> None:
    @_edge(f"A-8 {name} deal with interactions before its creation")
    def _(world: World) -> int:
        found = 0
        for deal in _plain_deals(world):
            if (deal["stage_id"] or "").removeprefix(f"{world.prefix}-") in stages:
                contacts = _contacts_of(world, deal, deal["closed_at"] or world.anchor(ANCHORS - 1))
                found += any(
                    row["occurred_at"] <= deal["created_at"]
                    for contact in contacts
                    for row in _earning(world).get(contact, ())
                )
        return found


_register_deal_birth("open", ("open", "offer"))
_register_deal_birth("lost", ("lost",))
_register_deal_birth("won", ("won", "won2", "signed"))


@_edge("A-8 interaction one microsecond after the deal's creation and the grace")
def _(world: World) -> int:
    return _count(
        row["occurred_at"] == way.deal["created_at"] + GRACE + MICROSECOND
        for way in _ways(world)
        for contact in way.contacts
        for row in _earning(world).get(contact, ())
    )


@_edge("A-9 contact of no deal with interactions")
def _(world: World) -> int:
    on_deals = {_survivor(world, row["contact_id"]) for row in world.rows["deal_contacts"]}
    return _count(contact not in on_deals for contact in _earning(world))


@_edge("A-9 contact that left a won deal before its close, with interactions")
def _(world: World) -> int:
    on_ways = set().union(*(way.contacts for way in _ways(world)))
    won = {way.deal["deal_id"] for way in _ways(world)}
    left = {
        _survivor(world, row["contact_id"])
        for row in world.rows["deal_contacts"]
        if row["deal_id"] in won
    }
    return _count(contact in left - on_ways for contact in _earning(world))


@_edge("A-9 erased contact of a won deal with interactions")
def _(world: World) -> int:
    erased = {_survivor(world, row["contact_id"]) for row in world.rows["contact_erasures"]}
    return _count(contact in erased for way in _ways(world) for contact, _ in way.interactions[:1])


def _is_in_session(world: World, row: Row) -> bool:
    return any(
        timedelta(0) <= row["occurred_at"] - view["occurred_at"] < INACTIVITY
        for view in _views_by_visitor(world).get(row.get("visitor_id"), ())
    )


def _register_channel(name: str, matches: Callable[[World, Row], object]) -> None:
    _register_interaction(f"A-11 {name}", lambda world, way, row: matches(world, row))


_register_channel(
    "interaction in a session, without a URL",
    lambda world, row: not row.get("url") and _is_in_session(world, row),
)
_register_channel(
    "interaction in a session, with another URL than its entry's",
    lambda world, row: (
        row.get("url") and row["event_type"] != "page_viewed" and _is_in_session(world, row)
    ),
)
_register_channel(
    "interaction without a session, with a URL",
    lambda world, row: (
        row.get("url") and row["event_type"] != "page_viewed" and not _is_in_session(world, row)
    ),
)
_register_channel(
    "page view without a visitor",
    lambda world, row: row["event_type"] == "page_viewed" and not row.get("visitor_id"),
)
_register_channel(
    "page view without a visitor and a URL",
    lambda world, row: (
        row["event_type"] == "page_viewed" and not row.get("visitor_id") and not row.get("url")
    ),
)
_register_channel(
    "referrer without a URL and a session",
    lambda world, row: (
        row.get("referrer")
        and not _own_url(world, row)
        and not _is_in_session(world, row)
        and not row.get("url")
    ),
)
for _type in sorted(_EARNING_TYPES - {"page_viewed"}):
    _register_channel(
        f"{_type} without a session and a URL",
        lambda world, row, name=_type: (
            row["event_type"] == name
            and not _is_in_session(world, row)
            and not row.get("url")
            and not _own_url(world, row)
        ),
    )
for _type in ("qr_code_scanned", "affiliate_link_clicked"):
    _register_channel(
        f"{_type} without a session, its asset has the URL",
        lambda world, row, name=_type: (
            row["event_type"] == name
            and not _is_in_session(world, row)
            and not row.get("url")
            and _own_url(world, row)
        ),
    )

for _label, _step in (("exactly", timedelta(0)), ("one microsecond more than", MICROSECOND)):
    _register_interaction(
        f"A-12 interaction {_label} three days before the close",
        lambda world, way, row, step=_step: row["occurred_at"] == way.close - LOOKBACK - step,
    )
_register_way(
    "A-12 interactions more than three days before the close only",
    lambda world, way: (
        way.interactions and way.interactions[-1][1]["occurred_at"] < way.close - LOOKBACK
    ),
)


# J: customer journeys.


def _register_event_type(event_type: str) -> None:
    @_edge(f"J-8 {event_type}")
    def _(world: World) -> int:
        return _count(row["event_type"] == event_type for row in world.rows["events"])

    if event_type in ANONYMOUS:

        @_edge(f"J-4 {event_type} of a visitor who was never identified")
        def _(world: World) -> int:
            identified = {row["visitor_id"] for row in world.rows["visitor_identities"]}
            return _count(
                row["event_type"] == event_type
                and not row.get("contact_id")
                and row["visitor_id"] not in identified
                for row in world.rows["events"]
            )


for _event_type in PROPERTIES:
    _register_event_type(_event_type)


@_once
def _told(world: World) -> list[tuple[Row, str, object]]:
    """(event, property, value) of every JSON property that the event's type has."""
    return [
        (row, name, value)
        for row in world.rows["events"]
        for name, value in properties_of(row).items()
        if PROPERTIES.get(row["event_type"], {}).get(name) == ""
    ]


def _register_property(event_type: str, name: str) -> None:
    @_edge(f"J-8 {name} of {event_type}")
    def _(world: World) -> int:
        return _count(
            row["event_type"] == event_type and named == name and value not in (None, "")
            for row, named, value in _told(world)
        )


for _event_type, _own in PROPERTIES.items():
    for _name, _column in _own.items():
        if not _column:
            _register_property(_event_type, _name)


def _register_value(name: str, matches: Callable[[str, object], object]) -> None:
    @_edge(f"J-8 {name}")
    def _(world: World) -> int:
        return _count(matches(named, value) for _, named, value in _told(world))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_NUMBER_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

_register_value("number", lambda name, value: name in NUMBERS and _is_number(value))
_register_value(
    "number as text",
    lambda name, value: (
        name in NUMBERS and isinstance(value, str) and _NUMBER_TEXT.fullmatch(value)
    ),
)
_register_value(
    "number with an exponent",
    lambda name, value: (
        name in NUMBERS and _NUMBER_TEXT.fullmatch(str(value)) and "e" in str(value).lower()
    ),
)
_register_value(
    "text that is no number",
    lambda name, value: (
        name in NUMBERS and isinstance(value, str) and value and not _NUMBER_TEXT.fullmatch(value)
    ),
)
_register_value(
    "number with blanks around it",
    lambda name, value: name in NUMBERS and value in (" 60", "60 "),
)
_register_value(
    "flag where a number is looked for", lambda name, value: name in NUMBERS and value is True
)
_register_value("number missing", lambda name, value: name in NUMBERS and value in (None, ""))
for _spelling in ("true", "false", "1", "0", "yes", "no"):
    _register_value(
        f"flag as text: {_spelling}",
        lambda name, value, spelling=_spelling: (
            name in FLAGS and isinstance(value, str) and value.lower() == spelling
        ),
    )
_register_value("flag", lambda name, value: name in FLAGS and isinstance(value, bool))
_register_value(
    "flag as number", lambda name, value: name in FLAGS and _is_number(value) and value in (0, 1)
)
_register_value(
    "neither of a flag's values", lambda name, value: name in FLAGS and str(value) in ("on", "2")
)
_register_value("flag missing", lambda name, value: name in FLAGS and value in (None, ""))
_register_value("text empty", lambda name, value: name not in NUMBERS and value == "")
_register_value("text null", lambda name, value: name not in NUMBERS and value is None)
_register_value(
    "number as a text property",
    lambda name, value: name not in (*NUMBERS, *FLAGS) and _is_number(value),
)
_register_value(
    "flag as a text property",
    lambda name, value: name not in (*NUMBERS, *FLAGS) and isinstance(value, bool),
)
_register_value(
    "text with blanks around it",
    lambda name, value: isinstance(value, str) and value != value.strip() and name not in NUMBERS,
)


@_edge("J-8 number whose spelling only the text of the JSON has")
def _(world: World) -> int:
    return _count(
        isinstance(row["properties"], str)
        and re.search(r": -?[0-9]+\.[0-9]*0[,}]", row["properties"])
        for row in world.rows["events"]
    )


def _register_column(name: str, column: str) -> None:
    @_edge(f"J-8 JSON key {name}, which is a column, beside the column")
    def _(world: World) -> int:
        return _count(
            name in properties_of(row) and row.get(column) for row in world.rows["events"]
        )

    @_edge(f"J-8 JSON key {name}, which is a column, without the column")
    def _(world: World) -> int:
        return _count(
            name in properties_of(row) and not row.get(column) for row in world.rows["events"]
        )


for _name, _column in (
    ("browser", "browser"),
    ("device_type", "device_type"),
    ("region", "ip_region"),
    ("url", "url"),
    ("owner", "user_id"),
    ("user_id", "user_id"),
    ("form_id", "asset_id"),
    ("cta", "asset_id"),
):
    _register_column(_name, _column)


def _register_first(name: str, column: str) -> None:
    @_edge(f"J-8 {name} as a property beside another in the column")
    def _(world: World) -> int:
        return _count(
            properties_of(row).get(name)
            and row.get(column)
            and properties_of(row)[name] != row[column]
            for row in world.rows["events"]
        )


_register_first("country", "ip_country")
_register_first("content_type", "asset_id")


@_edge("J-8 property of another event type")
def _(world: World) -> int:
    return _count(
        "outcome" in properties_of(row) and "outcome" not in PROPERTIES.get(row["event_type"], {})
        for row in world.rows["events"]
    )


@_edge("J-8 deal stage in the event stream")
def _(world: World) -> int:
    return _count(row["event_type"] == "deal_stage_entered" for row in world.rows["events"])


@_once
def _own_events(world: World) -> dict[str, list[Row]]:
    """By contact the events that name it."""
    by_contact: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows["events"]:
        if row.get("contact_id"):
            by_contact[row["contact_id"]].append(row)
    return by_contact


@_edge("J-2 events of a contact at one instant, of two types")
def _(world: World) -> int:
    return _count(
        a["occurred_at"] == b["occurred_at"] and a["event_type"] != b["event_type"]
        for rows in _own_events(world).values()
        for a, b in pairwise(sorted(rows, key=lambda row: row["occurred_at"]))
    )


@_edge("J-2 event of a contact at the instant of its deal's stage entry")
def _(world: World) -> int:
    histories = _histories(world)
    return _count(
        row["occurred_at"] == entry["entered_at"]
        for association in world.rows["deal_contacts"]
        for entry in histories.get(association["deal_id"], ())
        for row in _own_events(world).get(association["contact_id"], ())
    )


@_edge("J-2 event at midnight, and one microsecond before one")
def _(world: World) -> int:
    instants = {row["occurred_at"] for row in world.rows["events"]}
    return _count(
        at.time().isoformat() == "00:00:00" or (at + MICROSECOND).time().isoformat() == "00:00:00"
        for at in instants
    )


@_edge("J-4 event of a visitor with a contact that has no row")
def _(world: World) -> int:
    return _count(
        row.get("visitor_id") and row.get("contact_id") in world.orphans
        for row in world.rows["events"]
    )


@_edge("J-4 form submission of a visitor who was never identified")
def _(world: World) -> int:
    identified = {row["visitor_id"] for row in world.rows["visitor_identities"]}
    return _count(
        row["event_type"] == "form_submitted"
        and not row.get("contact_id")
        and row["visitor_id"] not in identified
        for row in world.rows["events"]
    )


@_once
def _members(world: World) -> dict[str, list[Row]]:
    """By deal its associations with contacts."""
    by_deal: dict[str, list[Row]] = defaultdict(list)
    for row in world.rows["deal_contacts"]:
        by_deal[row["deal_id"]].append(row)
    return by_deal


def _register_naming(name: str, matches: Callable[[World, Row, set[str]], object]) -> None:
    @_edge(f"J-7 event that names a deal, {name}")
    def _(world: World) -> int:
        deals = {deal["deal_id"] for deal in world.deals}
        return _count(
            row.get("deal_id") in deals
            and matches(
                world, row, {one["contact_id"] for one in _members(world).get(row["deal_id"], ())}
            )
            for row in world.rows["events"]
        )


_register_naming(
    "of one of its contacts", lambda world, row, members: row.get("contact_id") in members
)
_register_naming(
    "of a contact of another",
    lambda world, row, members: row.get("contact_id") in set(world.contacts) - members,
)
_register_naming(
    "of a visitor without a contact", lambda world, row, members: not row.get("contact_id")
)
_register_naming(
    "of a contact without a row", lambda world, row, members: row.get("contact_id") in world.orphans
)


def _is_in(world: World, deal: Row, *ends: str) -> bool:
    return (deal["stage_id"] or "").endswith(tuple(f"-{end}" for end in ends))


def _register_membership(name: str, matches: Callable[[World, Row, Row], object]) -> None:
    @_edge(f"J-7 {name}")
    def _(world: World) -> int:
        return _count(
            matches(world, deal, row)
            for deal in world.deals
            for row in _members(world).get(deal["deal_id"], ())
        )


_register_membership(
    "contact of an open deal, with events",
    lambda world, deal, row: (
        _is_in(world, deal, "open", "offer")
        and not row["removed_at"]
        and row["contact_id"] in _own_events(world)
    ),
)
_register_membership(
    "contact that left an open deal",
    lambda world, deal, row: _is_in(world, deal, "open", "offer") and row["removed_at"],
)
_register_membership(
    "contact of a lost deal with a close date",
    lambda world, deal, row: _is_in(world, deal, "lost") and deal["closed_at"],
)
_register_membership(
    "contact of a lost deal without a close date",
    lambda world, deal, row: (
        _is_in(world, deal, "lost")
        and not deal["closed_at"]
        and deal["deal_id"] in _histories(world)
    ),
)
_register_membership(
    "contact that joined a lost deal after its latest entry",
    lambda world, deal, row: (
        _is_in(world, deal, "lost")
        and not deal["closed_at"]
        and any(
            row["associated_at"] > entry["entered_at"]
            for entry in _histories(world).get(deal["deal_id"], [])[-1:]
        )
    ),
)


@_edge("J-7 contact of two deals with stage entries")
def _(world: World) -> int:
    deals: dict[str, set[str]] = defaultdict(set)
    for deal_id in _histories(world):
        for row in _members(world).get(deal_id, ()):
            deals[row["contact_id"]].add(deal_id)
    return _count(len(ids) > 1 for ids in deals.values())


@_edge("J-7 stage entries of a deleted deal")
def _(world: World) -> int:
    return _count(
        deal["is_deleted"] and _histories(world).get(deal["deal_id"]) for deal in world.deals
    )


# What channels and KPIs are counted from (K).


@_once
def _counting(world: World) -> list[Row]:
    """The events that no exclusion list removes, in order of time, one of each id."""
    by_id: dict[str, Row] = {}
    for row in world.rows["events"]:
        agent = (row.get("user_agent") or "").lower()
        is_bot = any(word in agent for word in ("bot", "crawler", "spider", "headlesschrome"))
        if not is_bot and row.get("visitor_id") not in EXCLUDED_VISITORS:
            by_id.setdefault(row["event_id"], row)
    return sorted(by_id.values(), key=lambda row: (row["occurred_at"], row["event_id"]))


def _of_type(world: World, *event_types: str) -> list[Row]:
    return [row for row in _counting(world) if row["event_type"] in event_types]


def _wait_since_view(world: World, row: Row) -> timedelta | None:
    """The time since the visitor's latest page view at or before an event."""
    at = row["occurred_at"]
    views = _views_by_visitor(world).get(row.get("visitor_id") or "", ())
    return min(
        (at - view["occurred_at"] for view in views if view["occurred_at"] <= at), default=None
    )


def _is_in_session(world: World, row: Row) -> bool:
    wait = _wait_since_view(world, row)
    return wait is not None and wait < INACTIVITY


@_edge("K-0 event without an asset in a session")
def _(world: World) -> int:
    return _count(
        not row.get("asset_id") and _is_in_session(world, row)
        for row in _counting(world)
        if row["event_type"] != "page_viewed"
    )


@_edge("K-0 event on an asset in a session")
def _(world: World) -> int:
    return _count(
        row.get("asset_id") and _is_in_session(world, row)
        for row in _counting(world)
        if row["event_type"] != "page_viewed"
    )


def _register_properties(
    name: str, event_type: str, matches: Callable[[dict[str, object]], object]
) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(matches(properties_of(row)) for row in _of_type(world, event_type))


def _decimal(value: object) -> Decimal | None:
    """The number that a property's value is."""
    text = str(value)
    is_number = not isinstance(value, bool) and re.fullmatch(
        r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text
    )
    return Decimal(text) if is_number else None


def _has(name: str, wanted: str) -> Callable[[dict[str, object]], bool]:
    """Whether a property is a number."""
    return lambda found: _decimal(found.get(name)) == Decimal(wanted)


# Figures that come by day.


def _register_rows(name: str, table: str, matches: Callable[[World, Row], object]) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(matches(world, row) for row in world.rows[table])


def _on_day(column: str, days: int) -> Callable[[World, Row], bool]:
    """Whether a row's date is some days after an end of an association of its asset."""
    return lambda world, row: any(
        other[column] is not None
        and row["stat_date"] == other[column].date() + timedelta(days=days)
        for other in _associations(world).get(row["asset_id"], ())
    )


def _is_moved_on_day(world: World, row: Row) -> bool:
    begun = [
        other["campaign_id"]
        for other in _associations(world).get(row["asset_id"], ())
        if other["associated_at"].date() == row["stat_date"]
    ]
    return len(_associations(world).get(row["asset_id"], ())) > len(begun) > 0


def _is_deleted_campaign(world: World, row: Row) -> bool:
    return any(
        campaign["campaign_id"] == row["campaign_id"] and campaign.get("is_deleted")
        for campaign in world.rows["campaigns"]
    )


for _table in ("ad_stats", "social_stats"):
    for _name, _column, _days in (
        ("on the day of an association", "associated_at", 0),
        ("on the day before one", "associated_at", -1),
        ("on the day of its end", "removed_at", 0),
        ("on the day after its end", "removed_at", 1),
    ):
        _register_rows(f"K-6 {_table} {_name}", _table, _on_day(_column, _days))
    _register_rows(f"K-6 {_table} on the day of a move", _table, _is_moved_on_day)
    _register_rows(
        f"K-6 {_table} of an asset of no campaign",
        _table,
        lambda world, row: row["asset_id"] not in _associations(world),
    )

for _name, _matches in (
    ("K-3 cost without clicks", lambda world, row: row.get("cost") and not row.get("clicks")),
    ("K-3 clicks without cost", lambda world, row: row.get("clicks") and not row.get("cost")),
    ("K-3 cost in a currency without a rate", lambda world, row: row.get("currency") == "CHF"),
    ("K-3 cost in a currency with rates", lambda world, row: row.get("currency") == "USD"),
    ("K-3 cost in a currency with late rates", lambda world, row: row.get("currency") == "GBP"),
    ("K-4 no impressions", lambda world, row: row.get("impressions") in (None, 0)),
    ("K-4 placement search", lambda world, row: row.get("placement") == "search"),
    ("K-4 placement display", lambda world, row: row.get("placement") == "display"),
    ("K-4 placement Search", lambda world, row: row.get("placement") == "Search"),
    ("K-4 placement of another kind", lambda world, row: row.get("placement") == "video"),
    ("K-4 no placement", lambda world, row: row.get("placement") is None),
    ("K-5 no reported conversions", lambda world, row: row.get("reported_conversions") is None),
    ("K-5 half a reported conversion", lambda world, row: row.get("reported_conversions") == 1.5),
):
    _register_rows(_name, "ad_stats", _matches)

for _name, _matches in (
    ("K-2 no position", lambda world, row: row["position"] is None),
    ("K-2 position 1", lambda world, row: row["position"] == 1),
    ("K-2 position 10", lambda world, row: row["position"] == 10),
    ("K-2 position between 10 and 11", lambda world, row: row["position"] == 10.5),
    ("K-2 position that rounds to 10", lambda world, row: row["position"] == 10.00004),
    ("K-2 position below 1", lambda world, row: row["position"] == 0.9),
    ("K-2 keyword in upper case", lambda world, row: row["keyword"].isupper()),
    ("K-2 keyword with blanks", lambda world, row: row["keyword"] != row["keyword"].strip()),
    (
        "K-2 keyword of no campaign",
        lambda world, row: row["keyword"].strip().lower() not in _stored_keywords(world),
    ),
    (
        "K-2 ranking on the day of a keyword's association",
        lambda world, row: row["stat_date"] in _keyword_days(world, row, "associated_at"),
    ),
    (
        "K-2 ranking on the day of the end of a keyword's association",
        lambda world, row: row["stat_date"] in _keyword_days(world, row, "removed_at"),
    ),
):
    _register_rows(_name, "search_rankings", _matches)


def _stored_keywords(world: World) -> set[str]:
    return {row["keyword"].strip().lower() for row in world.rows["campaign_keywords"]}


def _keyword_days(world: World, ranking: Row, column: str) -> set[object]:
    keyword = ranking["keyword"].strip().lower()
    return {
        row[column].date()
        for row in world.rows["campaign_keywords"]
        if row["keyword"].strip().lower() == keyword and row[column] is not None
    }


def _register_rankings(name: str, column: str) -> None:
    @_edge(name)
    def _(world: World) -> int:
        found: dict[tuple[object, ...], set[object]] = defaultdict(set)
        others = {"engine": "stat_date", "stat_date": "engine"}
        for row in world.rows["search_rankings"]:
            if row["position"] is not None:
                found[row["keyword"], row[others[column]]].add(row[column])
        return _count(len(values) > 1 for values in found.values())


_register_rankings("K-2 keyword in two engines on a day", "engine")
_register_rankings("K-2 keyword on two days", "stat_date")

for _name, _matches in (
    ("K-6 overhead", lambda world, row: row.get("campaign_id") is None),
    ("K-6 spend of a deleted campaign", _is_deleted_campaign),
    ("K-6 negative spend", lambda world, row: row["amount"] < 0),
    ("K-6 spend without a rate", lambda world, row: row.get("currency") == "CHF"),
    ("K-6 spend in a currency with rates", lambda world, row: row.get("currency") == "USD"),
):
    _register_rows(_name, "campaign_spend", _matches)

for _name, _matches in (
    (
        "K-13 commission fixed and by rate",
        lambda world, row: row.get("commission_fixed") and row.get("commission_rate"),
    ),
    (
        "K-13 commission by rate only",
        lambda world, row: not row.get("commission_fixed") and row.get("commission_rate"),
    ),
    (
        "K-13 commission fixed only",
        lambda world, row: row.get("commission_fixed") and not row.get("commission_rate"),
    ),
    (
        "K-13 no commission",
        lambda world, row: not row.get("commission_fixed") and not row.get("commission_rate"),
    ),
    (
        "K-13 commission without a rate of exchange",
        lambda world, row: row.get("commission_fixed") and row.get("currency") == "CHF",
    ),
    ("K-13 affiliate without a partner", lambda world, row: row.get("partner") is None),
):
    _register_rows(_name, "affiliates", _matches)


@_edge("K-13 link without a row of its affiliate")
def _(world: World) -> int:
    known = {row["asset_id"] for row in world.rows["affiliates"]}
    return _count(
        row.get("asset_id") and row["asset_id"] not in known
        for row in _of_type(world, "affiliate_link_clicked")
    )


for _kpi in KPIS:
    _register_rows(
        f"K-18 target of {_kpi}", "kpi_targets", lambda world, row, kpi=_kpi: row["kpi"] == kpi
    )
for _name, _matches in (
    ("K-18 target of an unknown KPI", lambda world, row: row["kpi"] not in KPIS),
    ("K-18 target of the company", lambda world, row: row["campaign_id"] == COMPANY),
    ("K-18 target of a deleted campaign", _is_deleted_campaign),
    ("K-18 target of one day", lambda world, row: row["period_start"] == row["period_end"]),
):
    _register_rows(_name, "kpi_targets", _matches)


@_edge("K-18 targets that overlap")
def _(world: World) -> int:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in world.rows["kpi_targets"]:
        found[row["campaign_id"], row["kpi"]].append(row)
    return _count(
        one["period_start"] < other["period_start"] <= one["period_end"]
        for rows in found.values()
        for one in rows
        for other in rows
    )


# Clicks and the sessions that they bring.

_IS_CLICK: dict[str, Callable[[Row], object]] = {
    "email": lambda row: row["event_type"] == "email_clicked",
    "social": lambda row: (
        row["event_type"] == "social_post_interacted"
        and properties_of(row).get("interaction") == "click"
    ),
    "affiliate": lambda row: row["event_type"] == "affiliate_link_clicked",
}


@_once
def _visitors_of_contacts(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in world.rows["visitor_identities"]:
        found[row["contact_id"]].add(row["visitor_id"])
    return found


def _next_views(world: World, click: Row) -> tuple[timedelta, Row] | None:
    """The first page view at or after a click by its visitor, of a contact's click by a visitor
    identified as it, and the time until it."""
    visitors = {click.get("visitor_id")}
    if not click.get("visitor_id"):
        visitors = {*_visitors_of_contacts(world).get(click["contact_id"], ())}
    at = click["occurred_at"]
    views = [
        view
        for view in _counting(world)
        if view["event_type"] == "page_viewed"
        and view.get("visitor_id") in visitors
        and view["occurred_at"] >= at
    ]
    return (views[0]["occurred_at"] - at, views[0]) if views else None


def _register_brought(
    name: str, kind: str, matches: Callable[[World, Row, timedelta, Row], object]
) -> None:
    @_edge(name)
    def _(world: World) -> int:
        found = 0
        for click in filter(_IS_CLICK[kind], _counting(world)):
            following = _next_views(world, click)
            found += bool(following and matches(world, click, *following))
        return found


def _has_conversion(world: World, view: Row, shortest: timedelta, longest: timedelta) -> bool:
    """Whether a conversion of the view's visitor lies so long after the view."""
    return any(
        row["visitor_id"] == view["visitor_id"]
        and shortest <= row["occurred_at"] - view["occurred_at"] <= longest
        for row in _of_type(world, *CONVERSIONS)
    )


def _is_entry(world: World, view: Row) -> bool:
    """Whether no page view of the visitor lies so short before a view that it begins no session."""
    at = view["occurred_at"]
    return not any(
        at - INACTIVITY < other["occurred_at"] < at
        for other in _views_by_visitor(world).get(view["visitor_id"], ())
    )


def _is_tried_before(world: World, kind: str, click: Row, view: Row) -> bool:
    """Whether another click of the kind and visitor lies between a click and the view."""
    return any(
        other is not click
        and other.get("visitor_id") == click.get("visitor_id")
        and click["occurred_at"] <= other["occurred_at"] <= view["occurred_at"]
        for other in filter(_IS_CLICK[kind], _counting(world))
    )


for _rule, _kind in (("K-8", "email"), ("K-10", "social"), ("K-13", "affiliate")):
    for _name, _wait in (
        ("at the same instant as the page view", timedelta(0)),
        ("just within the limit before the page view", INACTIVITY - MICROSECOND),
        ("exactly the limit before the page view", INACTIVITY),
    ):
        _register_brought(
            f"{_rule} {_kind} click {_name}",
            _kind,
            lambda world, click, wait, view, limit=_wait: wait == limit,
        )
    for _name, _matches in (
        (
            "visitor's click brings a conversion",
            lambda world, click, wait, view: (
                click.get("visitor_id")
                and wait < INACTIVITY
                and _is_entry(world, view)
                and _has_conversion(world, view, timedelta(0), INACTIVITY - MICROSECOND)
            ),
        ),
        (
            "contact's click brings a conversion",
            lambda world, click, wait, view: (
                not click.get("visitor_id")
                and wait < INACTIVITY
                and _is_entry(world, view)
                and _has_conversion(world, view, timedelta(0), INACTIVITY - MICROSECOND)
            ),
        ),
        (
            "click brings a session that a conversion just misses",
            lambda world, click, wait, view: (
                wait < INACTIVITY and _has_conversion(world, view, INACTIVITY, INACTIVITY)
            ),
        ),
        (
            "click within a session",
            lambda world, click, wait, view: (
                wait < INACTIVITY and _is_in_session(world, click) and not _is_entry(world, view)
            ),
        ),
    ):
        _register_brought(f"{_rule} {_kind} {_name}", _kind, _matches)
    _register_brought(
        f"{_rule} two {_kind} clicks before one session",
        _kind,
        lambda world, click, wait, view, kind=_kind: (
            wait < INACTIVITY and _is_tried_before(world, kind, click, view)
        ),
    )

for _type in (
    "email_sent",
    "email_delivered",
    "email_bounced",
    "email_opened",
    "email_clicked",
    "email_reported_spam",
    "email_forwarded",
):
    _register_properties(
        f"K-8 {_type} with a mail client", _type, lambda found: found.get("mail_client")
    )
for _status in ("unsubscribed", "Unsubscribed", "UNSUBSCRIBED", "subscribed"):
    _register_properties(
        f"K-8 subscription {_status}",
        "email_subscription_updated",
        lambda found, status=_status: found.get("status") == status,
    )

# Codes, posts and calls.


@_edge("K-9 scan with country, region, city and device")
def _(world: World) -> int:
    columns = ("ip_country", "ip_region", "ip_city", "device_type")
    return _count(all(map(row.get, columns)) for row in _of_type(world, "qr_code_scanned"))


@_edge("K-9 scan whose property tells another country")
def _(world: World) -> int:
    return _count(
        properties_of(row).get("country") not in (None, "", row.get("ip_country"))
        for row in _of_type(world, "qr_code_scanned")
    )


@_edge("K-9 code scanned again by one person")
def _(world: World) -> int:
    seen = Counter(
        (row.get("asset_id"), row.get("contact_id") or row.get("visitor_id"))
        for row in _of_type(world, "qr_code_scanned")
    )
    return _count(times > 1 for times in seen.values())


@_edge("K-9 code scanned by several people")
def _(world: World) -> int:
    seen: dict[object, set[object]] = defaultdict(set)
    for row in _of_type(world, "qr_code_scanned"):
        seen[row.get("asset_id")].add(row.get("contact_id") or row.get("visitor_id"))
    return _count(len(people) > 1 for people in seen.values())


@_edge("K-9 scan by a contact id without a row, and no visitor")
def _(world: World) -> int:
    return _count(
        not row.get("visitor_id") and row["contact_id"] not in world.contacts
        for row in _of_type(world, "qr_code_scanned")
    )


for _interaction in ("click", "like", "comment", "share", "mention"):
    _register_properties(
        f"K-10 interaction {_interaction}",
        "social_post_interacted",
        lambda found, interaction=_interaction: found.get("interaction") == interaction,
    )
_register_properties(
    "K-10 interaction without a network",
    "social_post_interacted",
    lambda found: not found.get("network"),
)

for _outcome in ("answered", "missed", "busy", "no_answer", "voicemail", "completed", "Answered"):
    _register_properties(
        f"K-11 call {_outcome}",
        "call_ended",
        lambda found, outcome=_outcome: found.get("outcome") == outcome,
    )
for _name, _matches in (
    ("K-11 call without an outcome", lambda found: not found.get("outcome")),
    ("K-11 call of no length", _has("duration_s", "0")),
    ("K-11 call of negative length", _has("duration_s", "-3")),
    ("K-11 call to be rounded to milliseconds", _has("duration_s", "61.0005")),
    ("K-11 call longer than any", _has("duration_s", "1e20")),
    ("K-11 call without a length", lambda found: not str(found.get("duration_s") or "")),
    ("K-11 call's length is no number", lambda found: found.get("duration_s") == "a minute"),
):
    _register_properties(_name, "call_ended", _matches)


@_edge("K-11 call without a tracking number")
def _(world: World) -> int:
    return _count(not row.get("asset_id") for row in _of_type(world, "call_ended"))


# Reports of pixels.


@_once
def _reports(world: World) -> dict[tuple[object, object], list[Row]]:
    """By network and dedup id the reports of conversions."""
    found: dict[tuple[object, object], list[Row]] = defaultdict(list)
    for row in _of_type(world, "pixel_fired"):
        told = properties_of(row)
        if told.get("pixel_event") != "page_view" and told.get("dedup_id") not in (None, ""):
            found[told.get("network") or None, str(told["dedup_id"])].append(row)
    return found


def _sources(rows: list[Row]) -> list[bool]:
    """Whether each of some reports is the server's."""
    return [properties_of(row).get("source") == "server" for row in rows]


def _register_reports(name: str, matches: Callable[[list[Row]], object]) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(matches(rows) for rows in _reports(world).values())


for _name, _matches_all in (
    ("browser then server", lambda rows: [False, True] in map(list, pairwise(_sources(rows)))),
    ("server then browser", lambda rows: [True, False] in map(list, pairwise(_sources(rows)))),
    ("the browser twice", lambda rows: len(rows) > 1 and not any(_sources(rows))),
    ("the server twice", lambda rows: len(rows) > 1 and all(_sources(rows))),
    ("on both sides of midnight", lambda rows: len({r["occurred_at"].date() for r in rows}) > 1),
    ("at one instant", lambda rows: len({r["occurred_at"] for r in rows}) < len(rows)),
    (
        "of two kinds",
        lambda rows: len({properties_of(row).get("pixel_event") for row in rows}) > 1,
    ),
    (
        "the first without a value",
        lambda rows: (
            _decimal(properties_of(rows[0]).get("value")) is None
            and any(_decimal(properties_of(row).get("value")) is not None for row in rows)
        ),
    ),
    (
        "the first in a currency without a rate",
        lambda rows: len(rows) > 1 and properties_of(rows[0]).get("currency") == "CHF",
    ),
    ("without a network", lambda rows: not properties_of(rows[0]).get("network")),
):
    _register_reports(f"K-12 one conversion reported {_name}", _matches_all)


@_edge("K-12 two networks with one dedup id")
def _(world: World) -> int:
    networks: dict[object, set[object]] = defaultdict(set)
    for network, dedup_id in _reports(world):
        networks[dedup_id].add(network)
    return _count(len(found) > 1 for found in networks.values())


for _name, _matches in (
    ("K-12 report without a dedup id", lambda found: found.get("dedup_id") in (None, "")),
    ("K-12 report without a kind", lambda found: not found.get("pixel_event")),
    ("K-12 report without a source", lambda found: not found.get("source")),
    ("K-12 report by the Server", lambda found: found.get("source") == "Server"),
    ("K-12 dedup id that is a number", lambda found: _is_number(found.get("dedup_id"))),
    ("K-12 pixel that saw a page", lambda found: found.get("pixel_event") == "page_view"),
    (
        "K-12 value in a currency without a rate",
        lambda found: _decimal(found.get("value")) and found.get("currency") == "CHF",
    ),
    ("K-12 negative value", _has("value", "-5")),
    ("K-12 value of half a cent", _has("value", "0.005")),
):
    _register_properties(_name, "pixel_fired", _matches)


def _interest(world: World) -> dict[object, list[Row]]:
    found: dict[object, list[Row]] = defaultdict(list)
    for row in _of_type(world, "pixel_fired", "cart_updated"):
        is_page = properties_of(row).get("pixel_event") == "page_view"
        if row.get("visitor_id") and (is_page or row["event_type"] == "cart_updated"):
            found[row["visitor_id"]].append(row)
    return found


def _converted(world: World) -> set[object]:
    return {
        row.get("visitor_id")
        for row in _of_type(world, *CONVERSIONS, "pixel_fired")
        if row["event_type"] in CONVERSIONS
        or properties_of(row).get("pixel_event") in ("purchase", "form_submission", "registration")
    }


@_edge("K-12 visitor with interest who never converted")
def _(world: World) -> int:
    return len(_interest(world).keys() - _converted(world))


@_edge("K-12 visitor with interest who converted")
def _(world: World) -> int:
    return len(_interest(world).keys() & _converted(world))


@_edge("K-12 visitor who was interested twice, and saw a page at a URL")
def _(world: World) -> int:
    converted = _converted(world)
    return _count(
        len(rows) > 1
        and visitor not in converted
        and any(row["event_type"] == "pixel_fired" and row.get("url") for row in rows)
        for visitor, rows in _interest(world).items()
    )


# Carts and apps.


@_once
def _people(world: World) -> dict[str, str]:
    """By visitor the one contact as which it was ever identified."""
    found = _distinct_identities(world)
    return {visitor: next(iter(pairs))[1] for visitor, pairs in found.items() if len(pairs) == 1}


def _by_person(world: World, *event_types: str) -> dict[object, list[Row]]:
    """Events by who did them, as far as a contact on the event and one identification tell."""
    found: dict[object, list[Row]] = defaultdict(list)
    for row in _of_type(world, *event_types):
        visitor = row.get("visitor_id") or ""
        found[row.get("contact_id") or _people(world).get(visitor) or visitor].append(row)
    return found


def _register_pairs(
    name: str, event_types: tuple[str, ...], matches: Callable[[Row, Row], object]
) -> None:
    """Registers an edge of two events of a person that follow one another."""

    @_edge(name)
    def _(world: World) -> int:
        return _count(
            matches(one, other)
            for rows in _by_person(world, *event_types).values()
            for one, other in pairwise(rows)
        )


_CART = ("cart_updated", "cart_abandoned", "purchase_completed")
_APP = ("app_opened", "app_closed")


def _is_turn(first: str, second: str) -> Callable[[Row, Row], bool]:
    return lambda one, other: (one["event_type"], other["event_type"]) == (first, second)


for _first in _CART:
    for _second in _CART:
        _register_pairs(f"K-14 {_first}, then {_second}", _CART, _is_turn(_first, _second))
for _first in _APP:
    for _second in _APP:
        _register_pairs(f"K-14 {_first}, then {_second}", _APP, _is_turn(_first, _second))
for _name, _matches_both in (
    (
        "at one instant",
        lambda one, other: (
            one["occurred_at"] == other["occurred_at"] and one["event_type"] != other["event_type"]
        ),
    ),
    (
        "across midnight",
        lambda one, other: (
            one["occurred_at"].date() + timedelta(days=1) == other["occurred_at"].date()
            and _is_turn("cart_updated", "cart_abandoned")(one, other)
        ),
    ),
    (
        "by two visitors of one person",
        lambda one, other: (
            one.get("visitor_id")
            and other.get("visitor_id")
            and one["visitor_id"] != other["visitor_id"]
        ),
    ),
    (
        "by a visitor, then by the contact alone",
        lambda one, other: one.get("visitor_id") and not other.get("visitor_id"),
    ),
):
    _register_pairs(f"K-14 cart changed {_name}", _CART, _matches_both)


@_edge("K-14 cart abandoned, and nothing of the person before")
def _(world: World) -> int:
    return _count(
        rows[0]["event_type"] == "cart_abandoned" for rows in _by_person(world, *_CART).values()
    )


@_edge("K-14 app opened, and nothing of the person behind")
def _(world: World) -> int:
    return _count(
        rows[-1]["event_type"] == "app_opened" for rows in _by_person(world, *_APP).values()
    )


for _days in (1, 6, 7, 29, 30):

    @_edge(f"K-14 app used on days that lie {_days} apart")
    def _(world: World, apart: timedelta = timedelta(days=_days)) -> int:
        days = {row["occurred_at"].date() for row in _of_type(world, *_APP, "feature_used")}
        return _count(day + apart in days for day in days)


_register_properties(
    "K-14 purchase in a currency without a rate",
    "purchase_completed",
    lambda found: _decimal(found.get("value")) and found.get("currency") == "CHF",
)
_register_properties(
    "K-14 purchase in a currency with rates",
    "purchase_completed",
    lambda found: _decimal(found.get("value")) and found.get("currency") == "USD",
)
_register_properties(
    "K-14 purchase without a value",
    "purchase_completed",
    lambda found: _decimal(found.get("value")) is None,
)

# Pages.


def _place(row: Row) -> tuple[object, object]:
    found = properties_of(row)
    return (_decimal(found.get("x")), _decimal(found.get("y")))


def _thirds(world: World) -> Iterator[tuple[Row, Row, Row]]:
    """Three clicks in a row of a visitor at places of a page."""
    by_visitor: dict[object, list[Row]] = defaultdict(list)
    for row in _of_type(world, "page_clicked"):
        if row.get("visitor_id") and None not in _place(row):
            by_visitor[row["visitor_id"]].append(row)
    for rows in by_visitor.values():
        yield from zip(rows, rows[1:], rows[2:], strict=False)


def _register_thirds(
    name: str, passed: timedelta, differs: Callable[[Row, Row, Row], object]
) -> None:
    @_edge(name)
    def _(world: World) -> int:
        return _count(
            three[2]["occurred_at"] - three[0]["occurred_at"] == passed and differs(*three)
            for three in _thirds(world)
        )


def _is_one_cell(*rows: Row) -> bool:
    return len({(row.get("url"), _place(row)) for row in rows}) == 1


_SECOND = timedelta(seconds=1)
_register_thirds("K-15 three clicks on a place within a second", _SECOND, _is_one_cell)
_register_thirds(
    "K-15 three clicks on a place within a microsecond more", _SECOND + MICROSECOND, _is_one_cell
)
_register_thirds(
    "K-15 three clicks within a second, not all at one place",
    _SECOND,
    lambda *rows: len({_place(row) for row in rows}) > 1,
)
_register_thirds(
    "K-15 three clicks within a second, not all at one URL",
    _SECOND,
    lambda *rows: len({row.get("url") for row in rows}) > 1,
)

for _name, _x in (
    ("at 0", "0"),
    ("at 1", "1"),
    ("on a line of the grid", "0.05"),
    ("just before a line of the grid", "0.049999999"),
    ("beyond the page", "1.000000001"),
    ("beyond the page by what is rounded off", "1.0000000001"),
    ("before the page", "-0.01"),
):
    _register_properties(f"K-15 click {_name}", "page_clicked", _has("x", _x))
for _name, _depth in (
    ("0", "0"),
    ("exactly a decile", "0.1"),
    ("just beyond a decile", "0.100000001"),
    ("1", "1"),
    ("beyond the page", "1.01"),
    ("negative", "-0.1"),
):
    _register_properties(f"K-15 depth {_name}", "page_scrolled", _has("scroll_depth", _depth))
for _name, _type, _matches in (
    ("click at no readable place", "page_clicked", lambda found: found.get("x") == "left"),
    ("click with half a place", "page_clicked", lambda found: found.get("y") is None),
    ("dead click", "page_clicked", lambda found: found.get("is_dead") is True),
    ("dead click by a word", "page_clicked", lambda found: found.get("is_dead") == "yes"),
    ("click that is not dead", "page_clicked", lambda found: found.get("is_dead") == 0),
    ("depth missing", "page_scrolled", lambda found: found.get("scroll_depth") is None),
    ("depth is no number", "page_scrolled", lambda found: found.get("scroll_depth") == "deep"),
):
    _register_properties(f"K-15 {_name}", _type, _matches)


@_edge("K-15 error in a session")
def _(world: World) -> int:
    return _count(_is_in_session(world, row) for row in _of_type(world, "page_error"))


@_edge("K-15 click without an asset at a page's URL")
def _(world: World) -> int:
    pages = {_page(asset["url"]) for asset in world.assets_of(*PAGE_TYPES) if asset["url"]}
    return _count(
        not row.get("asset_id") and row.get("url") and _page(row["url"]) in pages
        for row in _of_type(world, "page_clicked", "page_scrolled")
    )


@_edge("K-15 click on an asset")
def _(world: World) -> int:
    return _count(row.get("asset_id") for row in _of_type(world, "page_clicked", "page_scrolled"))


# Surveys.

_BORDERS = {
    "nps": ("-1", "0", "6", "6.9999", "6.99999", "7", "9", "10", "10.5"),
    "csat": ("0", "0.9", "1", "3", "3.99996", "4", "5", "5.1"),
    "ces": ("0", "1", "4", "4.9999", "5", "7", "7.00001", "7.1"),
}
for _survey, _scores in _BORDERS.items():
    for _score in _scores:
        _register_properties(
            f"K-16 {_survey} of {_score}",
            "survey_responded",
            lambda found, survey=_survey, score=_score: (
                found.get("kind") == survey and _has("score", score)(found)
            ),
        )
for _name, _matches in (
    ("K-16 kind in upper case", lambda found: found.get("kind") == "NPS"),
    ("K-16 kind that is none", lambda found: found.get("kind") == "stars"),
    ("K-16 response without a kind", lambda found: found.get("kind") in (None, "")),
    ("K-16 response without a score", lambda found: found.get("score") in (None, "")),
    ("K-16 score is no number", lambda found: found.get("score") == "great"),
):
    _register_properties(_name, "survey_responded", _matches)


@_edge("K-16 response in a session")
def _(world: World) -> int:
    return _count(_is_in_session(world, row) for row in _of_type(world, "survey_responded"))


@_edge("K-16 response of a visitor outside sessions")
def _(world: World) -> int:
    return _count(
        row.get("visitor_id") and not _is_in_session(world, row)
        for row in _of_type(world, "survey_responded")
    )


@_edge("K-16 response exactly the limit after a page view")
def _(world: World) -> int:
    return _count(
        _wait_since_view(world, row) == INACTIVITY for row in _of_type(world, "survey_responded")
    )


@_edge("K-16 response without a survey")
def _(world: World) -> int:
    return _count(not row.get("asset_id") for row in _of_type(world, "survey_responded"))


# What the input contract says of rows.


@_edge("inputs unknown event type")
def _(world: World) -> int:
    return _count(row["event_type"] == UNKNOWN_TYPE for row in world.rows["events"])


def _register_reference(table: str, column: str, target: str) -> None:
    @_edge(f"inputs unknown {column} in {table}")
    def _(world: World) -> int:
        known = {row[target.removesuffix("s") + "_id"] for row in world.rows[target]}
        return _count(row.get(column) and row[column] not in known for row in world.rows[table])


for _table, _column, _target in (
    ("events", "contact_id", "contacts"),
    ("events", "asset_id", "assets"),
    ("visitor_identities", "contact_id", "contacts"),
    ("contact_merges", "contact_id", "contacts"),
    ("deal_stage_history", "deal_id", "deals"),
    ("deal_contacts", "deal_id", "deals"),
    ("deal_contacts", "contact_id", "contacts"),
    ("campaign_assets", "campaign_id", "campaigns"),
    ("campaign_assets", "asset_id", "assets"),
    ("campaign_keywords", "campaign_id", "campaigns"),
    ("campaign_spend", "campaign_id", "campaigns"),
    ("kpi_targets", "campaign_id", "campaigns"),
    ("ad_stats", "asset_id", "assets"),
    ("social_stats", "asset_id", "assets"),
    ("affiliates", "asset_id", "assets"),
):
    _register_reference(_table, _column, _target)


@_edge("inputs name that is easily misread")
def _(world: World) -> int:
    return _count(
        row["name"] in TRICKY_TEXTS
        for table in ("campaigns", "assets", "deals")
        for row in world.rows[table]
    )


@_edge("inputs event that names an unknown deal")
def _(world: World) -> int:
    deals = {deal["deal_id"] for deal in world.deals}
    return _count(
        row.get("deal_id") and row["deal_id"] not in deals for row in world.rows["events"]
    )


@_edge("inputs event twice, the later received first in the file")
def _(world: World) -> int:
    return _count(
        group[0]["received_at"]
        and group[1]["received_at"]
        and group[0]["received_at"] > group[1]["received_at"]
        for group in _same_key(world.rows["events"], "event_id")
    )


@_edge("inputs event twice with other content, received at one instant or never")
def _(world: World) -> int:
    return _count(
        group[0]["received_at"] == group[1]["received_at"] and group[0] != group[1]
        for group in _same_key(world.rows["events"], "event_id")
    )


@_edge("inputs event twice, received once")
def _(world: World) -> int:
    return _count(
        (group[0]["received_at"] is None) != (group[1]["received_at"] is None)
        for group in _same_key(world.rows["events"], "event_id")
    )


def _register_versions(table: str, key: str) -> None:
    for name, matches in (
        ("the newer one first", lambda a, b: a and b and a > b),
        ("one without updated_at", lambda a, b: (a is None) != (b is None)),
        ("equal or no updated_at", lambda a, b: a == b),
    ):

        @_edge(f"inputs two versions in {table}, {name}")
        def _(world: World, matches: Callable[..., object] = matches) -> int:
            return _count(
                matches(group[0].get("updated_at"), group[1].get("updated_at"))
                for group in _same_key(world.rows[table], key)
            )


for _table, _key in (
    ("contacts", "contact_id"),
    ("campaigns", "campaign_id"),
    ("assets", "asset_id"),
    ("deals", "deal_id"),
):
    _register_versions(_table, _key)


@_edge("inputs ids with leading zeros")
def _(world: World) -> int:
    return _count(
        contact_id.isdigit() and contact_id.startswith("0") for contact_id in world.contacts
    )


@_edge("inputs ids beyond 2^53")
def _(world: World) -> int:
    return _count(
        contact_id.isdigit() and not contact_id.startswith("0") for contact_id in world.contacts
    )


@_edge("inputs visitor with the id of a contact")
def _(world: World) -> int:
    return _count(visitor in world.contacts for visitor in world.visitors)
