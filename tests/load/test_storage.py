"""A disk that refuses ends the load with nothing half-committed; the next load makes good."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import StorageError
from orchestration.load import load_landing, loader, storage
from orchestration.load.storage import storage_error
from tests.load.folder import counts, files_below, ledger_lines, load, query, raw, write


def big_csv(rows: int) -> str:
    """Users whose texts don't compress well."""
    lines = query(f"select sha256(i::varchar), sha256((-i)::varchar) from range({rows}) as t(i)")
    return "user_id,name\n" + "".join(f"{one},{two}\n" for one, two in lines)


def open_file(descriptor: int) -> str:
    """Name of the file or folder that a descriptor is open on."""
    return Path(f"/proc/self/fd/{descriptor}").readlink().name


def check_nothing_is_half_committed(warehouse: Path) -> None:
    named = {line["raw_file"] for line in ledger_lines(warehouse)}
    users = {name for name in files_below(warehouse) if name.startswith("raw/users/0")}
    assert users - {"raw/users/000000-empty.parquet"} == named
    assert not (warehouse / "raw" / ".work").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB. Mounting one takes root, and may be forbidden even then."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED: a small disk can't be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(landing: Path, small_disk: Path) -> None:
    warehouse = small_disk / "warehouse"
    write(landing / "users" / "a.csv", big_csv(1000))
    load(landing, warehouse)
    write(landing / "users" / "b.csv", big_csv(60_000))
    with pytest.raises(StorageError, match="make room or make it writable") as caught:
        load(landing, warehouse)
    assert caught.value.exit_code == 5
    check_nothing_is_half_committed(warehouse)
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    assert counts(load(landing, warehouse).entries[0]) == (60_000, 60_000, 0, 0)
    check_nothing_is_half_committed(warehouse)


def test_a_full_disk_on_the_first_load(landing: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=8k", str(small_disk)], check=True)
    write(landing / "users" / "a.csv", big_csv(10))
    with pytest.raises(StorageError):
        load(landing, small_disk / "warehouse")
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    assert load(landing, small_disk / "warehouse").total.rows_loaded == 10


def test_a_read_only_disk(landing: Path, small_disk: Path) -> None:
    warehouse = small_disk / "warehouse"
    write(landing / "users" / "a.csv", big_csv(10))
    load(landing, warehouse)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    write(landing / "users" / "b.csv", big_csv(20))
    with pytest.raises(StorageError, match="Read-only file system"):
        load(landing, warehouse)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert load(landing, warehouse).total.rows_in == 20


@pytest.mark.parametrize("limit", [1_000_000, 20_000])
def test_a_limit_on_the_size_of_files(landing: Path, warehouse: Path, limit: int) -> None:
    write(landing / "users" / "a.csv", big_csv(100))
    load(landing, warehouse)
    write(landing / "users" / "b.csv", big_csv(60_000))
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from orchestration.errors import StorageError\n"
        "from orchestration.load import load_landing\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try:\n"
        "    load_landing(Path(sys.argv[1]), Path(sys.argv[2]), run_id='run')\n"
        "except StorageError as error:\n"
        "    sys.exit(error.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, landing, warehouse], check=False)
    assert done.returncode == 5
    check_nothing_is_half_committed(warehouse)
    assert counts(load(landing, warehouse).entries[0])[0] == 60_000


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("function", ["move_into_place", "sync_folder"])
def test_each_refusal_while_files_get_their_names(
    landing: Path,
    warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    function: str,
) -> None:
    write(landing / "users" / "a.csv", big_csv(10))
    load(landing, warehouse)
    write(landing / "users" / "b.csv", big_csv(20))

    def refuse(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch, pytest.raises(StorageError, match=os.strerror(number)):
        patch.setattr(loader, function, refuse)
        load(landing, warehouse)
    assert len(ledger_lines(warehouse)) == 1
    assert load(landing, warehouse).total.rows_in == 20
    check_nothing_is_half_committed(warehouse)


def test_a_ledger_line_that_is_not_on_the_disk_is_no_commit(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(landing / "users" / "a.csv", big_csv(10))
    load(landing, warehouse)
    before = (warehouse / "raw" / "ledger.ndjson").read_bytes()
    write(landing / "users" / "b.csv", big_csv(20))
    sync = os.fsync

    def refuse(descriptor: int) -> None:
        if open_file(descriptor) == "ledger.ndjson":
            raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    with monkeypatch.context() as patch, pytest.raises(StorageError):
        patch.setattr(os, "fsync", refuse)
        load(landing, warehouse)
    assert (warehouse / "raw" / "ledger.ndjson").read_bytes() == before
    assert load(landing, warehouse).total.rows_in == 20


def test_too_little_memory_says_so(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", big_csv(200_000))
    with pytest.raises(StorageError, match="give the load more"):
        load_landing(
            landing, warehouse, run_id="run", memory_limit="2MB", threads=2, progress=lambda _: None
        )
    assert load(landing, warehouse).total.rows_loaded == 200_000


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    told = storage_error(PermissionError(errno.EACCES, "Permission denied", "raw/users"), tmp_path)
    assert f"{tmp_path} (Permission denied: raw/users): make room" in str(told)
    renamed = PermissionError(errno.EACCES, "Permission denied", "raw/.work/1", None, "raw/users/1")
    told = storage_error(renamed, tmp_path)
    assert f"{tmp_path} (Permission denied: raw/users/1): make room" in str(told)
    told = storage_error(OSError(errno.ENOSPC, "No space left on device"), tmp_path)
    assert f"{tmp_path} (No space left on device): make room" in str(told)


def test_other_errors_are_none_of_the_disks(tmp_path: Path) -> None:
    assert storage_error(OSError(errno.ENOENT, "gone"), tmp_path) is None
    assert storage_error(duckdb.ParserException("syntax error"), tmp_path) is None
    assert storage_error(ValueError("no space left"), tmp_path) is None


def test_files_are_synced_before_they_get_their_names(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(landing / "users" / "a.csv", "user_id,name\nu,n\n,n\n")
    load(landing, warehouse)
    write(landing / "users" / "b.csv", "user_id,name\nv,n\n,n\n,m\n")
    happened: list[str] = []
    sync, rename = os.fsync, Path.rename

    def note_sync(descriptor: int) -> None:
        happened.append(f"sync {open_file(descriptor)}")
        sync(descriptor)

    def note_rename(path: Path, target: Path) -> Path:
        happened.append(f"rename {path.name}")
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", note_sync)
        patch.setattr(Path, "rename", note_rename)
        load(landing, warehouse)
    bad, good = (name for name in ("000001-1.bad.tmp", "000001-1.good.tmp"))
    assert happened[:4] == [f"sync {bad}", f"rename {bad}", f"sync {good}", f"rename {good}"]
    assert sorted(happened[4:6]) == ["sync quarantine", "sync users"]
    assert happened[6:] == ["sync ledger.ndjson", "sync .ledger.ndjson.written.new", "sync raw"]


def test_working_files_are_out_of_every_globs_way(
    landing: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(landing / "users" / "a.csv", "user_id\nu\n")
    seen: list[list[Path]] = []

    def look(written: Path, final: Path) -> None:
        seen.append([*warehouse.glob("raw/*/0*[1-9]-*.parquet"), *warehouse.glob("*/*.parquet")])
        storage.move_into_place(written, final)

    monkeypatch.setattr(loader, "move_into_place", look)
    load(landing, warehouse)
    assert [[path.name for path in paths] for paths in seen] == [["000000-empty.parquet"]]
    assert raw(warehouse, "users", "user_id") == [("u",)]
