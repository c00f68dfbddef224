"""Text files as blocks of rows in Arrow arrays, in file order.

A file is cut at record boundaries into blocks of some megabytes, which Arrow splits into rows on a
few threads. Arrow's splitters take broken quoting too kindly and give up a file for one bad row, so
each block is tried against the exact form first, and a block that doesn't have it goes through the
slower way that tells good rows from bad ones.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json

from orchestration.load.csv_records import Record, RecordReader

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Large enough that the fixed cost per block vanishes, small enough to hold a few in memory.
BLOCK_BYTES = 4 * 1024 * 1024

# The end of a line of JSON is not looked for beyond this, to spare the memory.
MAX_LINE_BYTES = 256 * 1024 * 1024

# JSON that is nested deeper isn't parsed: what DuckDB does to it takes a stack that has an end.
MAX_DEPTH = 10_000

# How many line ends are tried, from a block's end backwards, for one that ends a CSV record.
_CUTS_TRIED = 64


class UnreadableFileError(Exception):
    """A file's content isn't what its name says; the text says what it is."""


class NotPlainError(Exception):
    """A file's content may be right, but isn't as plain as a quick reader takes it."""


class ReadFailedError(Exception):
    """Reading a file failed, whatever its content is; the text says why."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Tell an OSError of reading a landing file from one of writing to the warehouse."""
    try:
        yield
    except OSError as error:
        raise ReadFailedError(
            f"it can't be read ({(error.strerror or str(error)).lower()}): let the load read it"
        ) from error


@dataclass(frozen=True)
class Block:
    """Rows of a stretch of a file.

    ``columns``: texts, null where empty, and flags. ``broken``: null for a row that parses, else
    the row as it came. ``start``: where the block begins in the file, in bytes.
    """

    columns: list[pa.Array]
    broken: pa.Array
    start: int

    @property
    def rows(self) -> int:
        """Number of rows, broken ones included."""
        return len(self.broken)


def as_text(raw: bytes) -> str:
    r"""Bytes as text; those that aren't UTF-8 stay recognisable as ``\xNN``."""
    return raw.decode("utf-8", "backslashreplace")


def _as_arrow_text(raw: bytes, end: int) -> pa.Array:
    """The bytes up to ``end`` as an array of one text, not copied. ArrowInvalid if not UTF-8."""
    offsets = pa.py_buffer(b"\0\0\0\0" + end.to_bytes(4, "little"))
    text = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(raw)])
    text.validate(full=True)
    return text


class _Ahead:
    """Runs pieces of work on threads and gives their results in order, a few computed ahead.

    Each piece comes with the position in the file at which it ends.
    """

    def __init__(self, threads: int) -> None:
        self._threads = max(threads, 1)
        self._pool = ThreadPoolExecutor(self._threads)
        self._pieces: deque[tuple[Future[Block | None], int]] = deque()

    @property
    def has_room(self) -> bool:
        return len(self._pieces) <= self._threads

    def submit(self, end: int, work: Callable[..., Block | None], *arguments: object) -> None:
        self._pieces.append((self._pool.submit(work, *arguments), end))

    def next(self) -> tuple[Block | None, int]:
        future, end = self._pieces.popleft()
        return future.result(), end

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def forget(self) -> None:
        for future, _ in self._pieces:
            future.cancel()
        self._pieces.clear()

    def close(self) -> None:
        self.forget()
        self._pool.shutdown()


def read_ndjson(
    path: Path, start: int, threads: int, rewrite_line: Callable[[str], str] | None = None
) -> Iterator[Block]:
    """Blocks of the lines of a file from byte ``start`` on, blank ones among them.

    Columns: the line, the line as it came where ``rewrite_line`` changed it (else null), and for
    the whole block whether it may hold JSON that only lenient readers take, and numbers with a
    fraction or an exponent. Raises UnreadableFileError for a line beyond MAX_LINE_BYTES, OSError
    where reading fails.
    """

    def block(raw: bytes, end: int, start: int) -> Block:
        return _ndjson_block(raw, end, start, rewrite_line)

    return _read_line_blocks(path, start, threads, block)


