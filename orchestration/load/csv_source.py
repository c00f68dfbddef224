"""CSV files."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.load.blocks import CsvForm, CsvReader, UnreadableFileError, reading
from orchestration.load.contracts import Table
from orchestration.load.csv_records import RecordReader
from orchestration.load.rows import ColumnSource, select_rows
from orchestration.load.source import BlockStream, Source, column_names, text_start
from orchestration.load.sql import literal

_DELIMITERS = (",", ";", "\t")


class CsvSource(Source):
    """A CSV file."""

    def __init__(self, table: Table, path: Path, head: bytes, threads: int) -> None:
        super().__init__(table)
        self._threads = threads
        self._stream: BlockStream | None = None
        start = text_start(head)
        line_end = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
        is_cut = len(head) < path.stat().st_size
        delimiter, names, length = _csv_header(table, head[start:], is_cut, line_end)
        self._start = start + length
        self._names = column_names(table, names)
        self._reader = CsvReader(path, CsvForm(delimiter, len(names), line_end))
        known = set(table.column_names)
        self.extra_columns = [n for n in self._names if n not in known]

    @property
    def rows_read(self) -> int | None:
        """Rows that went into the query so far."""
        return self._stream.rows if self._stream else None

    @property
    def failure(self) -> BaseException | None:
        """What went wrong while the file was read."""
        return self._stream.failure if self._stream else None

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query over this file; see Source."""
        positions = [f"c{position}" for position in range(len(self._names))]
        blocks = self._reader.read(self._start, self._threads)
        fields = [pa.field(name, pa.string()) for name in positions]
        self._stream = BlockStream(fields, blocks)
        connection.register(self.relation, self._stream.reader())
        known = set(self.table.column_names)
        columns, extra = {}, []
        for position, name in zip(positions, self._names, strict=True):
            if name in known:
                columns[name] = ColumnSource(position)
            else:
                extra.append(f"{literal(name)}, {position}")
        return select_rows(
            self.table,
            columns,
            source=self.relation,
            is_broken="broken is not null",
            extra=f"cast(json_object({', '.join(extra)}) as varchar)" if extra else "null",
            row_text="broken",
            file=literal(file),
            load_id=load_id,
        )

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        """Records as they came, looked up in the file."""
        assert self._stream is not None
        by_block: dict[int, list[int]] = {}
        for number in row_numbers:
            by_block.setdefault(self._stream.block_of(number), []).append(number)
        texts = {}
        for block, numbers in by_block.items():
            first = self._stream.first_rows[block]
            with reading():
                found = self._reader.row_texts(
                    self._stream.starts[block], [number - first for number in numbers]
                )
            texts.update({first + position: text for position, text in found.items()})
        return texts


def _csv_header(
    table: Table, head: bytes, is_cut: bool, line_end: bytes
) -> tuple[str, list[str], int]:
    """Delimiter, column names and length in bytes of a CSV file's header.

    ``head``: the file's beginning; ``is_cut``: whether the file goes on behind it.
    """
    known = set(table.column_names)
    best: tuple[tuple[int, int], str, list[str], int] | None = None
    is_broken = False
    for delimiter in _DELIMITERS:
        records = RecordReader(io.BytesIO(head), delimiter.encode("ascii"), line_end)
        record = next(records, None)
        if record is None:
            raise UnreadableFileError("it has no header: write the column names in the first line")
        if is_cut and records.consumed == len(head):
            raise UnreadableFileError(
                f"its first line is as long as {len(head):,} bytes: end it behind the column names"
            )
        if record.fields is None:
            is_broken = True
            continue
        try:
            names = [field.decode("utf-8").strip() for field in record.fields]
        except UnicodeDecodeError:
            raise UnreadableFileError("its header is not UTF-8: write it as UTF-8") from None
        score = (len(known & {name.lower() for name in names}), len(names))
        if best is None or score > best[0]:
            best = (score, delimiter, names, records.consumed)
    if best is None or (is_broken and best[0][0] == 0):
        raise UnreadableFileError(
            "its header's quotes don't match: quote whole names, and double quotes within them"
        )
    return best[1], best[2], best[3]
