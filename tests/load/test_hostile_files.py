"""Files that stopped or hung a load, lost rows or blamed the wrong thing, once."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.load import csv_records, formats, parquet_footer, source
from orchestration.load.csv_records import RecordReader
from orchestration.load.ledger import LedgerLine
from tests.load.folder import counts, entries, load, raw, write

_GOOD = "user_id,name\nu,Ada\n"


def loaded_beside_a_good_file(landing: Path, warehouse: Path) -> dict[str, LedgerLine]:
    """What became of the files, one of which is as it should be and loads."""
    write(landing / "users" / "good.csv", _GOOD)
    found = entries(load(landing, warehouse))
    assert found["users/good.csv"].status == "loaded"
    return found


# gzip


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of 1 MB, or ten times a gzip file's size."""
    monkeypatch.setattr(formats, "UNPACKED_BYTES", 1024 * 1024)
    monkeypatch.setattr(formats, "UNPACKED_RATIO", 10)


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("members", [1, 4])
def test_a_gzip_file_that_unpacks_to_far_more_than_its_size_fails(
    landing: Path, warehouse: Path, small_limits: None, kind: str, members: int
) -> None:
    packed = gzip.compress(b"\n" * (2**21 // members), mtime=0) * members
    write(landing / f"users/bomb.{kind}.gz", packed)
    line = loaded_beside_a_good_file(landing, warehouse)[f"users/bomb.{kind}.gz"]
    assert (line.status, line.rows_in) == ("failed", 0)
    assert "it unpacks to more than 10 times its size, and more than 1 MB" in line.message
    assert not (warehouse / "raw" / ".work").exists()


def test_a_gzip_file_is_not_unpacked_much_further_than_it_may(
    landing: Path, warehouse: Path, small_limits: None
) -> None:
    # Behind the zeros comes so much else that the whole would be within the limits.
    packed = gzip.compress(bytes(2**22)) + gzip.compress(os.urandom(2**20))
    write(landing / "users/bomb.csv.gz", packed)
    line = loaded_beside_a_good_file(landing, warehouse)["users/bomb.csv.gz"]
    assert "it unpacks to more than 10 times its size" in line.message


def test_a_gzip_file_within_either_limit_loads(
    landing: Path, warehouse: Path, small_limits: None
) -> None:
    small = "user_id,name\n" + "".join(f"u{n},{'x' * 1000}\n" for n in range(1000))
    large = "user_id,name\n" + "".join(f"v{n},{os.urandom(500).hex()}\n" for n in range(2000))
    for name, text in (("small", small), ("large", large)):
        write(landing / f"users/{name}.csv.gz", gzip.compress(text.encode(), mtime=0))
    assert len(gzip.compress(small.encode())) * 10 < len(small) < 1024 * 1024 < len(large)
    found = entries(load(landing, warehouse))
    assert {name: counts(line) for name, line in found.items()} == {
        "users/small.csv.gz": (1000, 1000, 0, 0),
        "users/large.csv.gz": (2000, 2000, 0, 0),
    }


# CSV


def test_a_quote_that_closes_late_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # Looked at from its beginning with each line, a field of a few megabytes took hours.
    looked_at = 0
    quoted = csv_records._QUOTED

    class Counting:
        def match(self, text: bytes, position: int = 0) -> object:
            nonlocal looked_at
            looked_at += len(text) - position
            return quoted.match(text, position)

    monkeypatch.setattr(csv_records, "_QUOTED", Counting())
    text = b'u,"' + b"a line of text\n" * 1000 + b'"\n'
    (record,) = RecordReader(io.BytesIO(text), b",")
    assert record.fields == [b"u", b"a line of text\n" * 1000]
    assert looked_at <= len(text)


def test_a_header_of_very_many_columns_fails(landing: Path, warehouse: Path) -> None:
    names = ",".join(f"c{n}" for n in range(source.MAX_COLUMNS))
    write(landing / "users/many.csv", f"user_id,{names}\nu1{',' * source.MAX_COLUMNS}\n")
    write(landing / "users/commas.csv", f"user_id{',' * 500_000}\n")
    write(landing / "users/long.csv", f"user_id{',' * 2_000_000}\nu1\n")
    found = loaded_beside_a_good_file(landing, warehouse)
    assert "it has 2,001 columns" in found["users/many.csv"].message
    assert "it has 500,001 columns" in found["users/commas.csv"].message
    assert "its first line is as long as 1,048,576 bytes" in found["users/long.csv"].message


def test_as_many_columns_as_may_be_load(landing: Path, warehouse: Path) -> None:
    columns = ["user_id", *(f"c{n}" for n in range(source.MAX_COLUMNS - 1))]
    write(landing / "users/a.csv", f"{','.join(columns)}\n{','.join(columns)}\n")
    (line,) = load(landing, warehouse).entries
    assert counts(line) == (1, 1, 0, 0)


def test_a_value_that_begins_with_a_byte_order_mark_keeps_it(
    landing: Path, warehouse: Path
) -> None:
    for name, mark in (("plain", ""), ("marked", "\ufeff")):
        write(landing / f"users/{name}.csv", f"{mark}user_id,name\n\ufeff{name},\ufeffAda\n")
    load(landing, warehouse)
    assert raw(warehouse, "users", "user_id, name") == [
        ("\ufeffmarked", "\ufeffAda"),
        ("\ufeffplain", "\ufeffAda"),
    ]


# NDJSON


@pytest.mark.parametrize("depth", [2_000, 500_000])
@pytest.mark.parametrize("key", ["name", "shoe_size"])
@pytest.mark.parametrize("is_first", [True, False])
def test_json_of_any_depth_harms_no_other_row(
    landing: Path, warehouse: Path, depth: int, key: str, is_first: bool
) -> None:
    lines = ['{"user_id": "u1"}', f'{{"user_id": "u2", "{key}": {"[" * depth}{"]" * depth}}}']
    lines += ['{"user_id": "u3", "team": 7}']
    if is_first:
        lines.reverse()
        lines = lines[1:] + lines[:1]
    write(landing / "users/deep.ndjson", "\n".join(lines) + "\n")
    line = loaded_beside_a_good_file(landing, warehouse)["users/deep.ndjson"]
    assert line.status == "loaded"
    assert line.rows_in == 3
    assert {"u1", "u3"} <= {user for (user,) in raw(warehouse, "users", "user_id")}


@pytest.mark.parametrize("blanks", range(3))
def test_a_line_that_is_no_json_may_have_letters_of_several_bytes(
    landing: Path, warehouse: Path, blanks: int
) -> None:
    # DuckDB cuts the line in its message, at times within a letter.
    text = '{"user_id": "' + " " * blanks + "\u6f22" * 40 + '" x}\n'
    write(landing / "users/a.ndjson", text + '{"user_id": "u1", "team": 7}\n')
    line = loaded_beside_a_good_file(landing, warehouse)["users/a.ndjson"]
    assert counts(line) == (2, 1, 0, 1)


# Names and links


def test_two_names_that_look_alike_are_two(landing: Path, warehouse: Path) -> None:
    for number, name in enumerate((b"\xff.csv", rb"\xff.csv", rb"\\xff.csv")):
        path = landing / "users" / os.fsdecode(name)
        write(path, f"user_id\nu{number}\nu{number}\n")
    found = entries(load(landing, warehouse))
    assert {name: counts(line) for name, line in found.items()} == {
        r"users/\xff.csv": (2, 1, 1, 0),
        r"users/\\xff.csv": (2, 1, 1, 0),
        r"users/\\\\xff.csv": (2, 1, 1, 0),
    }
    assert load(landing, warehouse).entries == []


def test_a_link_to_a_name_that_no_file_can_have_fails(landing: Path, warehouse: Path) -> None:
    (landing / "users").mkdir()
    (landing / "users/long.csv").symlink_to("x" * 300)
    (landing / "users/loop.csv").symlink_to("loop.csv")
    found = loaded_beside_a_good_file(landing, warehouse)
    for name in ("users/long.csv", "users/loop.csv"):
        assert found[name].status == "failed"
        assert "link to nothing" in found[name].message


# Parquet


def varint(number: int) -> bytes:
    """A number in Thrift's compact protocol."""
    more, last = divmod(number, 128)
    return bytes([last | 128]) + varint(more) if more else bytes([last])


def element(name: bytes, children: int | None) -> bytes:
    """An element of a Parquet schema: a group, or an optional text."""
    kind = b"\x15\x0c\x25\x02" if children is None else b"\x35\x02"
    told = b"" if children is None else b"\x15" + varint(2 * children)
    return kind + b"\x18" + varint(len(name)) + name + told + b"\0"


def parquet_of_schema(elements: list[bytes]) -> bytes:
    """A Parquet file without rows."""
    schema = b"\x19\xfc" + varint(len(elements)) + b"".join(elements)
    footer = b"\x15\x02" + schema + b"\x16\0\x19\x0c\0"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("ending", ["parquet", "parquet.gz"])
def test_a_parquet_that_is_nested_without_end_fails(
    landing: Path, warehouse: Path, ending: str
) -> None:
    for depth in (100, 101, 5_000):
        groups = [element(b"schema", 2), element(b"user_id", None)]
        groups += [element(b"a", 1)] * (depth - 1)
        content = parquet_of_schema([*groups, element(b"a", None)])
        packed = gzip.compress(content, mtime=0) if ending.endswith("gz") else content
        write(landing / f"users/{depth}.{ending}", packed)
    found = loaded_beside_a_good_file(landing, warehouse)
    assert found[f"users/100.{ending}"].status == "loaded"
    for depth in (101, 5_000):
        line = found[f"users/{depth}.{ending}"]
        assert line.status == "failed"
        assert "its columns are nested more than 100 deep" in line.message


def test_a_parquet_of_very_many_columns_fails(landing: Path, warehouse: Path) -> None:
    elements = [element(b"schema", 100_000), element(b"user_id", None)]
    elements += [element(b"c%d" % number, None) for number in range(99_999)]
    write(landing / "users/wide.parquet", parquet_of_schema(elements))
    line = loaded_beside_a_good_file(landing, warehouse)["users/wide.parquet"]
    assert line.status == "failed"
    assert "its schema has 100,001 elements" in line.message


def test_a_schema_as_large_and_deep_as_may_be_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"u": ["x"], "b": [True], "deep": [[{"a": [{"b": 1.5}]}]]}), path)
    # A list is a group of a group of its elements: deep, list, element, a, list, element, b.
    for elements, levels, is_read in ((10, 7, True), (10, 6, False), (9, 7, False)):
        monkeypatch.setattr(parquet_footer, "MAX_ELEMENTS", elements)
        monkeypatch.setattr(parquet_footer, "MAX_LEVELS", levels)
        assert (parquet_footer.schema_excess(path) is None) == is_read


@pytest.mark.parametrize(
    "name", ["permission denied", "quota", "out of memory", "could not write", "no space left"]
)
def test_a_damaged_parquet_is_to_blame_itself_whatever_its_name(
    landing: Path, warehouse: Path, name: str
) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({"user_id": ["u1"], "name": ["x" * 99]}), target, compression="none")
    damaged = target.getvalue().replace(b"x" * 99, b"\xff" * 99)
    write(landing / f"users/{name}.parquet", damaged)
    write(landing / f"users/{name} cut.parquet", damaged[:60])
    found = loaded_beside_a_good_file(landing, warehouse)
    for file in (f"users/{name}.parquet", f"users/{name} cut.parquet"):
        assert found[file].status == "failed"
        assert "it is no whole Parquet file" in found[file].message
