"""A file is loaded once its line is in the ledger, wholly, and never twice."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.errors import AnotherRunError, NothingToLoadError, StorageError
from orchestration.load import init_raw, loader
from orchestration.load.checksums import check_raw_files
from orchestration.load.contracts import TABLES
from orchestration.load.ledger import Ledger
from tests.load.folder import (
    counts,
    entries,
    files_below,
    ledger_lines,
    load,
    quarantine,
    query,
    raw,
    write,
    write_table,
)

_EMPTY = {f"raw/{name}/000000-empty.parquet" for name in TABLES} | {
    "quarantine/000000-empty.parquet",
    "raw/.lock",
}


def write_users(landing: Path, name: str, *ids: str) -> Path:
    rows = [[user_id, "x"] for user_id in ids]
    return write_table(landing / "users" / name, ["user_id", "name"], rows)


def test_a_new_warehouse_has_an_empty_file_for_each_table(warehouse: Path) -> None:
    init_raw(warehouse)
    assert files_below(warehouse) == _EMPTY - {"raw/.lock"}
    for name, table in TABLES.items():
        described = query(f"describe from read_parquet('{warehouse}/raw/{name}/*.parquet')")
        assert [row[0] for row in described] == [
            *table.column_names,
            *("_extra", "_file", "_row_number", "_load_id"),
        ]
        types = {
            column.name: column.kind.sql_type.upper().replace(" ", "") for column in table.columns
        }
        assert {row[0]: row[1] for row in described if row[0] in types} == types
    assert query(f"select count(*) from read_parquet('{warehouse}/quarantine/*.parquet')") == [(0,)]


def test_a_loaded_files_line_says_all_of_it(landing: Path, warehouse: Path) -> None:
    path = write_table(landing / "users" / "a.csv", ["user_id", "x"], [["u", "1"], ["", "2"]])
    load(landing, warehouse, run_id="run-7")
    (line,) = ledger_lines(warehouse)
    content_hash = hashlib.sha256(path.read_bytes()).hexdigest()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("loaded_at"))
    for kind in ("raw", "quarantine"):
        written = (warehouse / line[f"{kind}_file"]).read_bytes()
        assert line.pop(f"{kind}_sha256") == hashlib.sha256(written).hexdigest()
    assert line == {
        "load_id": 1,
        "run_id": "run-7",
        "file": "users/a.csv",
        "table_name": "users",
        "content_sha256": content_hash,
        "status": "loaded",
        "message": "",
        "rows_in": 2,
        "rows_loaded": 1,
        "rows_duplicate": 0,
        "rows_quarantined": 1,
        "raw_file": f"raw/users/000001-00001-{content_hash[:12]}.parquet",
        "quarantine_file": f"quarantine/000001-00001-{content_hash[:12]}.parquet",
        "extra_columns": ["x"],
        "bytes": path.stat().st_size,
        "association_history": "given",
    }
    assert files_below(warehouse) == _EMPTY | {
        line["raw_file"],
        line["quarantine_file"],
        "raw/ledger.ndjson",
        "raw/.ledger.ndjson.written",
        "raw/.keys.duckdb",
    }


def test_the_hash_is_over_the_bytes_as_they_lie_there(landing: Path, warehouse: Path) -> None:
    content = gzip.compress(b"user_id\nu\n")
    write(landing / "users" / "a.csv.gz", content)
    line = load(landing, warehouse).entries[0]
    assert line.content_sha256 == hashlib.sha256(content).hexdigest()


def test_a_file_that_was_loaded_is_not_loaded_again(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u", "v")
    load(landing, warehouse)
    before = ledger_lines(warehouse)
    report = load(landing, warehouse)
    assert (report.entries, report.files_unchanged, ledger_lines(warehouse)) == ([], 1, before)
    assert len(raw(warehouse, "users")) == 2


def test_known_content_under_another_name_is_skipped_once(landing: Path, warehouse: Path) -> None:
    write_users(landing, "b.csv", "u")
    load(landing, warehouse)
    for name in ("a.csv", "c.csv"):
        write_users(landing, name, "u")
    report = load(landing, warehouse)
    assert [(line.file, line.status, counts(line)) for line in report.entries] == [
        ("users/a.csv", "skipped", (0, 0, 0, 0)),
        ("users/c.csv", "skipped", (0, 0, 0, 0)),
    ]
    assert "users/b.csv" in report.entries[0].message
    assert load(landing, warehouse).entries == []
    assert len(raw(warehouse, "users")) == 1


def test_equal_files_of_one_load_are_loaded_once(landing: Path, warehouse: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        write_users(landing, name, "u")
    statuses = [line.status for line in load(landing, warehouse).entries]
    assert statuses == ["loaded", "skipped", "skipped"]


def test_equal_files_of_two_tables_are_both_loaded(landing: Path, warehouse: Path) -> None:
    for table in ("contact_erasures", "contacts"):
        columns = ["contact_id", "created_at", "requested_at"]
        write_table(landing / table / "a.csv", columns, [["c", "2024-01-01", "2024-01-01"]])
    assert [line.status for line in load(landing, warehouse).entries] == ["loaded", "loaded"]


def test_a_failed_file_is_taken_up_again_when_it_has_changed(
    landing: Path, warehouse: Path
) -> None:
    path = write(landing / "users" / "a.csv", "name\nx\n")
    assert load(landing, warehouse).entries[0].status == "failed"
    assert load(landing, warehouse).entries == []
    path.write_text("user_id\nu\n")
    assert load(landing, warehouse).entries[0].status == "loaded"
    assert [line["status"] for line in ledger_lines(warehouse)] == ["failed", "loaded"]


def test_failed_content_under_another_name_is_tried_again(landing: Path, warehouse: Path) -> None:
    write_users(landing, "b.csv", "v")
    path = write(landing / "users" / "a.txt", "user_id\nu\n")
    assert load(landing, warehouse).entries[0].status == "failed"
    path.rename(path.with_suffix(".csv"))
    assert load(landing, warehouse).entries[0].status == "loaded"


def test_loads_and_their_files_are_numbered(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u")
    write(landing / "nothing" / "b.csv", "x")
    write_users(landing, "c.csv", "v")
    load(landing, warehouse)
    load(landing, warehouse)
    write_users(landing, "b.csv", "w")
    load(landing, warehouse)
    lines = [(line["load_id"], line["file"]) for line in ledger_lines(warehouse)]
    assert lines == [
        (1, "nothing/b.csv"),
        (1, "users/a.csv"),
        (1, "users/c.csv"),
        (2, "users/b.csv"),
    ]
    names = [line["raw_file"] for line in ledger_lines(warehouse)]
    assert [name and Path(name).name[:12] for name in names] == [
        None,
        "000001-00002",
        "000001-00003",
        "000002-00001",
    ]


def test_every_row_that_came_in_is_loaded_duplicate_or_in_quarantine(
    landing: Path, warehouse: Path
) -> None:
    write_users(landing, "a.csv", "u", "u", "", "v")
    write_users(landing, "b.ndjson", "u", "", "w")
    write_users(landing, "c.parquet", "x", "x", "")
    write(landing / "users" / "d.csv", "name\n")
    for line in load(landing, warehouse).entries:
        assert line.rows_in == line.rows_loaded + line.rows_duplicate + line.rows_quarantined
        file = line.file
        good = query(
            f"select count(*) from read_parquet('{warehouse}/raw/users/*.parquet')"
            f" where _file = '{file}'"
        )[0][0]
        assert good == line.rows_loaded + line.rows_duplicate
        assert line.rows_quarantined == sum(row[0] == file for row in quarantine(warehouse))


# When a load ends in the middle


@pytest.mark.parametrize("function", ["sync_folder", "_die"])
def test_a_load_that_dies_before_its_line_leaves_nothing(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    write_users(landing, "a.csv", "u", "")
    load(landing, warehouse)
    write_users(landing, "b.csv", "v", "")

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if function == "sync_folder":
            patch.setattr(loader, "sync_folder", die)
        else:
            patch.setattr(Ledger, "append", die)
        with pytest.raises(KeyboardInterrupt):
            load(landing, warehouse)
    # The files have their names already, and no line.
    assert len(list((warehouse / "raw" / "users").glob("000002-*.parquet"))) == 1
    assert len(list((warehouse / "quarantine").glob("000002-*.parquet"))) == 1
    line = load(landing, warehouse).entries[0]
    assert (line.load_id, line.file, counts(line)) == (2, "users/b.csv", (2, 1, 0, 1))
    assert raw(warehouse, "users", "user_id, _load_id") == [("u", 1), ("v", 2)]
    assert len(quarantine(warehouse)) == 2


def test_leftovers_without_a_line_are_removed_and_strangers_stay(
    landing: Path, warehouse: Path
) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    kept = warehouse / ledger_lines(warehouse)[0]["raw_file"]
    leftovers = [
        kept.with_name("000002-00001-0123456789ab.parquet"),
        warehouse / "raw" / "events" / "000002-00002-0123456789ab.parquet",
        warehouse / "quarantine" / "000002-00001-0123456789ab.parquet",
        warehouse / "raw" / ".work" / "000001-1.tmp",
    ]
    stranger = warehouse / "raw" / "users" / "notes.txt"
    for path in [*leftovers, stranger]:
        write(path, b"not Parquet")
    load(landing, warehouse)
    assert [path.exists() for path in leftovers] == [False] * 4
    assert kept.exists()
    assert stranger.exists()
    assert not (warehouse / "raw" / ".work").exists()


@pytest.mark.parametrize("torn", ['{"load_id": 2, "file": "users/b.c', "\0\0\0\0", "{}\n"])
def test_a_torn_last_line_is_cut_off(landing: Path, warehouse: Path, torn: str) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    ledger = warehouse / "raw" / "ledger.ndjson"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + torn.encode())
    write_users(landing, "b.csv", "v")
    assert [line.file for line in load(landing, warehouse).entries] == ["users/b.csv"]
    assert ledger.read_bytes().startswith(whole)
    assert [line["file"] for line in ledger_lines(warehouse)] == ["users/a.csv", "users/b.csv"]


def test_a_damaged_line_within_stops_the_load(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    ledger = warehouse / "raw" / "ledger.ndjson"
    damaged = b'{"broken\n' + ledger.read_bytes()
    ledger.write_bytes(damaged)
    with pytest.raises(StorageError, match=r"Line 1 of the ledger .* is damaged: restore"):
        load(landing, warehouse)
    assert ledger.read_bytes() == damaged


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content.replace(b'"rows_in": 1,', b'"rows_in": 7,'), "is not as it was"),
        (lambda content: content[: content.index(b"\n") + 1], "has lost its last lines"),
        (lambda content: content[:-9], "has lost its last lines"),
        (lambda content: content[:-2] + b"\0\n", "Line 2 of the ledger .* is damaged"),
        (lambda content: b"", "has lost its last lines"),
        (lambda content: None, "has lost its last lines"),
    ],
    ids=["digit", "line", "part of a line", "byte of the last line", "all lines", "file"],
)
def test_a_ledger_that_is_not_as_it_was_written_stops_the_load(
    landing: Path,
    warehouse: Path,
    change: Callable[[bytes], bytes | None],
    told: str,
) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    write_users(landing, "b.csv", "v")
    load(landing, warehouse)
    ledger = warehouse / "raw" / "ledger.ndjson"
    changed = change(ledger.read_bytes())
    ledger.unlink()
    if changed is not None:
        ledger.write_bytes(changed)
    before = files_below(warehouse)
    with pytest.raises(StorageError, match=f"{told}.*restore the warehouse's raw folder"):
        load(landing, warehouse)
    assert files_below(warehouse) == before


def test_a_damaged_note_of_the_ledger_stops_the_load(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    (warehouse / "raw" / ".ledger.ndjson.written").write_bytes(b"{}")
    with pytest.raises(StorageError, match=r"The note .*written of the ledger is damaged"):
        load(landing, warehouse)


def test_lines_that_a_killed_load_wrote_last_count_without_a_note(
    landing: Path, warehouse: Path
) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    note = warehouse / "raw" / ".ledger.ndjson.written"
    before = note.read_bytes()
    write_users(landing, "b.csv", "v")
    load(landing, warehouse)
    for older in (before, None):
        note.unlink()
        if older is not None:
            note.write_bytes(older)
        assert load(landing, warehouse).entries == []
        assert raw(warehouse, "users", "user_id") == [("u",), ("v",)]


@pytest.mark.parametrize("kind", ["raw_file", "quarantine_file"])
def test_a_missing_file_of_the_raw_layer_stops_the_load(
    landing: Path, warehouse: Path, kind: str
) -> None:
    write_users(landing, "a.csv", "u", "")
    load(landing, warehouse)
    name = ledger_lines(warehouse)[0][kind]
    (warehouse / name).unlink()
    with pytest.raises(StorageError, match=f"{name} of users/a.csv is missing"):
        load(landing, warehouse)


def test_a_damaged_file_of_the_raw_layer_stops_the_load(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    (warehouse / ledger_lines(warehouse)[0]["raw_file"]).write_bytes(b"no Parquet")
    # Only files that hold a key of the new rows are read.
    write_users(landing, "b.csv", "u", "v")
    with pytest.raises(StorageError, match=r"raw files of users .* can't be read"):
        load(landing, warehouse)
    assert len(ledger_lines(warehouse)) == 1


@pytest.mark.parametrize("kind", ["raw_file", "quarantine_file"])
def test_a_raw_file_of_which_a_byte_is_another_is_named(
    landing: Path, warehouse: Path, kind: str
) -> None:
    write_users(landing, "a.csv", "u", "")
    write_users(landing, "b.csv", "v", "")
    load(landing, warehouse)
    lines = ledger_lines(warehouse)
    check_raw_files(warehouse, lines)
    path = warehouse / lines[1][kind]
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(StorageError, match=f"{lines[1][kind]} of users/b.csv .* is damaged"):
        check_raw_files(warehouse, lines)
    path.unlink()
    with pytest.raises(StorageError, match=f"{lines[1][kind]} of users/b.csv .* is damaged"):
        check_raw_files(warehouse, lines)


def test_a_file_of_which_an_older_ledger_has_no_checksum_is_not_checked(
    landing: Path, warehouse: Path
) -> None:
    write_users(landing, "a.csv", "u", "")
    load(landing, warehouse)
    (line,) = ledger_lines(warehouse)
    (warehouse / line["raw_file"]).write_bytes(b"no Parquet")
    del line["raw_sha256"], line["quarantine_sha256"]
    check_raw_files(warehouse, [line])


def test_a_file_that_changes_while_it_is_read_is_taken_up_again(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_users(landing, "a.csv", "u")
    convert = loader._Load._convert

    def convert_and_change(self: loader._Load, *arguments: object) -> object:
        converted = convert(self, *arguments)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("v,y\n")
        return converted

    with monkeypatch.context() as patch:
        patch.setattr(loader._Load, "_convert", convert_and_change)
        line = load(landing, warehouse).entries[0]
    assert line.status == "failed"
    assert "changed while it was read" in line.message
    assert raw(warehouse, "users") == []
    assert counts(load(landing, warehouse).entries[0]) == (2, 2, 0, 0)


def test_a_killed_load_is_made_good_by_the_next(landing: Path, warehouse: Path) -> None:
    for number in range(60):
        write_users(landing, f"{number:02d}.csv", f"u{number}", "")
    code = (
        "import sys; from pathlib import Path\n"
        "from orchestration.load import load_landing, loader\n"
        "loader.GROUP_FILES = 1\n"
        "load_landing(Path(sys.argv[1]), Path(sys.argv[2]), run_id='killed')"
    )
    process = subprocess.Popen([sys.executable, "-c", code, landing, warehouse])
    ledger = warehouse / "raw" / "ledger.ndjson"
    deadline = time.monotonic() + 60
    while not (ledger.exists() and ledger.read_bytes().count(b"\n") >= 5):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    committed = len([line for line in ledger_lines(warehouse) if line])
    assert 5 <= committed < 60
    report = load(landing, warehouse)
    assert (len(report.entries), report.files_unchanged) == (60 - committed, committed)
    users = query(
        f"select count(*), count(distinct user_id) from '{warehouse}/raw/users/*.parquet'"
    )
    assert users == [(60, 60)]
    assert len(quarantine(warehouse)) == 60


def test_a_second_load_at_the_same_time_is_refused(landing: Path, warehouse: Path) -> None:
    write_users(landing, "a.csv", "u")
    layer = loader.RawLayer(warehouse)
    layer.raw.mkdir(parents=True)
    with loader._only_load(layer), pytest.raises(AnotherRunError, match="wait until it has ended"):
        load(landing, warehouse)
    assert len(load(landing, warehouse).entries) == 1


# When there is nothing to load


def test_an_empty_landing_folder_is_nothing_to_load_on_the_first_run_only(
    landing: Path, warehouse: Path
) -> None:
    with pytest.raises(NothingToLoadError, match="There is nothing to load"):
        load(landing, warehouse)
    path = write_users(landing, "a.csv", "u")
    load(landing, warehouse)
    path.unlink()
    report = load(landing, warehouse)
    assert (report.entries, report.nothing_ever_loaded) == ([], False)


def test_files_of_no_table_are_nothing_to_load_but_reported(landing: Path, warehouse: Path) -> None:
    write(landing / "nothing" / "a.csv", "x")
    with pytest.raises(NothingToLoadError):
        load(landing, warehouse)
    assert [line["status"] for line in ledger_lines(warehouse)] == ["unknown_table"]


def test_a_first_run_with_failed_files_only_says_so(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", "name\n")
    report = load(landing, warehouse)
    assert (entries(report)["users/a.csv"].status, report.nothing_ever_loaded) == ("failed", True)
