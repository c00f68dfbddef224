from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.reference.contract import TABLES
from tests.reference.identity import Identity, merge_cycles, resolve_merges


def _at(hour: int) -> datetime:
    return datetime(2025, 1, 1, hour)


def _identity(**tables: list[dict[str, Any]]) -> Identity:
    return Identity({name: [] for name in TABLES} | tables)


def _contacts(*ids: str) -> list[dict[str, Any]]:
    return [
        {"contact_id": contact_id, "created_at": _at(hour)} for hour, contact_id in enumerate(ids)
    ]


def _identified(contact_id: str, hour: int) -> dict[str, Any]:
    return {"visitor_id": "v", "contact_id": contact_id, "identified_at": _at(hour)}


def test_id5_merges_are_transitive() -> None:
    merges = {"a": "b", "b": "c", "x": "y"}
    assert merge_cycles(merges) == set()
    assert resolve_merges(merges, set()) == {"a": "c", "b": "c", "x": "y"}


def test_id5_contacts_in_a_cycle_stay_apart_and_catch_what_runs_into_them() -> None:
    merges = {"a": "b", "b": "c", "c": "b", "self": "self", "into_self": "self", "p": "q"}
    cycles = merge_cycles(merges)
    assert cycles == {"b", "c", "self"}
    assert resolve_merges(merges, cycles) == {"a": "b", "into_self": "self", "p": "q"}


def test_id5_the_survivor_is_created_when_the_first_of_its_group_was() -> None:
    identity = _identity(
        contacts=_contacts("early", "late"),
        contact_merges=[{"merged_contact_id": "early", "contact_id": "late"}],
    )
    assert identity.created_at == {"late": _at(0)}


def test_id2_a_contact_without_a_row_wins_over_the_visitor_and_is_nobody() -> None:
    identity = _identity(contacts=_contacts("known"), visitor_identities=[_identified("known", 5)])
    assert identity.person("unknown", "v", _at(6)) is None
    assert identity.person(None, "v", _at(6)) == "known"
    assert identity.person(None, "w", _at(6)) is None


def test_id4_an_event_belongs_to_the_latest_identification_at_or_before_it() -> None:
    identity = _identity(
        contacts=_contacts("a", "b", "c"),
        visitor_identities=[_identified("a", 5), _identified("b", 10), _identified("c", 10)],
    )
    assert [identity.person(None, "v", _at(hour)) for hour in (1, 5, 9, 10, 23)] == [
        "a",
        "a",
        "a",
        "c",
        "c",
    ]


def test_id6_an_erasure_erases_the_whole_group() -> None:
    identity = _identity(
        contacts=_contacts("a", "b"),
        contact_merges=[{"merged_contact_id": "a", "contact_id": "b"}],
        contact_erasures=[{"contact_id": "a"}],
        visitor_identities=[_identified("b", 5)],
    )
    assert identity.erased == {"b"}
    assert identity.erased_visitors == {"v"}
    assert identity.published("b") is None
