"""CSV text splits into the same records however it is cut into blocks."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.load import blocks
from orchestration.load.blocks import CsvForm, CsvReader
from orchestration.load.csv_records import RecordReader

BROKEN = "broken"

_plain = st.sampled_from(["", "a", "bc", " d", "é", "1"])
_quoted = st.sampled_from(['""', '"e"', '"f,g"', '"h""i"', '"j\nk"', '"l\r\nm"', '"é"'])
_odd = st.sampled_from(['n"o', '"p"q', '"r', 's"', ' "t"', '"u" ', '"""', "\r", "\xff", ";"])
_line_end = st.sampled_from(["\n", "\r\n"])


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[bytes, int]:
    """Well-formed, nearly well-formed and jumbled CSV text, and a number of columns."""
    columns = draw(st.integers(1, 3))
    is_clean = draw(st.booleans())
    fields = st.one_of(_plain, _quoted) if is_clean else st.one_of(_plain, _quoted, _odd)
    widths = st.just(columns) if is_clean else st.sampled_from([columns] * 8 + [1, 2, 3, 4])
    rows = draw(
        st.lists(
            widths.flatmap(lambda width: st.lists(fields, min_size=width, max_size=width)),
            max_size=12,
        )
    )
    end = draw(_line_end)
    blank = draw(st.sampled_from(["", "", end, " " + end]))
    text = end.join(",".join(row) for row in rows) + draw(st.sampled_from(["", end, end + blank]))
    return text.encode("latin-1" if "\xff" in text else "utf-8", "replace"), columns


def expected_rows(content: bytes, columns: int) -> list[Any]:
    """What the splitter of single records makes of a text."""
    rows: list[Any] = []
    for record in RecordReader(io.BytesIO(content), b","):
        if columns > 1 and not record.raw.strip(b" "):
            continue
        try:
            if record.fields is None or len(record.fields) != columns:
                raise ValueError
            rows.append(tuple(field.decode("utf-8") or None for field in record.fields))
        except ValueError:
            rows.append((BROKEN, blocks.as_text(record.raw)))
    return rows


def rows_of_blocks(path: Path, columns: int, threads: int) -> tuple[list[Any], list[int]]:
    """What the reader of blocks makes of a file, and the row numbers at which blocks begin."""
    rows: list[Any] = []
    firsts = []
    reader = CsvReader(path, CsvForm(",", columns))
    for block in reader.read(0, threads):
        firsts.append(len(rows))
        for position, broken in enumerate(block.broken.to_pylist()):
            row = tuple(column[position].as_py() for column in block.columns)
            rows.append((BROKEN, broken) if broken is not None else row)
    return rows, firsts


@pytest.mark.parametrize("size", [7, 40, 4 * 1024 * 1024])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(file=csv_files())
def test_blocks_of_any_size_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, file: tuple[bytes, int]
) -> None:
    content, columns = file
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    rows, _ = rows_of_blocks(path, columns, threads=2)
    assert rows == expected_rows(content, columns)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(file=csv_files())
def test_a_rows_text_is_found_again_from_where_its_block_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: tuple[bytes, int]
) -> None:
    content, columns = file
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 30)
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    texts = [
        blocks.as_text(record.raw)
        for record in RecordReader(io.BytesIO(content), b",")
        if columns == 1 or record.raw.strip(b" ")
    ]
    reader = CsvReader(path, CsvForm(",", columns))
    found: list[str] = []
    for block in reader.read(0, 1):
        if block.rows:
            texts_of_block = reader.row_texts(block.start, list(range(block.rows)))
            found += [texts_of_block[position] for position in range(block.rows)]
    assert found == texts


@given(
    rows=st.lists(st.lists(st.text('ab,"\n\r é', max_size=5), min_size=2, max_size=3), max_size=8)
)
def test_well_formed_text_splits_as_pythons_csv_module_splits_it(rows: list[list[str]]) -> None:
    # The module writes a bare carriage return unquoted in some versions.
    rows = [[field.replace("\r", "\r\n") for field in row] for row in rows]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    records = RecordReader(io.BytesIO(text.getvalue().encode("utf-8")), b",")
    found = [[field.decode("utf-8") for field in record.fields or []] for record in records]
    assert found == rows


def test_a_stray_quote_spoils_its_own_line_only() -> None:
    text = b'a,b\n"c,d\ne,f\n"g"h,i\nj,"k\nl"\n"m,n\no,p\n'
    records = list(RecordReader(io.BytesIO(text), b","))
    assert [(record.raw, record.fields) for record in records] == [
        (b"a,b", [b"a", b"b"]),
        (b'"c,d', None),
        (b"e,f", [b"e", b"f"]),
        (b'"g"h,i', None),
        (b'j,"k\nl"', [b"j", b"k\nl"]),
        (b'"m,n', None),
        (b"o,p", [b"o", b"p"]),
    ]


def test_a_quote_that_is_never_closed_is_not_looked_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestration.load.csv_records.MAX_RECORD_BYTES", 100)
    file = io.BytesIO(b'"never closed\n' + b"plain line\n" * 50)
    records = RecordReader(file, b",")
    assert next(records).fields is None
    assert file.tell() < 120
    assert len(list(records)) == 50


def test_carriage_returns_alone_end_lines_where_a_file_has_no_others(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b'a,"b\rc"\rd,e\r\rf\r')
    reader = CsvReader(path, CsvForm(",", 2, b"\r"))
    rows = [
        (broken, *(column[position].as_py() for column in block.columns))
        for block in reader.read(0, 1)
        for position, broken in enumerate(block.broken.to_pylist())
    ]
    assert rows == [(None, "a", "b\rc"), (None, "d", "e"), ("f", None, None)]


@pytest.mark.parametrize("line_end", [b"\n", b"\r"])
def test_a_file_that_shrinks_while_it_is_read_comes_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_end: bytes
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    path = tmp_path / "file.csv"
    path.write_bytes(line_end.join([b"a,b"] * 1000))
    rows = 0
    for block in CsvReader(path, CsvForm(",", 2, line_end)).read(0, 1):
        rows += block.rows
        path.write_bytes(line_end.join([b"a,b"] * 200))
    assert 200 <= rows < 1000
