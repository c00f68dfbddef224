"""A load finds the rows that new ones stand against without reading all that was loaded before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import StorageError
from orchestration.load import duplicates, loader
from orchestration.load.keys import KeyStore
from tests.load.folder import counts, csv_text, ledger_lines, load, query, raw, write, write_table

_EVENT = ["event_id", "event_type", "occurred_at", "visitor_id", "received_at"]


def write_events(landing: Path, name: str, *ids: str, received_at: str = "") -> Path:
    rows = [[event_id, "t", "2024-01-01", "v", received_at] for event_id in ids]
    return write_table(landing / "events" / name, _EVENT, rows)


def loaded_and_duplicate(landing: Path, warehouse: Path) -> dict[str, tuple[int, int]]:
    """Rows loaded and duplicate by file of the next load."""
    entries = load(landing, warehouse).entries
    return {Path(line.file).stem: (line.rows_loaded, line.rows_duplicate) for line in entries}


def store(warehouse: Path) -> Path:
    return warehouse / "raw" / ".keys.duckdb"


def stored(warehouse: Path, table: str = "events") -> list[tuple[Any, ...]]:
    """Names of landing files in the store, with the numbers of their keys."""
    files = {line["raw_file"]: line["file"] for line in ledger_lines(warehouse)}
    with duckdb.connect(str(store(warehouse)), read_only=True) as connection:
        rows = connection.execute(
            "select name, count(hash) from files left join"
            f" keys_of_{table} on file_id = id where table_name = '{table}' group by name"
        ).fetchall()
    return sorted((Path(files[name]).stem, number) for name, number in rows)


def old_files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Filled with the names of the old files whose rows are looked at."""
    seen: list[str] = []
    count = loader.count_rows_that_count

    def note(connection: Any, table: Any, new: Any, old: list[Path]) -> dict[str, int]:
        seen.extend(
            row[0] for path in old for row in query(f"select any_value(_file) from '{path}'")
        )
        return count(connection, table, new, old)

    monkeypatch.setattr(loader, "count_rows_that_count", note)
    return seen


