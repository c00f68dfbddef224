"""What can't be loaded is reported by name and reason, and doesn't stop the rest."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.errors import UsageError
from orchestration.load import load_landing
from tests.load.folder import (
    entries,
    ledger_lines,
    load,
    parquet_bytes,
    raw,
    write,
    write_parquet,
)

_GOOD = "user_id,name\nu,n\n"

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="NOT TESTED: only root can become another user"
)


def packed(content: bytes) -> bytes:
    """Gzip without the time of day, which would name a test otherwise in each process."""
    return gzip.compress(content, mtime=0)


def failure(landing: Path, warehouse: Path, file: str) -> str:
    """Why a file failed, beside a good one that loaded."""
    write(landing / "users" / "good.csv", _GOOD)
    found = entries(load(landing, warehouse))
    assert found.pop("users/good.csv").status == "loaded"
    line = found.pop(file)
    assert found == {}
    assert (line.status, line.rows_in, line.raw_file) == ("failed", 0, None)
    # It is not tried again as long as it is the same.
    assert load(landing, warehouse).entries == []
    return line.message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "it has no header"),
        ("a.csv", b"\n\n", "it has no header"),
        ("a.csv", b"\xef\xbb\xbf", "it has no header"),
        ("a.csv", b"name,team\nx,y\n", "the required column user_id of users is missing: add it"),
        ("a.csv", b"user_id|name\nx|y\n", "the required column user_id of users is missing"),
        ("a.csv", b"user_id,name,NAME\nx,y,z\n", "the column name is there more than once"),
        ("a.csv", b"user_id,x,x\nx,y,z\n", "the column x is there more than once"),
        ("a.csv", b'user_id,"name\n', "its header's quotes don't match"),
        ("a.csv", b"user_id,\xff\nx,y\n", "its header is not UTF-8"),
        ("a.csv", b"user_id\0,name\n", "its content is no text"),
        ("a.csv", "user_id\nü\n".encode("utf-16"), "its content is UTF-16 text"),
        ("a.csv", b"PK\x03\x04...", "its content is a zip or Excel file"),
        ("a.csv", packed(b"user_id\n"), "its content is gzip-compressed"),
        ("a.csv", b"PAR1....PAR1", "its content is a Parquet file"),
        ("a.csv", b"\x7fELF\x02\x01\x01\0\0\0", "its content is no text"),
        ("a.ndjson", b"PAR1....PAR1", "its content is a Parquet file"),
        ("a.ndjson", b'[\n  {"user_id": 1},\n  {"user_id": 2}\n]\n', "is a JSON array"),
        ("a.ndjson", b"user_id,name\nu,n\n", "is no JSON object per line"),
        ("a.parquet", b"", "it is no whole Parquet file"),
        ("a.parquet", b"user_id\nu\n", "it is no whole Parquet file"),
        ("a.csv.gz", b"user_id\nu\n", "it is no whole gzip file"),
        ("a.csv.gz", packed(b"user_id\n" + bytes(range(256)) * 99)[:-9], "ends too early"),
        ("a.csv.gz", packed(b"user_id\n")[:5], "the gzip file ends too early"),
        ("a.csv.gz", packed(b"user_id\n")[:-8] + b"\0" * 8, "it is no whole gzip file"),
        ("a.ndjson.gz", packed(b"")[:-3], "the gzip file ends too early"),
        ("a.txt", b"user_id\nu\n", "write .parquet, .csv or .ndjson"),
        ("a.gz", b"user_id\nu\n", "write .parquet, .csv or .ndjson"),
        ("csv", b"user_id\nu\n", "write .parquet, .csv or .ndjson"),
        ("a.csv.bz2", b"user_id\nu\n", "write .parquet, .csv or .ndjson"),
        ("a.jsonl", b"{}\n", "write .parquet, .csv or .ndjson"),
    ],
)
def test_files_that_cannot_be_read(
    landing: Path, warehouse: Path, name: str, content: bytes, message: str
) -> None:
    write(landing / "users" / name, content)
    found = failure(landing, warehouse, f"users/{name}")
    assert message in found
    assert ": " in found
    assert "\n" not in found


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("is_gzip", [False, True])
def test_parquet_files_that_are_cut_short(
    landing: Path, warehouse: Path, cut: float, is_gzip: bool
) -> None:
    content = parquet_bytes(landing / ".x", ["user_id", "name"], [["u", "n"]] * 50)
    content = content[: int(len(content) * cut)]
    name = "a.parquet.gz" if is_gzip else "a.parquet"
    write(landing / "users" / name, gzip.compress(content) if is_gzip else content)
    found = failure(landing, warehouse, f"users/{name}")
    assert "it is no whole Parquet file" in found
    assert str(warehouse) not in found


def test_a_parquet_with_damaged_pages_fails_as_a_whole(landing: Path, warehouse: Path) -> None:
    path = write_parquet(
        landing / "users" / "a.parquet",
        "select md5(i::varchar) as user_id from range(200000) as t(i)",
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = b"\xff" * 4000
    path.write_bytes(content)
    assert "it is no whole Parquet file" in failure(landing, warehouse, "users/a.parquet")


@pytest.mark.parametrize("columns", [("user_id", "name", "name"), ("user_id", "Name", "name")])
def test_a_parquet_with_a_column_twice_fails(
    landing: Path, warehouse: Path, columns: tuple[str, ...]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    (landing / "users").mkdir()
    table = pa.Table.from_arrays([pa.array(["x"])] * len(columns), names=list(columns))
    pyarrow.parquet.write_table(table, landing / "users" / "a.parquet")
    found = failure(landing, warehouse, "users/a.parquet")
    assert "the column name is there more than once" in found


def test_a_parquet_without_a_required_column_fails(landing: Path, warehouse: Path) -> None:
    write_parquet(landing / "users" / "a.parquet", "select 'n' as name, {'user_id': 1} as nested")
    found = failure(landing, warehouse, "users/a.parquet")
    assert "the required column user_id of users is missing" in found


def test_files_below_a_tables_folder_are_to_be_moved_up(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "2024" / "05" / "a.csv", _GOOD + "v,n\n")
    assert "move it up" in failure(landing, warehouse, "users/2024/05/a.csv")


def test_what_belongs_to_no_table_is_reported_file_by_file(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    for name in ("people/a.csv", "people/more/b.txt", "Users/a.csv", "stray.csv"):
        write(landing / name, f"x\n{name}\n")
    found = entries(load(landing, warehouse))
    assert {name: (line.status, line.table_name) for name, line in found.items()} == {
        "Users/a.csv": ("unknown_table", "Users"),
        "people/a.csv": ("unknown_table", "people"),
        "people/more/b.txt": ("unknown_table", "people"),
        "stray.csv": ("unknown_table", "(none)"),
        "users/a.csv": ("loaded", "users"),
    }
    assert load(landing, warehouse).entries == []


def test_hidden_files_and_folders_are_left_out(landing: Path, warehouse: Path) -> None:
    for name in (
        ".a.csv",
        ".hidden/a.csv",
        "users/.a.csv",
        "users/.b/a.csv",
        "x/.y",
        "users/a.csv",
    ):
        write(landing / name, _GOOD)
    assert list(entries(load(landing, warehouse))) == ["users/a.csv"]


def test_links_that_lead_out_are_not_followed(
    landing: Path, warehouse: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "landing2"
    write(outside / "a.csv", "user_id\nsecret\n")
    (landing / "users").mkdir()
    (landing / "users" / "a.csv").symlink_to(outside / "a.csv")
    (landing / "users" / "b.csv").symlink_to("../../landing2/a.csv")
    (landing / "users" / "folder").symlink_to(outside)
    (landing / "users" / "nowhere.csv").symlink_to("missing.csv")
    (landing / "contacts").symlink_to(outside)
    (landing / "people").symlink_to(outside)
    write(landing / "users" / "good.csv", _GOOD)
    found = entries(load(landing, warehouse))
    assert {name: line.status for name, line in found.items()} == {
        "contacts": "failed",
        "people": "failed",
        "users/a.csv": "failed",
        "users/b.csv": "failed",
        "users/folder": "failed",
        "users/good.csv": "loaded",
        "users/nowhere.csv": "failed",
    }
    assert "link out of the landing folder" in found["users/b.csv"].message
    assert "link to nothing" in found["users/nowhere.csv"].message
    assert raw(warehouse, "users", "user_id") == [("u",)]


def test_links_within_the_landing_folder_are_followed(
    landing: Path, warehouse: Path, tmp_path: Path
) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    (landing / "users" / "b.csv").symlink_to("a.csv")
    (landing / "users" / "again").symlink_to("../users")
    through_a_link = tmp_path / "link"
    through_a_link.symlink_to(landing)
    found = entries(load(through_a_link, warehouse))
    assert {name: line.status for name, line in found.items()} == {
        "users/a.csv": "loaded",
        "users/again": "failed",
        "users/b.csv": "skipped",
    }


def test_what_is_no_file_is_not_opened(landing: Path, warehouse: Path) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    os.mkfifo(landing / "users" / "b.csv")
    found = entries(load(landing, warehouse))
    assert "no regular file" in found["users/b.csv"].message


def test_names_that_are_not_utf8_load(landing: Path, warehouse: Path) -> None:
    (landing / "users").mkdir()
    for name in (b"\xff.csv", b"\xfe.ndjson"):
        text = _GOOD if name.endswith(b"csv") else '{"user_id": "v"}\n'
        Path(os.fsdecode(os.fsencode(landing) + b"/users/" + name)).write_text(text)
    assert [line.file for line in load(landing, warehouse).entries] == [
        r"users/\xfe.ndjson",
        r"users/\xff.csv",
    ]
    assert raw(warehouse, "users", "user_id, _file") == [
        ("v", r"users/\xfe.ndjson"),
        ("u", r"users/\xff.csv"),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "does not exist: create it, or name another"),
        (lambda path: path.write_text(""), "is no folder"),
    ],
)
def test_a_landing_folder_that_is_none_is_wrong_use(
    tmp_path: Path, warehouse: Path, make: object, message: str
) -> None:
    path = tmp_path / "elsewhere"
    make(path)  # type: ignore[operator]
    with pytest.raises(UsageError, match=message) as caught:
        load(path, warehouse)
    assert caught.value.exit_code == 2
    assert not warehouse.exists()


@pytest.mark.parametrize("name", ["ware*house", "ware[1]house", "what?"])
def test_a_warehouse_path_that_reads_as_a_pattern_is_wrong_use(
    landing: Path, tmp_path: Path, name: str
) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    with pytest.raises(UsageError, match="name a folder without them"):
        load(landing, tmp_path / name)


def test_a_warehouse_that_is_a_file_is_wrong_use(landing: Path, tmp_path: Path) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    write(tmp_path / "file", "")
    with pytest.raises(UsageError, match="a file is in its way"):
        load(landing, tmp_path / "file")


@pytest.mark.parametrize("setting", [{"memory_limit": "plenty"}, {"threads": -1}])
def test_settings_that_duckdb_refuses_are_wrong_use(
    landing: Path, warehouse: Path, setting: dict[str, object]
) -> None:
    write(landing / "users" / "a.csv", _GOOD)
    with pytest.raises(UsageError, match="DuckDB refuses"):
        load_landing(landing, warehouse, run_id="run", **setting)  # type: ignore[arg-type]


# As a user who may not read everything


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can get to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def load_as_nobody(landing: Path, warehouse: Path) -> str:
    """Load in a process of another user; what it raised, by name, or nothing."""
    warehouse.mkdir(exist_ok=True)
    os.chown(warehouse, 65534, 65534)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            load(landing, warehouse)
        except BaseException as error:
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


@needs_root
def test_a_file_that_may_not_be_read_is_taken_up_once_it_may(shared: Path) -> None:
    landing, warehouse = shared / "landing", shared / "warehouse"
    write(landing / "users" / "a.csv", _GOOD)
    locked = write(landing / "users" / "b.csv", "user_id\nv\n")
    locked.chmod(0o000)
    (landing / "contacts").mkdir(mode=0o700)
    assert load_as_nobody(landing, warehouse) == ""
    assert load_as_nobody(landing, warehouse) == ""
    locked.chmod(0o644)
    assert load_as_nobody(landing, warehouse) == ""
    lines = [(line["file"], line["status"]) for line in ledger_lines(warehouse)]
    assert lines == [
        ("contacts", "failed"),
        ("users/a.csv", "loaded"),
        ("users/b.csv", "failed"),
        ("users/b.csv", "loaded"),
    ]
    messages = [line["message"] for line in ledger_lines(warehouse)]
    assert "the folder can't be listed (permission denied)" in messages[0]
    assert "it can't be read (permission denied): let the load read it" in messages[2]


@needs_root
def test_files_that_may_be_listed_but_not_looked_at_fail(shared: Path) -> None:
    landing, warehouse = shared / "landing", shared / "warehouse"
    write(landing / "users" / "a.csv", _GOOD)
    write(landing / "contacts" / "b.csv", "contact_id,created_at\nc,0\n")
    (landing / "contacts").chmod(0o744)
    assert load_as_nobody(landing, warehouse) == ""
    failed, loaded = ledger_lines(warehouse)
    assert (failed["file"], failed["status"]) == ("contacts/b.csv", "failed")
    assert "it can't be looked at (permission denied)" in failed["message"]
    assert (loaded["file"], loaded["status"]) == ("users/a.csv", "loaded")


@needs_root
def test_a_landing_folder_that_may_not_be_read_is_wrong_use(shared: Path) -> None:
    landing = shared / "landing"
    write(landing / "users" / "a.csv", _GOOD)
    landing.chmod(0o700)
    said = load_as_nobody(landing, shared / "warehouse")
    assert said.startswith("UsageError: ")
    assert "can't be listed (permission denied): let this user read it" in said


@needs_root
def test_a_warehouse_that_may_not_be_written_is_a_storage_error(shared: Path) -> None:
    landing, warehouse = shared / "landing", shared / "warehouse"
    write(landing / "users" / "a.csv", _GOOD)
    load(landing, warehouse)
    write(landing / "users" / "b.csv", _GOOD + "v,n\n")
    said = load_as_nobody(landing, warehouse)
    assert said.startswith("StorageError: Can't write to the warehouse")
    assert "Permission denied" in said
    assert len(ledger_lines(warehouse)) == 1
