"""How many rows of new files count, and how many are duplicates of rows that count instead."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.load.contracts import Table
from orchestration.load.validate import literal


def _files(paths: list[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}])"


class _Order:
    """Which of two rows with one key counts, as SQL over the columns of raw files."""

    def __init__(self, table: Table) -> None:
        self.key = ", ".join(f'"{name}"' for name in table.key)
        self._table = table
        if table.earliest_received_counts:
            self.instant = "coalesce(received_at, timestamp 'infinity')"
            self._sequence = ("instant", "_file", "_row_number", "_load_id")
            self._is_better, self.best = "<", "min"
        else:
            known = "updated_at" in table.column_names
            oldest = "timestamp '-infinity'"
            self.instant = f"coalesce(updated_at, {oldest})" if known else oldest
            self._sequence = ("instant", "_load_id", "_file", "_row_number")
            self._is_better, self.best = ">", "max"

    @property
    def columns(self) -> str:
        """What is read of each row."""
        return f"{self.key}, {self.instant} as instant, _load_id, _file, _row_number"

    def place(self, alias: str = "") -> str:
        """A row's place in the order, as a struct of named fields."""
        prefix = f"{alias}." if alias else ""
        fields = ", ".join(f"{name} := {prefix}{name}" for name in self._sequence)
        return f"struct_pack({fields})"

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
    order = _Order(table)
    counts = dict.fromkeys(new_files, 0)
    new = _files(list(new_files.values()))
    counts.update(
        connection.execute(
            f"select _file, count(*) from (select distinct _file, {order.key} from {new})"
            " group by _file"
        ).fetchall()
    )
    if len(new_files) == 1 and not old_files:
        return counts
    # Only keys and what orders them are carried; of each file, the row that counts within it.
    connection.execute(
        f"""
        create or replace temp table own_rows as
        select {order.key}, _file, {order.best}({order.place()}) as place
        from (select {order.columns} from {new})
        group by all
        """
    )
    rivals = [f"select {order.key}, place, _file as after_file from own_rows"]
    if old_files:
        # Streams the old keys past the new ones; what stays is at most a row per new key.
        connection.execute(
            f"""
            create or replace temp table old_rows as
            select {order.key}, {order.best}({order.place()}) as place
            from (select {order.columns} from {_files(old_files)}) as old
            where exists (select 1 from own_rows as own where {order.same_key("own", "old")})
            group by all
            """
        )
        rivals.append(f"select {order.key}, place, '' as after_file from old_rows")
    beaten = connection.execute(
        f"""
        select own._file, count(*)
        from own_rows as own
        where exists (
            select 1
            from ({" union all ".join(rivals)}) as rival
            where {order.same_key("rival", "own")}
                and rival.after_file < own._file
                and {order.is_better("rival.place", "own.place")}
        )
        group by own._file
        """
    ).fetchall()
    for name, rows in beaten:
        counts[name] -= rows
    connection.execute("drop table own_rows")
    connection.execute("drop table if exists old_rows")
    return counts
