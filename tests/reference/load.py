"""Landing folders to the rows that count: files, ledger, quarantine and duplicates."""

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .contract import ASSET_TYPES, INTERVALS, RESERVED_CAMPAIGN_IDS, TABLES, Table, kind_of
from .snapshots import PAIRS, Observations, without_association_times
from .values import Micros, UnparsableError, parse_json, parse_value

Row = dict[str, Any]

csv.field_size_limit(2**31 - 1)

_FILE_NAME = re.compile(r".+\.(csv|ndjson|parquet)(\.gz)?")
_NOT_UTF8 = re.compile("[\ud800-\udfff]")


class UnreadableFileError(Exception):
    """A file that can't be read at all; nothing of it is loaded."""


class _BadRow:
    """A row that does not parse."""


BAD_ROW = _BadRow()


@dataclass
class Loaded:
    """What all loads together left: rows that count per table, and the trust tables' rows."""

    tables: dict[str, list[Row]]
    load_audit: list[Row] = field(default_factory=list)
    quarantine: list[Row] = field(default_factory=list)
    extra_columns: set[tuple[str, str]] = field(default_factory=set)


# --- reading one file -----------------------------------------------------------------------


def _decode(data: bytes) -> str:
    """Text of UTF-8 with or without byte-order mark; bytes that are none become surrogates, so
    that only the rows that hold them are bad."""
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _csv_reader(text: str, delimiter: str) -> Iterator[list[str] | _BadRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BAD_ROW
            continue
        if any(_NOT_UTF8.search(field_text) for field_text in fields):
            yield BAD_ROW
        else:
            yield fields


def _is_blank(fields: list[str], width: int) -> bool:
    """Whether a CSV record is a blank line, which is no row."""
    return not fields or (len(fields) == 1 < width and fields[0] != "" and not fields[0].strip())


def _csv_header(text: str, delimiter: str) -> list[str]:
    """The names in the first line that is not blank; none where it does not parse."""
    for fields in _csv_reader(text, delimiter):
        if isinstance(fields, _BadRow):
            return []
        if fields:
            return fields
    return []


def _read_csv(data: bytes, table: Table) -> tuple[list[str], Iterator[tuple[int, Any]]]:
    text = _decode(data)
    headers = {delimiter: _csv_header(text, delimiter) for delimiter in ",;\t"}
    delimiter = max(
        headers, key=lambda candidate: len(set(headers[candidate]) & set(table.columns))
    )
    header = headers[delimiter]
    if not header:
        raise UnreadableFileError("there is no header")
    if len(set(header)) != len(header):
        raise UnreadableFileError("a column stands twice in the header")

    def rows() -> Iterator[tuple[int, Any]]:
        number = 0
        is_header = True
        for fields in _csv_reader(text, delimiter):
            if not isinstance(fields, _BadRow) and _is_blank(fields, len(header)):
                continue
            if is_header:
                is_header = False
                continue
            number += 1
            if isinstance(fields, _BadRow) or len(fields) != len(header):
                yield number, BAD_ROW
            else:
                yield number, dict(zip(header, fields, strict=True))

    return header, rows()


def _read_ndjson(data: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_decode(data).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = BAD_ROW if _NOT_UTF8.search(line) else parse_json(line)
        except (ValueError, RecursionError):
            row = BAD_ROW
        yield number, row if isinstance(row, dict) else BAD_ROW


def _parquet_values(column: pa.ChunkedArray) -> list[Any]:
    """Python values of a Parquet column; timestamps and dates as microseconds, for Python's
    datetime knows fewer years than Parquet."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        ticks = column.cast(pa.int64()).to_pylist()
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        return [None if t is None else Micros(t * 10**6 // per_second) for t in ticks]
    if pa.types.is_date32(kind):
        days = column.cast(pa.int32()).to_pylist()
        return [None if d is None else Micros(d * 86_400_000_000) for d in days]
    if pa.types.is_date64(kind):
        millis = column.cast(pa.int64()).to_pylist()
        return [None if m is None else Micros(m * 1000) for m in millis]
    if pa.types.is_map(kind):
        return [None if pairs is None else dict(pairs) for pairs in column.to_pylist()]
    return list(column.to_pylist())


def _read_parquet(data: bytes) -> tuple[list[str], Iterator[tuple[int, Any]]]:
    try:
        content = pq.ParquetFile(io.BytesIO(data)).read()
        names = list(content.column_names)
        if len(set(names)) != len(names):
            raise UnreadableFileError("a column stands twice")
        columns = [_parquet_values(content.column(name)) for name in names]
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise UnreadableFileError(f"no Parquet: {error}") from error
    rows = (
        (number, dict(zip(names, values, strict=True)))
        for number, values in enumerate(zip(*columns, strict=True), start=1)
    )
    return names, rows


def read_file(path: Path, data: bytes, table: Table) -> tuple[set[str], list[tuple[int, Any]]]:
    """All rows of one file as they came, with their numbers, and its extra columns.

    Raises:
        UnreadableFileError: truncated, of the wrong format, or a required column is missing.
    """
    name = path.name
    if name.endswith(".gz"):
        name = name.removesuffix(".gz")
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise UnreadableFileError(f"no gzip: {error}") from error
    if name.endswith(".ndjson"):
        rows = list(_read_ndjson(data))
        columns = {key for _, row in rows if isinstance(row, dict) for key in row}
    else:
        header, iterator = _read_csv(data, table) if name.endswith(".csv") else _read_parquet(data)
        columns = set(header)
        missing = table.required - columns
        if missing:
            raise UnreadableFileError(f"required columns are missing: {sorted(missing)}")
        rows = list(iterator)
    return columns - set(table.columns), rows


# --- one row against the contract -----------------------------------------------------------


class ViolationError(Exception):
    """The first violation of a row: column and code."""

    def __init__(self, column: str | None, code: str) -> None:
        super().__init__(code)
        self.column = column
        self.code = code


def check_row(table: Table, raw: Any) -> Row:
    """The typed row.

    Raises:
        ViolationError: the row breaks its table's contract; the first violation column by column
            in contract order, then that of the whole row.
    """
    if isinstance(raw, _BadRow):
        raise ViolationError(None, "row_does_not_parse")
    row: Row = {}
    for column in table.columns:
        try:
            value = parse_value(kind_of(column), raw.get(column))
        except UnparsableError as error:
            raise ViolationError(column, str(error)) from None
        except UnicodeDecodeError:
            raise ViolationError(None, "row_does_not_parse") from None
        if value is None and column in table.required:
            raise ViolationError(column, "required_value_missing")
        if column == "asset_type" and value not in ASSET_TYPES:
            raise ViolationError(column, "unknown_asset_type")
        if (table.name, column) == ("campaigns", "campaign_id") and value in RESERVED_CAMPAIGN_IDS:
            raise ViolationError(column, "reserved_id")
        if column == "rate" and value <= 0:
            raise ViolationError(column, "rate_not_positive")
        row[column] = value
    if table.name == "events" and row["visitor_id"] is None and row["contact_id"] is None:
        raise ViolationError("visitor_id", "no_visitor_or_contact")
    if table.name in INTERVALS:
        end, start = INTERVALS[table.name]
        if row[end] is not None and row[start] is not None and row[end] < row[start]:
            raise ViolationError(end, "interval_ends_before_it_begins")
    return row


# --- which of several rows with one key counts ----------------------------------------------


def rank(table: Table, row: Row, load_id: int, file: str, number: int) -> tuple[Any, ...]:
    """Rank of a row among those with its key: the greatest counts.

    Of events the first received (missing is last; then the earlier file in path order, the
    earlier row, the earlier load); of others the newest updated_at (missing is oldest; then the
    later load, file and row).
    """
    if table.name == "events":
        received = row["received_at"]
        return (
            received is not None,
            -_order(received) if received is not None else 0,
            _Backwards(file.encode()),
            -number,
            -load_id,
        )
    updated = row.get("updated_at")
    return (updated is not None, updated or datetime.min, load_id, file.encode(), number)


def _order(instant: datetime) -> int:
    """Exact integer that orders instants."""
    delta = instant - datetime.min
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@dataclass(frozen=True)
class _Backwards:
    """Bytes in reverse order."""

    value: bytes

    def __lt__(self, other: "_Backwards") -> bool:
        return self.value > other.value

    def __gt__(self, other: "_Backwards") -> bool:
        return self.value < other.value


# --- all loads ------------------------------------------------------------------------------


def landing_files(landing: Path) -> list[tuple[str, Path]]:
    """(path relative to the landing folder, path) of every data file, in path order (UTF-8)."""
    found = []
    for folder in landing.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            for path in folder.iterdir():
                if (
                    path.is_file()
                    and not path.name.startswith(".")
                    and _FILE_NAME.fullmatch(path.name)
                ):
                    found.append((f"{folder.name}/{path.name}", path))
    return sorted(found, key=lambda item: item[0].encode())


def load_all(
    loads: Sequence[Path],
    *,
    association_history: str = "given",
    load_instants: Sequence[datetime | None] = (),
) -> Loaded:
    """Load all nights in order and keep, of the rows of one key, the one that counts.

    Args:
        loads: one landing folder per load.
        association_history: ``given``, or ``snapshot``: then the associations' rows are the
            intervals that follow from what each load observed.
        load_instants: the instant (naive UTC) of each load, None for one that took up nothing;
            only ``snapshot`` needs them.

    Raises:
        ValueError: ``snapshot`` without an instant per load.
    """
    is_snapshot = association_history == "snapshot"
    if is_snapshot and len(load_instants) != len(loads):
        raise ValueError("snapshot needs the instant of every load")
    contracts = without_association_times(TABLES) if is_snapshot else TABLES
    observations = Observations()
    result = Loaded(tables={})
    best: dict[str, dict[tuple[Any, ...], tuple[tuple[Any, ...], Row]]] = {
        name: {} for name in TABLES
    }
    seen: set[tuple[str, str]] = set()
    latest: dict[str, str] = {}
    loaded_content: set[tuple[str, str]] = set()
    for load_id, landing in enumerate(loads, start=1):
        for file, path in landing_files(Path(landing)):
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            table_name = file.split("/", 1)[0]
            is_unchanged = latest.get(file) == digest
            latest[file] = digest
            if not is_unchanged and (table_name, digest) in loaded_content:
                observations.repeat(load_id, table_name, digest)
            if (file, digest) in seen:
                continue
            seen.add((file, digest))
            audit: Row = {
                "file": file,
                "table_name": table_name,
                "content_sha256": digest,
                "rows_in": 0,
                "rows_loaded": 0,
                "rows_duplicate": 0,
                "rows_quarantined": 0,
                "status": "loaded",
            }
            result.load_audit.append(audit)
            if table_name not in TABLES:
                audit["status"] = "unknown_table"
                continue
            if (table_name, digest) in loaded_content:
                audit["status"] = "skipped"
                continue
            table = contracts[table_name]
            try:
                extra, rows = read_file(path, data, table)
            except UnreadableFileError:
                audit["status"] = "failed"
                continue
            loaded_content.add((table_name, digest))
            result.extra_columns.update((table_name, column) for column in extra)
            good = _load_rows(result, best[table_name], table, rows, audit, load_id)
            observations.note(load_id, table_name, digest, good)
    result.tables = {name: [row for _, row in by_key.values()] for name, by_key in best.items()}
    if is_snapshot:
        for name in PAIRS:
            result.tables[name] = observations.intervals(name, load_instants)
    return result


def _load_rows(
    result: Loaded,
    best: dict[tuple[Any, ...], tuple[tuple[Any, ...], Row]],
    table: Table,
    rows: list[tuple[int, Any]],
    audit: Row,
    load_id: int,
) -> list[Row]:
    """Add one file's rows: a row is loaded if it counts for its key against all rows before it
    and the whole file, else a duplicate. Gives the rows that are not in quarantine."""
    file = audit["file"]
    best_of_file: dict[tuple[Any, ...], tuple[tuple[Any, ...], Row]] = {}
    good = []
    for number, raw in rows:
        try:
            row = check_row(table, raw)
        except ViolationError as violation:
            audit["rows_quarantined"] += 1
            result.quarantine.append(
                {
                    "file": file,
                    "table_name": table.name,
                    "content_sha256": audit["content_sha256"],
                    "row_number": number,
                    "column_name": violation.column,
                    "reason": violation.code,
                }
            )
            continue
        good.append(row)
        key = tuple(row[column] for column in table.key)
        ranked = (rank(table, row, load_id, file, number), row)
        if key not in best_of_file or ranked[0] > best_of_file[key][0]:
            best_of_file[key] = ranked
    for key, ranked in best_of_file.items():
        if key not in best or ranked[0] > best[key][0]:
            best[key] = ranked
            audit["rows_loaded"] += 1
    audit["rows_duplicate"] = len(good) - audit["rows_loaded"]
    audit["rows_in"] = len(rows)
    return good
