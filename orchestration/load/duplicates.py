"""How many rows of new files count, and how many are duplicates of rows that count instead."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.load.contracts import Table
from orchestration.load.sql import raw_rows


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


def count_rows_that_count(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    new_files: dict[str, Path],
    old_files: list[Path],
) -> dict[str, int]:
    """Rows of each new file that count for their key; the file's other rows are duplicates.

    A row is held against the rows of its own file, of the new files before it and of the old
    files. ``new_files``: raw files of one load by the name of the file that they came from, in the
    order in which they load.
    """
    order = Order(table)
    counts = {}
    for file, path in new_files.items():
        keys = f"select distinct {order.key} from {raw_rows([path])}"
        row = connection.execute(f"select count(*) from ({keys})").fetchone()
        counts[file] = row[0] if row is not None else 0
    new = raw_rows(list(new_files.values()))
    # Where several files have a key, their rows are rivals. That is rare among events, so that
    # mostly nothing but the keys is read of what was loaded before.
    shared = []
    if len(new_files) > 1:
        shared.append(f"select {order.key} from {new} group by all having min(_file) <> max(_file)")
    if old_files:
        shared.append(
            f"select distinct {order.key} from {raw_rows(old_files)} as old"
            f" where exists (select 1 from {new} as new where {order.same_key('new', 'old')})"
        )
    if not shared:
        return counts
    created = connection.execute(
        f"create or replace temp table shared_keys as {' union '.join(shared)}"
    ).fetchone()
    if created is not None and created[0] == 0:
        return counts
    is_shared = f"exists (select 1 from shared_keys where {order.same_key('shared_keys', 'held')})"
    best = f"{order.best}({order.place}) as place"
    connection.execute(
        f"create or replace temp table new_rows as select {order.key}, _file as file, {best}"
        f" from {new} as held where {is_shared} group by all"
    )
    rivals = [f"select {order.key}, place, file from new_rows"]
    if old_files:
        rivals.append(
            f"select {order.key}, {best}, '' as file"
            f" from {raw_rows(old_files)} as held where {is_shared} group by all"
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
    for file, rows in beaten:
        counts[file] -= rows
    connection.execute("drop table shared_keys")
    connection.execute("drop table new_rows")
    return counts
