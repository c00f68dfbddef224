"""Who did it: merges, identification of visitors, erasure (ID-1..ID-6)."""

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime
from typing import Any

Row = dict[str, Any]


def merge_cycles(survivor_of: dict[str, str]) -> set[str]:
    """ID-5: the contacts that stand in a merge cycle (a self-merge too)."""
    cycles: set[str] = set()
    done: set[str] = set()
    for start in survivor_of:
        path: list[str] = []
        position: dict[str, int] = {}
        node: str | None = start
        while node is not None and node not in done:
            if node in position:
                cycles.update(path[position[node] :])
                break
            position[node] = len(path)
            path.append(node)
            node = survivor_of.get(node)
        done.update(path)
    return cycles


def resolve_merges(survivor_of: dict[str, str], cycles: set[str]) -> dict[str, str]:
    """ID-5: the survivor at the end of each merged contact's chain; a chain that runs into a
    cycle ends at the contact where it meets it."""
    resolved: dict[str, str] = {}
    for start in survivor_of:
        if start in cycles:
            continue
        node = start
        while node in survivor_of and node not in cycles:
            node = survivor_of[node]
        resolved[start] = node
    return resolved


class Identity:
    """Resolves contacts and visitors of the deduplicated tables."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.rows: dict[str, Row] = {row["contact_id"]: row for row in tables["contacts"]}
        survivor_of = {
            row["merged_contact_id"]: row["contact_id"] for row in tables["contact_merges"]
        }
        self.cycles = merge_cycles(survivor_of)
        self.aliases = resolve_merges(survivor_of, self.cycles)
        self.created_at = self._created_at()
        self.erased = {self.survivor(row["contact_id"]) for row in tables["contact_erasures"]}
        self.identifications = self._identifications(tables["visitor_identities"])
        self.erased_visitors = {
            row["visitor_id"]
            for row in tables["visitor_identities"]
            if self.survivor(row["contact_id"]) in self.erased
        }

    def survivor(self, contact_id: str) -> str:
        """ID-5: the contact that stands for a contact after all merges."""
        return self.aliases.get(contact_id, contact_id)

    def contact(self, contact_id: str) -> str | None:
        """ID-2: the surviving contact, None as long as it has no row in ``contacts``."""
        survivor = self.survivor(contact_id)
        return survivor if survivor in self.rows else None

    def _created_at(self) -> dict[str, datetime]:
        """ID-5: a survivor's create date is the earliest of the group's."""
        created: dict[str, datetime] = {}
        for contact_id, row in self.rows.items():
            survivor = self.survivor(contact_id)
            if survivor not in created or row["created_at"] < created[survivor]:
                created[survivor] = row["created_at"]
        return {contact: at for contact, at in created.items() if contact in self.rows}

    @staticmethod
    def _identifications(rows: list[Row]) -> dict[str, list[tuple[datetime, str]]]:
        """ID-4: per visitor its identifications in order of time; of several at one instant the
        greatest contact id."""
        by_visitor: dict[str, dict[datetime, str]] = defaultdict(dict)
        for row in rows:
            at_instant = by_visitor[row["visitor_id"]]
            at = row["identified_at"]
            at_instant[at] = max(at_instant.get(at, ""), row["contact_id"])
        return {visitor: sorted(found.items()) for visitor, found in by_visitor.items()}

    def person(self, contact_id: str | None, visitor_id: str | None, at: datetime) -> str | None:
        """ID-1..ID-4: the contact of an event, None where its person is the visitor.

        A contact id on the event wins, even without a row in ``contacts``; else the latest
        identification of the visitor at or before the event, else its first.
        """
        if contact_id is not None:
            return self.contact(contact_id)
        found = self.identifications.get(visitor_id) if visitor_id is not None else None
        if not found:
            return None
        index = bisect_right(found, at, key=lambda item: item[0])
        return self.contact(found[max(index - 1, 0)][1])

    def published(self, contact_id: str | None) -> str | None:
        """ID-6: a contact id as marts show it, None for an erased contact."""
        return None if contact_id in self.erased else contact_id