def read_plain_ndjson(
    path: Path, start: int, threads: int, names: tuple[str, ...]
) -> Iterator[Block]:
    """Blocks of the texts under given keys of the lines of a file, from byte ``start`` on.

    Raises NotPlainError where a line isn't an object with nothing but texts and nulls under these
    keys; else as ``read_ndjson``, which with parsing after it takes about twice as long.
    """
    options = pa.json.ParseOptions(
        explicit_schema=pa.schema([(name, pa.string()) for name in names]),
        unexpected_field_behavior="error",
    )

    def block(raw: bytes, end: int, start: int) -> Block:
        return _plain_ndjson_block(raw, end, start, options)

    return _read_line_blocks(path, start, threads, block)


def _read_line_blocks(
    path: Path, start: int, threads: int, make: Callable[[bytes, int, int], Block]
) -> Iterator[Block]:
    ahead = _Ahead(threads)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        position = start
        while position < size or ahead:
            if position < size and ahead.has_room:
                raw, end = _read_lines(descriptor, position, size)
                if not raw:  # the file shrank while it was read
                    size = position
                    continue
                ahead.submit(position + end, make, raw, end, position)
                position += end
            else:
                block, _ = ahead.next()
                if block is not None:
                    yield block
    finally:
        ahead.close()
        os.close(descriptor)


def _read_lines(descriptor: int, position: int, size: int) -> tuple[bytes, int]:
    """Bytes from a position on, and how many of them are whole lines."""
    wanted = BLOCK_BYTES
    while True:
        raw = os.pread(descriptor, wanted, position)
        end = raw.rfind(b"\n") + 1
        if end > 0:
            return raw, end
        if not raw or position + len(raw) >= size:
            return raw, len(raw)
        if wanted > MAX_LINE_BYTES:
            limit = MAX_LINE_BYTES // 1024**2
            raise UnreadableFileError(
                f"it has a line of more than {limit} MB: write one JSON object per line"
            )
        wanted *= 4


_JSON_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _depth(line: str) -> int:
    """How deep a line of JSON is nested."""
    depth = deepest = 0
    for match in _JSON_STRING_OR_BRACKET.finditer(line):
        if match.group() in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match.group() in "]}":
            depth -= 1
    return deepest