def test_only_files_whose_rows_count_for_a_new_key_are_read(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, *ids in ("abc", "bde", "cbf", "dg"):
        write_events(landing, f"{name}.csv", *ids)
        load(landing, warehouse)
    seen = old_files_read(monkeypatch)
    write_events(landing, "x.csv", "n", "m")
    assert loaded_and_duplicate(landing, warehouse) == {"x": (2, 0)}
    assert seen == []
    # b counts in the first file that had it.
    write_events(landing, "y.csv", "b", "g", "n", "o")
    assert loaded_and_duplicate(landing, warehouse) == {"y": (1, 3)}
    assert seen == ["events/a.csv", "events/d.csv", "events/x.csv"]


def test_of_a_table_that_comes_whole_each_time_only_the_last_file_is_read(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = old_files_read(monkeypatch)
    for number in range(4):
        rows = [["c", "2024-01-01", f"2024-01-0{number + 1}"], [f"new{number}", "2024-01-01", ""]]
        rows += [[f"new{earlier}", "2024-01-01", ""] for earlier in range(number)]
        path = landing / "contacts" / f"{number}.csv"
        write_table(path, ["contact_id", "created_at", "updated_at"], rows)
        load(landing, warehouse)
        path.unlink()
    assert seen == ["contacts/0.csv", "contacts/1.csv", "contacts/2.csv"]
    assert stored(warehouse, "contacts") == [("0", 0), ("1", 0), ("2", 0), ("3", 5)]


def test_a_load_of_known_files_leaves_the_store_alone(landing: Path, warehouse: Path) -> None:
    write_events(landing, "a.csv", "a")
    load(landing, warehouse)
    before = store(warehouse).stat().st_mtime_ns
    load(landing, warehouse)
    assert store(warehouse).stat().st_mtime_ns == before


# A store that is missing, behind or damaged


def remove(path: Path) -> None:
    path.unlink()


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def make_as_another_duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("update made_by set version = 'v0.0.1'")
        # There, keys have other hashes.
        connection.execute("update keys_of_events set hash = hash + 1")


def forget_a_file(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from keys_of_events where file_id = 2")
        connection.execute("delete from files where id = 2")


def add_a_file(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("insert into files values (9, 'events', 'raw/events/gone.parquet')")
        connection.execute("update keys_of_events set file_id = 9")


@pytest.mark.parametrize(
    "harm",
    [remove, cut_short, empty, overwrite, make_as_another_duckdb, forget_a_file, add_a_file],
)
def test_the_store_is_made_again_from_the_raw_files(
    landing: Path, warehouse: Path, harm: Callable[[Path], None]
) -> None:
    for name, *ids in ("abc", "bbd", "cce"):
        write_events(landing, f"{name}.csv", *ids)
        load(landing, warehouse)
    before = stored(warehouse)
    assert before == [("a", 2), ("b", 1), ("c", 1)]
    harm(store(warehouse))
    write_events(landing, "d.csv", "b", "d", "e", "f")
    assert loaded_and_duplicate(landing, warehouse) == {"d": (1, 3)}
    assert stored(warehouse) == [*before, ("d", 1)]


def test_a_store_that_fails_in_the_middle_is_removed_and_the_next_load_makes_good(
    landing: Path, warehouse: Path
) -> None:
    write_events(landing, "a.csv", "a", "b")
    load(landing, warehouse)
    with duckdb.connect(str(store(warehouse))) as connection:
        connection.execute("drop table keys_of_events")
    write_events(landing, "b.csv", "b", "c")
    with pytest.raises(StorageError, match=r"list of keys .* has been removed: run again"):
        load(landing, warehouse)
    assert not store(warehouse).exists()
    assert loaded_and_duplicate(landing, warehouse) == {"b": (1, 1)}


def test_files_are_taken_up_again_a_few_at_a_time(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, *ids in ("abc", "bbd", "cce", "dc"):
        write_events(landing, f"{name}.csv", *ids)
        load(landing, warehouse)
    before = stored(warehouse)
    store(warehouse).unlink()
    taken: list[int] = []
    take_up = KeyStore.take_up

    def note(self: KeyStore, table: Any, names: list[str]) -> None:
        taken.append(len(names))
        take_up(self, table, names)

    monkeypatch.setattr(KeyStore, "take_up", note)
    monkeypatch.setattr(loader, "GROUP_ROWS", 4)
    write_events(landing, "e.csv", "e", "f")
    assert loaded_and_duplicate(landing, warehouse) == {"e": (1, 1)}
    assert taken == [2, 2, 1]
    assert stored(warehouse) == [*before, ("e", 1)]


@pytest.mark.parametrize("moment", ["before the line", "before the store", "within the store"])
def test_a_load_that_is_killed_leaves_a_store_that_is_caught_up(
    landing: Path, warehouse: Path, moment: str
) -> None:
    write_events(landing, "a.csv", "a", "b")
    load(landing, warehouse)
    write_events(landing, "b.csv", "b", "c")
    code = f"""
import os, signal, sys
from pathlib import Path
import duckdb
from orchestration.load import load_landing, loader
from orchestration.load.keys import KeyStore
from orchestration.load.ledger import Ledger

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

class Connection:
    def __init__(self, connection):
        self.connection = connection
    def __getattr__(self, name):
        return getattr(self.connection, name)
    def execute(self, sql, *arguments):
        if sql == "commit":
            die()
        return self.connection.execute(sql, *arguments)
    __enter__ = lambda self: self
    __exit__ = lambda self, *arguments: self.connection.close()

moment = {moment!r}
if moment == "before the line":
    Ledger.append = die
elif moment == "before the store":
    KeyStore.take_up = die
else:
    connect = loader._connect
    loader._connect = lambda *arguments: Connection(connect(*arguments))
load_landing(Path(sys.argv[1]), Path(sys.argv[2]), run_id="killed", progress=lambda line: None)
"""
    done = subprocess.run([sys.executable, "-c", code, landing, warehouse], check=False)
    assert done.returncode == -9
    is_loaded = moment != "before the line"
    assert len(ledger_lines(warehouse)) == 1 + is_loaded
    write_events(landing, "c.csv", "a", "c", "d")
    expected = {"c": (1, 2)} | ({} if is_loaded else {"b": (1, 1)})
    assert loaded_and_duplicate(landing, warehouse) == expected
    assert len(raw(warehouse, "events")) == 7
    assert stored(warehouse) == [("a", 2), ("b", 1), ("c", 1)]


# Whatever the hashes, and whatever became of the store


_ids = st.lists(st.sampled_from("klmn"), min_size=1, max_size=4)
_nights = st.lists(
    st.tuples(st.dictionaries(st.sampled_from("abc"), _ids, min_size=1), st.booleans()),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("hashes", [1, 2])
@pytest.mark.parametrize("table", ["events", "users"])
@settings(max_examples=15, deadline=None)
@given(nights=_nights)
def test_counts_are_exact_even_if_keys_share_a_hash(
    table: str, hashes: int, nights: list[tuple[dict[str, list[str]], bool]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    landing, warehouse = folder / "landing", folder / "warehouse"
    hash_of_key = duplicates.hash_of_key
    best: dict[str, tuple[Any, ...]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "hash_of_key", lambda table: f"({hash_of_key(table)} % {hashes})")
        for load_id, (files, is_store_lost) in enumerate(nights, start=1):
            shutil.rmtree(landing, ignore_errors=True)
            expected = {}
            for name, ids in sorted(files.items()):
                columns = {"events": _EVENT[:4], "users": ["user_id"]}[table]
                rows = [[key, "t", "2024-01-01", "v"][: len(columns)] for key in ids]
                # Blank lines make each content new.
                text = csv_text(columns, rows) + "\n" * (10 * load_id + ord(name))
                write(landing / table / f"{name}.csv", text)
                loaded = 0
                for key in set(ids):
                    # The first path counts of events, the last load of users.
                    numbers = [number for number, other in enumerate(ids) if other == key]
                    place = (name, min(numbers), load_id)
                    if table == "users":
                        place = (-load_id, -ord(name), -max(numbers))  # type: ignore[assignment]
                    loaded += place <= best.get(key, place)
                    best[key] = min(place, best.get(key, place))
                expected[name] = (loaded, len(ids) - loaded)
            if is_store_lost and store(warehouse).exists():
                store(warehouse).unlink()
            assert loaded_and_duplicate(landing, warehouse) == expected
    shutil.rmtree(folder)


def test_a_key_of_several_columns_may_miss_some(landing: Path, warehouse: Path) -> None:
    columns = ["asset_id", "network", "stat_date", "placement"]
    for name, placement in (("a", ""), ("b", "x"), ("c", "")):
        rows = [["a", "n", "2024-01-01", placement], ["a", "n", f"2024-02-0{ord(name) - 96}", ""]]
        write_table(landing / "ad_stats" / f"{name}.csv", columns, rows)
        assert counts(load(landing, warehouse).entries[0]) == (2, 2, 0, 0)
    assert stored(warehouse, "ad_stats") == [("a", 1), ("b", 2), ("c", 2)]
