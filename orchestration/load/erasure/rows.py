"""One row of a raw table without an erased person."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Set
from functools import cache
from typing import Any

from orchestration.load.contracts import Kind, Table
from orchestration.load.erasure.pseudonyms import Pseudonyms
from orchestration.load.erasure.register import Register
from orchestration.load.erasure.texts import Texts
from orchestration.settings import PROJECT_DIR

EXCLUDED_USER_AGENTS = PROJECT_DIR / "seeds" / "reference" / "excluded_user_agents.csv"
EVENT_PROPERTIES = PROJECT_DIR / "seeds" / "reference" / "event_properties.csv"

CONTACT_COLUMNS = ("contact_id", "merged_contact_id")
VISITOR_COLUMNS = ("visitor_id",)

_PERSONAL = ("email", "phone", "ip_region", "ip_city", "_extra")
# What a person wrote.
_FREE_TEXT = frozenset({"comment"})
# Ids that a source may make of a contact's id; the others name something else, as an asset.
_COMPOSED_IDS = frozenset({"event_id", "deal_id", "spend_id"})

Row = dict[str, Any]


class Rows:
    """Rows of raw tables without the people of a register.

    ``deals``: ids, with pseudonyms in them, of the deals that erased contacts are on; their names
    are free text about people.
    """

    def __init__(self, register: Register, pseudonyms: Pseudonyms, deals: Set[str]) -> None:
        self._contacts = _Ids(register.contacts, pseudonyms)
        self._visitors = _Ids(register.visitors, pseudonyms)
        self._pseudonyms = pseudonyms
        self._deals = deals
        self.texts = Texts(pseudonyms, register.words, measures())

    def ids(self, column: str) -> _Ids | None:
        """The erased ids that a column may have; None for a column of no person's ids."""
        if column in CONTACT_COLUMNS:
            return self._contacts
        return self._visitors if column in VISITOR_COLUMNS else None

    def is_own(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is about an erased person."""
        if "name" in row and self.texts.plain(row.get("deal_id") or "") in self._deals:
            return True
        return any(
            value is not None
            and (ids := self.ids(column)) is not None
            and ids.has(self._id(ids, value))
            for column, value in row.items()
        )

    def is_named(self, ids: _Ids, value: str) -> bool:
        """Whether a person's id is an erased one, or as a whole what somebody erased is known by.

        A source may take a contact's id, or e-mail address, for a visitor's.
        """
        return ids.has(value) or self.texts.whole(value) != value

    def _id(self, ids: _Ids, value: str) -> str:
        return ids.of(self.texts.whole(ids.of(value)))

    def without_person(self, table: Table, row: Row) -> Row:
        """A row of a raw file without any erased person."""
        is_own = self.is_own(row)
        return {
            column: None if value is None else self._value(table, column, value, is_own)
            for column, value in row.items()
        }

    def _value(self, table: Table, column: str, value: Any, is_own: bool) -> Any:
        ids = self.ids(column)
        if ids is not None:
            return self._id(ids, value)
        if is_own and (column in _PERSONAL or (column, table.name) == ("name", "deals")):
            return None
        if column == "user_agent" and is_own:
            return excluded_by(value)
        if column not in texts_of(table):
            return value
        if is_json(table, column):
            return self._properties(value) if is_own else self.texts.json(value)
        return self.texts.own(value) if is_own else self.texts.plain(value)

    def _properties(self, text: str) -> str:
        """The catalogue's properties of an erased person's event but for what the person wrote."""
        try:
            pairs = json.loads(
                text, object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number
            )
        except RecursionError:
            return "{}"
        kept = _Pairs(pair for pair in pairs if pair[0] in known_properties() - _FREE_TEXT)
        return self.texts.own_json(_as_json(kept))

    def names_person(self, text: str) -> bool:
        """Whether the text of a bad row, of whatever format, names an erased person."""
        return not self.texts.plain(text) == text == self.texts.json(text)

    def bad_row(self, row: Row) -> Row:
        """A row of a quarantine file that names an erased person: it keeps nothing it came with."""
        sha256 = row["row_sha256"] and self._pseudonyms.of(row["row_sha256"])
        reason = row["reason"] and self.texts.plain(row["reason"])
        return {**row, "row_text": None, "row_sha256": sha256, "reason": reason}


class _Ids:
    """Erased ids of one kind, in the clear or by their pseudonyms."""

    def __init__(self, erased: Set[str], pseudonyms: Pseudonyms) -> None:
        self._erased = erased
        self._pseudonyms = pseudonyms
        self._seen: dict[str, str] = {}

    def of(self, value: str) -> str:
        """The pseudonym of an erased id, any other id as it is."""
        if value not in self._seen:
            pseudonym = self._pseudonyms.of(value)
            self._seen[value] = pseudonym if pseudonym in self._erased else value
        return self._seen[value]

    def has(self, value: str | None) -> bool:
        """Whether an id is an erased one, or the pseudonym of one."""
        return value is not None and (value in self._erased or self.of(value) != value)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object, with names that stand in it twice."""


class _Number(str):
    """A JSON number as it is written."""


def _as_json(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, _Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {_as_json(part)}" for key, part in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_as_json(part) for part in value) + "]"
    return json.dumps(value)


def texts_of(table: Table) -> frozenset[str]:
    """The columns of a raw table in which people may be named."""
    named = {
        column.name
        for column in table.columns
        if column.kind in (Kind.TEXT, Kind.JSON)
        and (column.name in _COMPOSED_IDS or not column.name.endswith("_id"))
    }
    return frozenset({*named, "_extra"})


def is_json(table: Table, column: str) -> bool:
    """Whether a text column holds JSON."""
    return column == "_extra" or table.column(column).kind is Kind.JSON


def excluded_by(user_agent: str) -> str | None:
    """The entries of the list of bots that a user agent has (ID-7); None for a person's."""
    entries = [entry for entry in excluded_user_agents() if entry in user_agent.lower()]
    return " ".join(entries) or None


@cache
def excluded_user_agents() -> tuple[str, ...]:
    """The reference seed's entries, in lower case."""
    with EXCLUDED_USER_AGENTS.open(encoding="utf-8", newline="") as file:
        return tuple(row["entry"].lower() for row in csv.DictReader(file))


@cache
def known_properties() -> frozenset[str]:
    """The names of the catalogue's properties."""
    with EVENT_PROPERTIES.open(encoding="utf-8", newline="") as file:
        return frozenset(row["property"] for row in csv.DictReader(file))


@cache
def measures() -> frozenset[str]:
    """The names of the catalogue's properties that are numbers."""
    with EVENT_PROPERTIES.open(encoding="utf-8", newline="") as file:
        return frozenset(row["property"] for row in csv.DictReader(file) if row["kind"] == "number")