def _set_deep_lines_apart(lines: pa.Array, broken: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Lines without those that are nested too deep, and the broken ones with them."""
    openings = pc.add(pc.count_substring(lines, "["), pc.count_substring(lines, "{"))
    if (pc.max(openings).as_py() or 0) <= MAX_DEPTH:
        return lines, broken
    good, bad = lines.to_pylist(), broken.to_pylist()
    for position, opened in enumerate(openings.to_pylist()):
        if opened is not None and opened > MAX_DEPTH and _depth(good[position]) > MAX_DEPTH:
            good[position], bad[position] = None, good[position]
    return pa.array(good, pa.string()), pa.array(bad, pa.string())


_NOT_A_NUMBER = "-?(?:[nN][aA][nN]|[iI][nN][fF])"

# What DuckDB's JSON reader takes but JSON doesn't know: trailing commas, NaN and Infinity.
LENIENT_JSON_PATTERN = rf",\s*[\]}}]|[:,\[]\s*{_NOT_A_NUMBER}"

# Numbers that DuckDB's JSON reader may not give back as they are written.
FRACTION_PATTERN = r":\s*-?[0-9]+[.eE]"

# The same looked for at once. Searches for a single first character are four times as fast.
_UNUSUAL_PATTERNS = (
    rf":\s*(?:-?[0-9]+[.eE]|{_NOT_A_NUMBER})",
    rf",\s*(?:[\]}}]|{_NOT_A_NUMBER})",
    rf"\[\s*{_NOT_A_NUMBER}",
)


def _has(text: pa.Array, pattern: str) -> bool:
    return bool(pc.match_substring_regex(text, pattern)[0].as_py())


def _ndjson_block(
    raw: bytes, end: int, start: int, rewrite_line: Callable[[str], str] | None
) -> Block:
    stop = end - 1 if raw[end - 1 : end] == b"\n" else end
    try:
        text = _as_arrow_text(raw, stop)
        lines = pc.split_pattern(text, "\n").values
        broken = pa.nulls(len(lines), pa.string())
    except pa.ArrowInvalid:
        good: list[str | None] = []
        bad: list[str | None] = []
        for line in raw[:stop].split(b"\n"):
            try:
                good.append(line.decode("utf-8"))
                bad.append(None)
            except UnicodeDecodeError:
                good.append(None)
                bad.append(as_text(line))
        text = pa.array(["\n".join(line for line in good if line is not None)], pa.string())
        lines, broken = pa.array(good, pa.string()), pa.array(bad, pa.string())
    lines, broken = _set_deep_lines_apart(lines, broken)
    original = pa.nulls(len(lines), pa.string())
    if rewrite_line is not None:
        original = lines
        lines = pa.array(
            [None if line is None else rewrite_line(line) for line in lines.to_pylist()],
            pa.string(),
        )
    is_unusual = any(_has(text, pattern) for pattern in _UNUSUAL_PATTERNS)
    flags = [
        pa.repeat(is_unusual and _has(text, pattern), len(lines))
        for pattern in (LENIENT_JSON_PATTERN, FRACTION_PATTERN)
    ]
    return Block([lines, original, *flags], broken, start)


def _plain_ndjson_block(raw: bytes, end: int, start: int, options: pa.json.ParseOptions) -> Block:
    # Arrow reads one object after the other, wherever they begin. Where each line begins one, and
    # there are as many objects as lines, each line is an object: within one, and so at the
    # beginning of a line, no other is allowed by the schema.
    lines = raw.count(b"\n", 0, end) + (raw[end - 1 : end] != b"\n")
    try:
        text = _as_arrow_text(raw, end)  # Arrow's parser doesn't look whether this is UTF-8
        if not raw.startswith(b"{") or _has(text, r"\n[^{]") or b"\0" in raw:
            raise NotPlainError
        table = pa.json.read_json(
            pa.BufferReader(pa.py_buffer(raw).slice(0, end)),
            pa.json.ReadOptions(use_threads=False, block_size=max(2 * BLOCK_BYTES, 2 * end)),
            options,
        )
    except pa.ArrowException:
        raise NotPlainError from None
    if table.num_rows != lines:
        raise NotPlainError
    columns = [column.combine_chunks() for column in table.columns]
    return Block(columns, pa.nulls(lines, pa.string()), start)


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written: its delimiter, number of columns and line end (LF or CR)."""

    delimiter: str
    columns: int
    line_end: bytes = b"\n"


class CsvReader:
    """Reads a CSV file's rows behind its header, block by block."""

    def __init__(self, path: Path, form: CsvForm) -> None:
        self._path = path
        self._form = form
        names = [f"c{position}" for position in range(form.columns)]
        self._read_options = pa.csv.ReadOptions(
            column_names=names, use_threads=False, block_size=2 * BLOCK_BYTES
        )
        self._parse_options = pa.csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True)
        self._convert_options = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        )
        other = "\\t" if form.delimiter == "\t" else form.delimiter
        field = f'(?:[^"{other}\\r\\n][^{other}\\r\\n]*|"(?:[^"]|"")*")?'
        self._well_formed = f"\\A(?:{field}(?:{other}|\\r?\\n))*(?:{field}\\r?)?\\z"

    def read(self, start: int, threads: int) -> Iterator[Block]:
        """Blocks of rows from byte ``start`` on. Raises OSError where reading fails."""
        ahead = _Ahead(threads)
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            position = settled = start
            while settled < size:
                if position < size and ahead.has_room and self._form.line_end == b"\n":
                    raw = os.pread(descriptor, BLOCK_BYTES, position)
                    if not raw:  # the file shrank while it was read
                        size = position
                        continue
                    is_last = position + len(raw) >= size
                    end = len(raw) if is_last else raw.rfind(b"\n") + 1
                    # Without a line end the exact way is taken, which finds where the record ends.
                    following = position + end if end > 0 else size
                    ahead.submit(following, self._quick_block, raw, end, position)
                    position = following
                    continue
                block, following = ahead.next() if ahead else (None, size)
                if block is None:
                    ahead.forget()
                    block, following = self._careful_block(descriptor, settled, size)
                    position = following
                    if following == settled:  # the file shrank while it was read
                        return
                settled = following
                yield block
        finally:
            ahead.close()
            os.close(descriptor)

    def _quick_block(self, raw: bytes, end: int, start: int) -> Block | None:
        """The rows up to ``end``; None if that isn't a stretch of wholly well-formed records."""
        # Arrow takes a byte-order mark for none of the text wherever a block begins with it.
        if end <= 0 or raw.startswith(BYTE_ORDER_MARK):
            return None
        try:
            text = _as_arrow_text(raw, end)
            is_plain = b'"' not in raw and b"\r" not in raw
            if not is_plain and not _has(text, self._well_formed):
                return None
            table = pa.csv.read_csv(
                pa.BufferReader(pa.py_buffer(raw).slice(0, end)),
                read_options=self._read_options,
                parse_options=self._parse_options,
                convert_options=self._convert_options,
            )
        except pa.ArrowInvalid:
            return None
        columns = [column.combine_chunks() for column in table.columns]
        return Block(columns, pa.nulls(table.num_rows, pa.string()), start)

    def _careful_block(self, descriptor: int, position: int, size: int) -> tuple[Block, int]:
        """The rows from a record's beginning on, and where the next block begins."""
        raw = os.pread(descriptor, BLOCK_BYTES, position)
        if position + len(raw) < size:
            # The cut may just have fallen into a quoted field: one with an even number of quotes
            # before it does not.
            is_odd = raw.count(b'"') % 2 == 1
            end = len(raw)
            for _ in range(_CUTS_TRIED):
                line_end = raw.rfind(b"\n", 0, end)
                if line_end < 0:
                    break
                is_odd ^= raw.count(b'"', line_end, end) % 2 == 1
                end = line_end
                if not is_odd:
                    block = self._quick_block(raw, end + 1, position)
                    if block is not None:
                        return block, position + end + 1
                    break
        return self._exact_block(position)

    def _exact_block(self, position: int) -> tuple[Block, int]:
        rows: list[list[str | None] | None] = []
        broken: list[str | None] = []
        with self._path.open("rb", buffering=1024 * 1024) as file:
            file.seek(position)
            records = RecordReader(file, self._form.delimiter.encode("ascii"), self._form.line_end)
            for record in records:
                if self._is_blank(record):
                    continue
                row = self._decode(record)
                rows.append(row)
                broken.append(as_text(record.raw) if row is None else None)
                if records.consumed >= BLOCK_BYTES:
                    break
        columns = [
            pa.array([None if row is None else row[index] for row in rows], pa.string())
            for index in range(self._form.columns)
        ]
        # Where no record came, only blank lines were left.
        end = position + records.consumed
        return Block(columns, pa.array(broken, pa.string()), position), end

    def _is_blank(self, record: Record) -> bool:
        """Whether a line of blanks only is no row: where a row has several columns."""
        return self._form.columns > 1 and record.raw.strip(b" ") == b""

    def _decode(self, record: Record) -> list[str | None] | None:
        """Texts of a record's fields; None if it doesn't fit the header or isn't UTF-8."""
        if record.fields is None or len(record.fields) != self._form.columns:
            return None
        try:
            return [field.decode("utf-8") or None for field in record.fields]
        except UnicodeDecodeError:
            return None

    def row_texts(self, start: int, positions: list[int]) -> dict[int, str]:
        """Rows as they came, by their position (from 0) behind byte ``start``."""
        wanted = set(positions)
        found = {}
        with self._path.open("rb", buffering=1024 * 1024) as file:
            file.seek(start)
            records = RecordReader(file, self._form.delimiter.encode("ascii"), self._form.line_end)
            rows = (record for record in records if not self._is_blank(record))
            for position, record in enumerate(rows):
                if position in wanted:
                    found[position] = as_text(record.raw)
                    if len(found) == len(wanted):
                        break
        return found
