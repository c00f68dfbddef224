"""Each file format as a relation that ``validate.select_rows`` can read.

A source says where the contract's columns are to be found in it, which columns the contract
doesn't know, and, for rows that turn out to be bad, what they looked like.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from orchestration.load.blocks import (
    FRACTION_PATTERN,
    Block,
    CsvForm,
    CsvReader,
    UnreadableFileError,
    read_ndjson,
)
from orchestration.load.contracts import Kind, Table
from orchestration.load.csv_records import RecordReader
from orchestration.load.validate import (
    ColumnSource,
    identifier,
    is_strict_json,
    literal,
    select_rows,
)

__all__ = ["UnreadableFileError", "open_source", "unpack"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# How much of a text file is looked at to tell its form.
_HEAD_BYTES = 1024 * 1024

_OTHER_FORMATS = {
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "gzip-compressed",
    b"PK\x03\x04": "a zip or Excel file",
    b"(\xb5/\xfd": "zstd-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"SQLite format 3": "an SQLite file",
    b"%PDF": "a PDF file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}

_DELIMITERS = (",", ";", "\t")


class Source(Protocol):
    """An opened file of one table."""

    # Columns that the contract doesn't know; None: known only after the rows were read.
    extra_columns: list[str] | None
    # Called now and then with the number of rows read so far.
    on_rows: Callable[[int], None]

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        """The query of ``select_rows`` over this file, ready to run once on the connection."""

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        """Rows as they came, for those whose text the query couldn't give."""

    @property
    def failure(self) -> BaseException | None:
        """What went wrong on the way into the query, if anything."""


