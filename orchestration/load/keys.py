"""Which raw file holds the row that counts for a key: what a load must know of all earlier ones.

It spares a load from reading the keys of everything that was loaded before. The store holds, for
each key's 64-bit hash, the file with the row that counts; 10 million of them are looked through
in 0.3 s. It says where to look, and the rows there say what is: so two keys of one hash cost a
look, and no error. It follows from the raw files, and is made again from them where it is missing,
behind them or damaged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.errors import StorageError
from orchestration.load import duplicates
from orchestration.load.contracts import TABLES, Table
from orchestration.load.duplicates import Order
from orchestration.load.sql import identifier, literal, raw_rows
from orchestration.load.storage import storage_error

_COLUMNS = "(hash ubigint, file_id uinteger)"


def _keys_of(table: Table) -> str:
    return f"key_store.{identifier('keys_of_' + table.name)}"


class KeyStore:
    """The store of one warehouse, open while a load goes on.

    ``connection``: where it is attached, beside temporary tables. Raw files are named by their
    paths relative to the warehouse. A file is in the store once its line is in the ledger and the
    store's own transaction is through; what a kill left out is taken up by ``catch_up``.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, warehouse: Path) -> None:
        self._connection = connection
        self._path = path
        self._warehouse = warehouse
        self._is_open = False
        self._rivals: dict[str, int] = {}

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            is_current = self._attach()
        except duckdb.Error as error:
            if storage_error(error, self._path.parent) is not None:
                raise
            is_current = False
        if not is_current:
            # Damaged, or of another DuckDB.
            self._connection.execute("detach database if exists key_store")
            self._remove()
            self._attach()
        self._is_open = True

    def _attach(self) -> bool:
        """Attach the store, made where it is missing, and say whether this DuckDB made it."""
        is_new = not self._path.exists()
        self._connection.execute(f"attach {literal(str(self._path))} as key_store")
        if is_new:
            tables = ["key_store.files (id uinteger, table_name varchar, name varchar)"]
            tables += [f"{_keys_of(table)} {_COLUMNS}" for table in TABLES.values()]
            tables.append("key_store.made_by as select version() as version")
            self._connection.execute(
                f"begin; {' '.join(f'create table {table};' for table in tables)} commit"
            )
        made_by = self._connection.execute(
            "select version = version() from key_store.made_by"
        ).fetchone()
        return made_by == (True,)

    def _remove(self) -> None:
        for path in (self._path, self._path.with_name(f"{self._path.name}.wal")):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _using(self) -> Iterator[None]:
        """Where the store fails, and not the disk, take it away: the next load makes it again."""
        try:
            self._open()
            yield
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            if storage_error(error, self._path.parent) is not None:
                raise
            self._remove()
            reason = str(error).splitlines()[0]
            raise StorageError(
                f"The list of keys {self._path} was damaged ({reason}) and has been removed: run"
                " again, and it is made again from the raw files."
            ) from error

    def catch_up(self, table: Table, raw_files: dict[str, int], rows_at_once: int) -> None:
        """Take up a table's raw files that the store doesn't know, and forget what isn't one.

        ``raw_files``: all of them, oldest first, with their numbers of rows. Mostly there is
        nothing to do; after a load that was killed, or for want of a store, there is.
        """
        with self._using():
            known = {
                name
                for (name,) in self._connection.execute(
                    "select name from key_store.files where table_name = ?", [table.name]
                ).fetchall()
            }
            if not known.issubset(raw_files):
                # The raw layer is another one than it was: restored from a backup, say.
                self._begin_anew(table)
                known = set()
        waiting: list[str] = []
        rows = 0
        for name in (name for name in raw_files if name not in known):
            if waiting and rows + raw_files[name] > rows_at_once:
                self._take_up_loaded(table, waiting)
                waiting, rows = [], 0
            waiting.append(name)
            rows += raw_files[name]
        if waiting:
            self._take_up_loaded(table, waiting)

    def _begin_anew(self, table: Table) -> None:
        self._connection.execute("begin")
        self._connection.execute(f"create or replace table {_keys_of(table)} {_COLUMNS}")
        self._connection.execute("delete from key_store.files where table_name = ?", [table.name])
        self._connection.execute("commit")

    def _take_up_loaded(self, table: Table, names: list[str]) -> None:
        self.rivals(table, [self._warehouse / name for name in names])
        self.take_up(table, names)

    def rivals(self, table: Table, new_files: list[Path]) -> list[str]:
        """Raw files whose rows count so far for keys that new files have.

        What was found out about the new files is kept: for ``take_up``, and as the temporary tables
        ``new_keys`` (the hash of each row's key and the position of its file) and
        ``shared_hashes`` (those that another row has, too, and whether one of another file has).
        """
        self._connection.execute(
            f"create or replace temp table new_keys as select {duplicates.hash_of_key(table)}"
            f" as hash, cast(file_index as uinteger) as position from {raw_rows(new_files)}"
        )
        with self._using():
            self._connection.execute(
                "create or replace temp table held_keys as select keys.hash, keys.file_id"
                f" from {_keys_of(table)} as keys semi join new_keys using (hash)"
            )
            self._connection.execute(
                "create or replace temp table shared_hashes as"
                " select hash, bool_or(is_in_several_files) as is_in_several_files from ("
                " select hash, min(position) <> max(position) as is_in_several_files"
                " from new_keys group by hash having count(*) > 1"
                " union all select hash, true from held_keys) group by hash"
            )
            self._rivals = dict(
                self._connection.execute(
                    "select name, id from key_store.files"
                    " where id in (select file_id from held_keys) order by id"
                ).fetchall()
            )
        return list(self._rivals)

    def take_up(self, table: Table, names: list[str]) -> None:
        """Note the files that ``rivals`` was asked for, under the names that they have by now."""
        with self._using():
            row = self._connection.execute(
                "select coalesce(max(id), 0) + 1 from key_store.files"
            ).fetchone()
        assert row is not None
        first_id = row[0]
        ids = {name: first_id + position for position, name in enumerate(names)}
        is_contested = self._find_winners(table, names, ids)
        keys = _keys_of(table)
        with self._using():
            self._connection.execute("begin")
            self._connection.executemany(
                "insert into key_store.files values (?, ?, ?)",
                [(file_id, table.name, name) for name, file_id in ids.items()],
            )
            if is_contested:
                self._connection.execute(
                    f"delete from {keys} where hash in (select hash from contested_keys)"
                )
                self._connection.execute(f"insert into {keys} from winners")
            self._connection.execute(
                f"insert into {keys} select hash, position + {first_id} from new_keys"
                + (" anti join contested_keys using (hash)" if is_contested else "")
            )
            self._connection.execute("commit")

    def _find_winners(self, table: Table, names: list[str], ids: dict[str, int]) -> bool:
        """Put the hashes that several files have, and the files whose rows count, into tables.

        False where no hash is in several files.
        """
        self._connection.execute(
            "create or replace temp table contested_keys as"
            " select hash from shared_hashes where is_in_several_files"
        )
        positions = self._connection.execute(
            "select distinct position from new_keys semi join contested_keys using (hash)"
        ).fetchall()
        if not positions:
            return False
        contested = [names[position] for (position,) in sorted(positions)]
        ids = self._rivals | {name: ids[name] for name in contested}
        order = Order(table)
        best = "arg_min" if order.best == "min" else "arg_max"
        paths = [self._warehouse / name for name in ids]
        numbers = " ".join(
            f"when {literal(str(path))} then {file_id}"
            for path, file_id in zip(paths, ids.values(), strict=True)
        )
        # By key, as several keys may have one hash: then its rows may count in several files.
        self._connection.execute(
            f"""
            create or replace temp table winners as
            select distinct hash, case path {numbers} end as file_id
            from (
                select hash, {best}(filename, place) as path
                from (
                    select {duplicates.hash_of_key(table)} as hash, {order.key},
                        {order.place} as place, filename
                    from {raw_rows(paths)}
                )
                where hash in (select hash from contested_keys)
                group by hash, {order.key}
            )
            """
        )
        return True
