"""Association histories of sources that tell only the present (``association_history``)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from .contract import Table

Row = dict[str, Any]
Pair = tuple[str, str]

# table: the columns that make a pair
PAIRS = {
    "campaign_assets": ("campaign_id", "asset_id"),
    "campaign_keywords": ("campaign_id", "keyword"),
    "deal_contacts": ("deal_id", "contact_id"),
}


def without_association_times(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The contract of snapshots: the three association tables don't require associated_at."""
    return {
        name: replace(table, required=table.required - {"associated_at"})
        if name in PAIRS
        else table
        for name, table in tables.items()
    }


class Observations:
    """Which pairs each load saw in each table."""

    def __init__(self) -> None:
        self._content: dict[tuple[str, str], set[Pair]] = {}
        self._seen: dict[str, dict[int, set[Pair]]] = defaultdict(dict)

    def note(self, load_id: int, table_name: str, digest: str, rows: Iterable[Row]) -> None:
        """A file was loaded with these good rows; what was removed is no part of the present."""
        if table_name in PAIRS:
            one, other = PAIRS[table_name]
            self._content[table_name, digest] = {
                (row[one], row[other]) for row in rows if row["removed_at"] is None
            }
            self.repeat(load_id, table_name, digest)

    def repeat(self, load_id: int, table_name: str, digest: str) -> None:
        """A file of content that was loaded before was taken up."""
        if table_name in PAIRS:
            seen = self._seen[table_name].setdefault(load_id, set())
            seen |= self._content[table_name, digest]

    def intervals(self, table_name: str, load_instants: Sequence[datetime | None]) -> list[Row]:
        """Rows with associated_at and removed_at: from the load in which a pair was first seen
        to the first later one without it.

        Raises:
            ValueError: a load that observed the table has no instant.
        """
        one, other = PAIRS[table_name]
        rows: list[Row] = []
        open_rows: dict[Pair, Row] = {}
        for load_id, pairs in sorted(self._seen[table_name].items()):
            instant = load_instants[load_id - 1]
            if instant is None:
                raise ValueError(f"load {load_id} observed {table_name} and has no instant")
            for pair in open_rows.keys() - pairs:
                open_rows.pop(pair)["removed_at"] = instant
            for pair in sorted(pairs - open_rows.keys()):
                row = {
                    one: pair[0],
                    other: pair[1],
                    "associated_at": instant,
                    "removed_at": None,
                }
                open_rows[pair] = row
                rows.append(row)
        return rows
