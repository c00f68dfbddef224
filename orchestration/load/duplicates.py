"""How many rows of new files count, and how many are duplicates of rows that count instead."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.load.contracts import Table
from orchestration.load.sql import identifier, raw_rows


class Order:
    """Which of two rows with one key counts, as SQL over the columns of raw files."""

    def __init__(self, table: Table) -> None:
        self.key = ", ".join(f'"{name}"' for name in table.key)
        self._table = table
        if table.earliest_received_counts:
            instant = "coalesce(received_at, timestamp 'infinity')"
            sequence = ("_file", "_row_number", "_load_id")
            self._is_better, self.best = "<", "min"
        else:
            has_instant = "updated_at" in table.column_names
            instant = f"coalesce({'updated_at' if has_instant else 'null'}, timestamp '-infinity')"
            sequence = ("_load_id", "_file", "_row_number")
            self._is_better, self.best = ">", "max"
        fields = ", ".join(f"{name} := {name}" for name in sequence)
        # A row's place in the order: places compare field by field.
        self.place = f"struct_pack(instant := {instant}, {fields})"

    def is_better(self, place: str, other: str) -> str:
        """Whether the row at the first place counts, not the one at the other."""
        return f"{place} {self._is_better} {other}"

    def same_key(self, left: str, right: str) -> str:
        """Whether two rows have one key; a missing part equals a missing part."""
        return " and ".join(
            f'{left}."{name}" '
            + ("=" if self._table.column(name).required else "is not distinct from")
            + f' {right}."{name}"'
            for name in self._table.key
        )


def hash_of_key(table: Table) -> str:
    """The 64-bit hash of a row's key, as SQL over the columns of raw files."""
    # A tenth of what md5 takes, but it may differ in another DuckDB.
    return f"hash({', '.join(identifier(name) for name in table.key)})"


def count_rows_that_count(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    new_files: dict[str, Path],
    old_files: list[Path],
) -> dict[str, int]:
    """Rows of each new file that count for their key; the file's other rows are duplicates.

    A row is held against the rows of its own file, of the new files before it and of the old
    files. ``new_files``: raw files of one load by the name of the file that they came from, in the
    order in which they load; what ``KeyStore.rivals`` found out about them and the old files is at
    hand on the connection.
    """
    names = list(new_files)
    counts = dict.fromkeys(names, 0)
    for position, rows in connection.execute(
        "select position, count(*) from new_keys group by position"
    ).fetchall():
        counts[names[position]] = rows
    # A row whose hash no other has counts. The others are looked at themselves, as keys may share a
    # hash; among events they are rare.
    positions = connection.execute(
        "select distinct position from new_keys semi join shared_hashes using (hash)"
    ).fetchall()
    if not positions:
        return counts
    order = Order(table)
    is_shared = f"{hash_of_key(table)} in (select hash from shared_hashes)"
    best = f"{order.best}({order.place}) as place"
    paths = [new_files[names[position]] for (position,) in sorted(positions)]
    connection.execute(
        f"create or replace temp table new_rows as"
        f" select {order.key}, _file as file, {best}, count(*) as number"
        f" from {raw_rows(paths)} where {is_shared} group by all"
    )
    repeated = connection.execute(
        "select file, sum(number) - count(*) from new_rows group by file"
    ).fetchall()
    rivals = [f"select {order.key}, place, file from new_rows"]
    if old_files:
        rivals.append(
            f"select {order.key}, {best}, '' as file"
            f" from {raw_rows(old_files)} where {is_shared} group by all"
        )
    beaten = connection.execute(
        f"""
        select new_rows.file, count(*)
        from new_rows
        where exists (
            select 1
            from ({" union all ".join(rivals)}) as rival
            where {order.same_key("rival", "new_rows")}
                and rival.file < new_rows.file
                and {order.is_better("rival.place", "new_rows.place")}
        )
        group by new_rows.file
        """
    ).fetchall()
    for file, rows in (*repeated, *beaten):
        counts[file] -= int(rows)
    connection.execute("drop table new_rows")
    return counts