def unpack(packed: Path, unpacked: Path) -> None:
    """Decompress a gzip file. Raises UnreadableFileError if it is damaged or cut short.

    OSError where reading or writing fails.
    """
    try:
        with gzip.open(packed, "rb") as source, unpacked.open("wb") as target:
            while block := source.read(1024 * 1024):
                target.write(block)
    except EOFError:
        raise UnreadableFileError(
            "the gzip file ends too early: copy it again, completely"
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFileError(
            f"it is no whole gzip file ({str(error).lower()}): compress it again"
        ) from None


def open_source(table: Table, file_format: str, path: Path, threads: int) -> Source:
    """Open a file that lies unpacked.

    Raises UnreadableFileError where it can't be read as what it is said to be, OSError where
    reading fails.
    """
    if file_format == "parquet":
        return ParquetSource(table, path)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    _check_text(head, file_format)
    if file_format == "csv":
        return CsvSource(table, path, head, threads)
    return NdjsonSource(table, path, head, threads)


def _check_text(head: bytes, file_format: str) -> None:
    for beginning, description in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise UnreadableFileError(
                f"its content is {description}, not {file_format.upper()} in UTF-8: rename or"
                " convert it"
            )
    if b"\0" in head:
        raise UnreadableFileError(f"its content is no text: write {file_format.upper()} in UTF-8")


class _BlockStream:
    """Feeds blocks to DuckDB as one stream of record batches, with a number for each row."""

    def __init__(
        self, fields: list[pa.Field], blocks: Iterator[Block], on_rows: Callable[[int], None]
    ) -> None:
        self.failure: BaseException | None = None
        # Where each block begins: its first row's number, and its place in the file.
        self.first_rows: list[int] = []
        self.starts: list[int] = []
        self._blocks = blocks
        self._on_rows = on_rows
        self._schema = pa.schema(
            [*fields, pa.field("broken", pa.string()), pa.field("row_number", pa.int64())]
        )

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        row_number = 1
        try:
            for block in self._blocks:
                if block.rows == 0:
                    continue
                self.first_rows.append(row_number)
                self.starts.append(block.start)
                numbers = pa.arange(row_number, row_number + block.rows)
                yield pa.RecordBatch.from_arrays(
                    [*block.columns, block.broken, numbers], schema=self._schema
                )
                row_number += block.rows
                self._on_rows(row_number - 1)
        except BaseException as error:
            # DuckDB would tell it as an error of its own.
            self.failure = error
            raise


def _ignore_rows(rows: int) -> None:
    del rows


class CsvSource:
    """A CSV file."""

    def __init__(self, table: Table, path: Path, head: bytes, threads: int) -> None:
        self.on_rows: Callable[[int], None] = _ignore_rows
        self._table = table
        self._threads = threads
        self._stream: _BlockStream | None = None
        mark = len(_BYTE_ORDER_MARK) if head.startswith(_BYTE_ORDER_MARK) else 0
        line_end = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
        delimiter, names, length = _csv_header(table, path, mark, line_end)
        self._start = mark + length
        self._names = _column_names(table, names)
        self._reader = CsvReader(path, CsvForm(delimiter, len(names), line_end))
        known = set(table.column_names)
        self.extra_columns: list[str] | None = [n for n in self._names if n not in known]

    @property
    def failure(self) -> BaseException | None:
        return self._stream.failure if self._stream else None

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        positions = [f"c{position}" for position in range(len(self._names))]
        blocks = self._reader.read(self._start, self._threads)
        fields = [pa.field(name, pa.string()) for name in positions]
        self._stream = _BlockStream(fields, blocks, self.on_rows)
        connection.register("landing_rows", self._stream.reader())
        known = set(self._table.column_names)
        columns, extra = {}, []
        for position, name in zip(positions, self._names, strict=True):
            if name in known:
                columns[name] = ColumnSource(position)
            else:
                extra.append(f"{literal(name)}, {position}")
        return select_rows(
            self._table,
            columns,
            source="landing_rows",
            is_broken="broken is not null",
            extra=f"cast(json_object({', '.join(extra)}) as varchar)" if extra else "null",
            row_text="broken",
            file=file,
            load_id=load_id,
        )

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        assert self._stream is not None
        by_block: dict[int, list[int]] = {}
        for number in row_numbers:
            block = bisect_right(self._stream.first_rows, number) - 1
            by_block.setdefault(block, []).append(number)
        texts = {}
        for block, numbers in by_block.items():
            first = self._stream.first_rows[block]
            found = self._reader.row_texts(
                self._stream.starts[block], [number - first for number in numbers]
            )
            texts.update({first + position: text for position, text in found.items()})
        return texts


def _csv_header(
    table: Table, path: Path, start: int, line_end: bytes
) -> tuple[str, list[str], int]:
    """Delimiter, column names and length in bytes of a CSV file's header."""
    known = set(table.column_names)
    best: tuple[tuple[int, int], str, list[str], int] | None = None
    for delimiter in _DELIMITERS:
        with path.open("rb") as file:
            file.seek(start)
            records = RecordReader(file, delimiter.encode("ascii"), line_end)
            record = next(records, None)
        if record is None:
            raise UnreadableFileError("it has no header: write the column names in the first line")
        if record.fields is None:
            continue
        try:
            names = [field.decode("utf-8").strip() for field in record.fields]
        except UnicodeDecodeError:
            raise UnreadableFileError("its header is not UTF-8: write it as UTF-8") from None
        score = (len(known & {name.lower() for name in names}), len(names))
        if best is None or score > best[0]:
            best = (score, delimiter, names, records.consumed)
    if best is None:
        raise UnreadableFileError(
            "its header's quotes don't match: quote whole names, and double quotes within them"
        )
    return best[1], best[2], best[3]


def _column_names(table: Table, names: list[str]) -> list[str]:
    """Names of a file's columns: the contract's in lower case, others as they are.

    Raises UnreadableFileError for names that come twice and required columns that are missing.
    """
    known = set(table.column_names)
    found: list[str] = []
    for position, name in enumerate(names, start=1):
        plain = name.strip()
        found.append(plain.lower() if plain.lower() in known else plain or f"column_{position}")
    lower = [name.lower() for name in found]
    repeated = sorted({name for name in lower if lower.count(name) > 1})
    if repeated:
        raise UnreadableFileError(
            f"the column {', '.join(repeated)} is there more than once: keep one"
        )
    missing = [
        column.name for column in table.columns if column.required and column.name not in found
    ]
    if missing:
        word = "columns" if len(missing) > 1 else "column"
        raise UnreadableFileError(
            f"the required {word} {', '.join(missing)} of {table.name} is missing: add it"
            if len(missing) == 1
            else f"the required {word} {', '.join(missing)} of {table.name} are missing: add them"
        )
    return found


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?')


def quote_numbers(line: str) -> str:
    """The line of JSON with the numbers of its top-level object as texts."""
    depth = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal depth
        token = match.group()
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif depth == 1 and token[0] != '"':
            return f'"{token}"'
        return token

    return _JSON_TOKEN.sub(replace, line)


def _keys_of_first_line(text: bytes) -> list[str]:
    try:
        row = json.loads(text.split(b"\n", 1)[0])
    except ValueError:
        return []
    return list(row) if isinstance(row, dict) else []


class NdjsonSource:
    """A file of one JSON object per line. Of a key that is there twice, the first counts."""

    def __init__(self, table: Table, path: Path, head: bytes, threads: int) -> None:
        self.on_rows: Callable[[int], None] = _ignore_rows
        self.extra_columns: list[str] | None = None
        self._table = table
        self._path = path
        self._start = len(_BYTE_ORDER_MARK) if head.startswith(_BYTE_ORDER_MARK) else 0
        self._threads = threads
        self._stream: _BlockStream | None = None
        # Keys that mean a column of the contract but are written otherwise (" Event_ID").
        self.aliases: dict[str, list[str]] = {}
        self.keeps_number_texts = False
        # Whether lines are tried before they are parsed; without that, a bad one stops the query.
        self.has_bad_lines = False
        first = head[self._start :].lstrip(b" \t\r\n")
        self._first_keys = _keys_of_first_line(first)
        # A single line that is none is a bad row; a file without any is of another format.
        if first and (first.startswith(b"[") or not re.search(rb"(?m)^[ \t\r]*\{", first)):
            shape = "a JSON array" if first.startswith(b"[") else "no JSON object per line"
            raise UnreadableFileError(f"its content is {shape}: write one JSON object per line")

    @property
    def failure(self) -> BaseException | None:
        return self._stream.failure if self._stream else None

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        rewrite = quote_numbers if self.keeps_number_texts else None
        blocks = read_ndjson(self._path, self._start, self._threads, rewrite)
        fields = [
            pa.field("line", pa.string()),
            pa.field("original", pa.string()),
            pa.field("may_be_lenient", pa.bool_()),
            pa.field("has_fraction", pa.bool_()),
        ]
        self._stream = _BlockStream(fields, blocks, self.on_rows)
        connection.register("landing_rows", self._stream.reader())
        keys = [key for column in self._table.columns for key in self._keys_of(column.name)]
        structure = literal(json.dumps(dict.fromkeys(keys, "VARCHAR")))
        is_object = "starts_with(ltrim(line, e' \\t\\r'), '{')"
        if self.has_bad_lines:
            is_object += " and json_valid(line)"
        is_strict = f"not may_be_lenient or {is_strict_json('line')}"
        # Each line is parsed twice: for its values, and for the names of its keys.
        source = f"""(
            select *, case when fields is not null then json_keys(line) end as keys
            from (
                select
                    *,
                    case
                        when {is_object} and ({is_strict})
                        then json_transform(line, {structure})
                    end as fields
                from landing_rows
                where broken is not null or not regexp_full_match(line, '[ \\t\\r]*')
            )
        )"""
        return select_rows(
            self._table,
            {
                column.name: ColumnSource(self._value(keys, self._keys_of(column.name)))
                for column in self._table.columns
            },
            source=source,
            is_broken="fields is null",
            extra=self._extra(keys),
            row_text="coalesce(broken, original, rtrim(line, e'\\r'))",
            file=file,
            load_id=load_id,
            needs_number_texts=self._needs_number_texts(),
        )

    def _value(self, keys: list[str], aliases: list[str]) -> str:
        # By position, as DuckDB takes names that differ in case for one.
        values = [f"struct_extract_at(fields, {keys.index(key) + 1})" for key in aliases]
        if len(values) == 1:
            return values[0]
        given = [f"nullif({value}, '')" for value in values]
        return f"coalesce({', '.join(given)})"

    def _extra(self, known: list[str]) -> str:
        nothing = literal(json.dumps(dict.fromkeys(known)))
        names = ", ".join(literal(key) for key in known)
        usual = ", ".join(literal(key) for key in self._first_keys if key in known)
        return (
            f"case when keys = [{usual}] then null when list_has_all([{names}], keys) then null"
            f" else cast(json_merge_patch(line, {nothing}) as varchar) end"
        )

    def _needs_number_texts(self) -> str:
        """Whether a line has a number that must not go through a double.

        Ids keep their digits as they are written, and decimals all that they have.
        """
        if self.keeps_number_texts:
            return "false"
        texts, decimals = [], []
        for column in self._table.columns:
            given = identifier(f"given_{column.name}")
            for key in self._keys_of(column.name):
                path = literal("$." + json.dumps(key, ensure_ascii=False))
                if column.kind is Kind.TEXT:
                    texts.append(path)
                elif column.kind in (Kind.AMOUNT, Kind.RATE, Kind.INTEGER):
                    decimals.append(
                        f"(length({given}) > 15 and json_type(line, {path}) = 'DOUBLE')"
                    )
        # A case evaluates its conditions in turn, so that few lines are parsed once more.
        return (
            "case when not has_fraction or fields is null then false"
            f" when not regexp_matches(line, {literal(FRACTION_PATTERN)}) then false"
            f" else list_contains(json_type(line, [{', '.join(texts)}]), 'DOUBLE')"
            f" or {' or '.join(decimals) or 'false'} end"
        )

    def knows(self, key: str) -> bool:
        """Whether a key holds a column of the contract."""
        return any(key in self._keys_of(name) for name in self._table.column_names)

    def learn_aliases(self, keys: list[str]) -> bool:
        """Take note of keys that mean a column but are written otherwise; False if none are new."""
        columns = set(self._table.column_names)
        found = [key for key in keys if key.strip().lower() in columns and not self.knows(key)]
        for key in found:
            self.aliases.setdefault(key.strip().lower(), []).append(key)
        return bool(found)

    def _keys_of(self, column: str) -> list[str]:
        return [column, *self.aliases.get(column, [])]

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        del row_numbers
        return {}


class ParquetSource:
    """A Parquet file."""

    failure: BaseException | None = None

    def __init__(self, table: Table, path: Path) -> None:
        self.on_rows: Callable[[int], None] = _ignore_rows
        self._table = table
        self._relation = (
            f"read_parquet({literal(str(path))}, file_row_number = true, binary_as_string = true)"
        )
        self._path = path
        self.extra_columns: list[str] | None = []

    def query(self, connection: duckdb.DuckDBPyConnection, file: str, load_id: int) -> str:
        try:
            described = connection.execute(f"describe select * from {self._relation}").fetchall()
        except duckdb.Error as error:
            raise UnreadableFileError(
                f"it is no whole Parquet file ({str(error).splitlines()[0]}): write it again"
            ) from None
        types = {row[0]: row[1] for row in described if row[0] != "file_row_number"}
        names = _column_names(self._table, list(types))
        known = set(self._table.column_names)
        columns, selected, extra, whole = {}, [], [], []
        self.extra_columns = []
        for position, (original, name) in enumerate(zip(types, names, strict=True)):
            value = f"c{position}"
            selected.append(f"{identifier(original)} as {value}")
            whole.append(f"{literal(original)}, {value}")
            if name in known:
                columns[name] = ColumnSource(value, types[original])
            else:
                self.extra_columns.append(name)
                extra.append(f"{literal(name)}, {value}")
        return select_rows(
            self._table,
            columns,
            source=(
                f"(select file_row_number + 1 as row_number, {', '.join(selected)}"
                f" from {self._relation})"
            ),
            is_broken="false",
            extra=f"cast(json_object({', '.join(extra)}) as varchar)" if extra else "null",
            row_text=f"cast(json_object({', '.join(whole)}) as varchar)",
            file=file,
            load_id=load_id,
        )

    def row_texts(self, row_numbers: list[int]) -> dict[int, str]:
        del row_numbers
        return {}
