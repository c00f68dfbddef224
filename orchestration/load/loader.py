"""Loads what is new in a landing folder into the raw layer of a warehouse."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.errors import (
    AnotherRunError,
    NothingToLoadError,
    UsageError,
)
from orchestration.load.contracts import TABLES, Table
from orchestration.load.duplicates import count_rows_that_count
from orchestration.load.landing import LandingFile, list_landing
from orchestration.load.ledger import (
    FAILED,
    LOADED,
    SKIPPED,
    UNKNOWN_CONTENT,
    Ledger,
    LedgerLine,
)
from orchestration.load.readers import (
    NdjsonSource,
    ParquetSource,
    Source,
    UnreadableFileError,
    open_source,
    unpack,
)
from orchestration.load.report import LoadReport
from orchestration.load.storage import (
    PARQUET_OPTIONS,
    RawLayer,
    move_into_place,
    storage_error,
    writing_to,
)
from orchestration.load.validate import NEEDS_NUMBER_TEXTS, checks, literal

# Files are committed in groups, so that the keys of what was loaded before are read once per
# group. What a kill can cost grows with the group, and so does its memory (about 100 bytes a row).
GROUP_ROWS = 8_000_000
GROUP_FILES = 256

# A long load says how far it is this often, in seconds.
PROGRESS_SECONDS = 5.0

_HASH_BYTES = 1024 * 1024


def init_raw(warehouse: Path) -> None:
    """Make the raw layer's folders, with a file without rows for each table and for quarantine.

    Raises StorageError where the disk refuses.
    """
    _check_warehouse_path(warehouse)
    with writing_to(warehouse):
        RawLayer(warehouse).create()


def load_landing(
    landing: Path,
    warehouse: Path,
    *,
    run_id: str,
    progress: Callable[[str], None] = print,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> LoadReport:
    """Load the files of a landing folder that weren't loaded before.

    ``progress`` gets a line now and then. ``memory_limit`` (as ``4GB``) and ``threads`` bound
    DuckDB; without them it takes what the machine has.

    Raises UsageError where the landing folder is missing or unreadable, NothingToLoadError where
    there never was a file of a table, AnotherRunError while another load writes to the warehouse,
    StorageError where the warehouse's disk refuses or its raw layer is damaged. What was committed
    before any of these stays loaded.
    """
    landing, warehouse = Path(landing), Path(warehouse)
    _check_warehouse_path(warehouse)
    files = list_landing(landing)
    layer = RawLayer(warehouse)
    with writing_to(warehouse):
        layer.raw.mkdir(parents=True, exist_ok=True)
        with _only_load(layer):
            layer.create()
            ledger = Ledger(layer.ledger)
            ledger.check_files(warehouse)
            layer.remove_leftovers(ledger.files)
            with (
                layer.work_folder() as work,
                _connect(work, memory_limit, threads) as connection,
            ):
                load = _Load(layer, ledger, connection, work, run_id, progress, threads)
                load.take_all(files)
    report = load.report
    report.nothing_ever_loaded = not ledger.has_loaded_files
    if report.nothing_ever_loaded and all(file.status is not None for file in files):
        raise NothingToLoadError(
            f"There is nothing to load in {landing}: put files into folders named as the tables,"
            " as events/part-000.csv, and run again."
        )
    return report


def _check_warehouse_path(warehouse: Path) -> None:
    # Readers of the raw layer name its files by glob patterns.
    if any(character in str(warehouse) for character in "*?["):
        raise UsageError(
            f"The warehouse path {warehouse} has one of the characters * ? [ in it: name a folder"
            " without them."
        )


@contextlib.contextmanager
def _only_load(layer: RawLayer) -> Iterator[None]:
    descriptor = os.open(layer.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRunError(
                f"Another load is writing to {layer.warehouse}: wait until it has ended, and run"
                " again."
            ) from None
        yield
    finally:
        os.close(descriptor)


def _connect(
    work: Path, memory_limit: str | None, threads: int | None
) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(work / "spill"),
        "autoinstall_known_extensions": False,
    }
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if threads is not None:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set TimeZone = 'UTC'")
    # The cache would serve the old content of a path that was written anew.
    connection.execute("set enable_external_file_cache = false")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set preserve_insertion_order = true")
    return connection


@dataclass
class _Converted:
    """A file's rows, written aside."""

    raw: Path
    quarantine: Path | None
    rows_in: int
    rows_quarantined: int
    extra_columns: list[str]


@dataclass
class _Outcome:
    """What is to be committed for a file: a ledger line, and files to move into place."""

    line: LedgerLine
    converted: _Converted | None = None


class _ContentUnknownError(Exception):
    """A file's content can't be told, so that the file is to be tried again next time."""


class _Load:
    """One load, file by file."""

    def __init__(
        self,
        layer: RawLayer,
        ledger: Ledger,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        run_id: str,
        progress: Callable[[str], None],
        threads: int | None,
    ) -> None:
        self._layer = layer
        self._ledger = ledger
        self._connection = connection
        self._work = work
        self._progress = progress
        self._threads = threads or len(os.sched_getaffinity(0))
        self._pending: list[_Outcome] = []
        self._numbers = itertools.count(1)
        self._last_told = time.monotonic()
        self.report = LoadReport(ledger.next_load_id, run_id)

    def take_all(self, files: list[LandingFile]) -> None:
        """Load, refuse or leave out each file."""
        numbered = enumerate(files, start=1)
        for table_name, group in itertools.groupby(numbered, lambda pair: pair[1].table_name):
            before = len(self.report.entries)
            for number, file in group:
                self._place = f"file {number} of {len(files)}"
                self._take(file)
                rows = sum(outcome.line.rows_in for outcome in self._pending)
                if rows >= GROUP_ROWS or len(self._pending) >= GROUP_FILES:
                    self._commit()
            self._commit()
            self._tell_table(table_name, self.report.entries[before:])

    def _take(self, file: LandingFile) -> None:
        try:
            if not file.is_readable:
                raise _ContentUnknownError(file.message)
            before = _stamp(file.path)
            content = self._hash(file)
            if self._ledger.knows(file.name, file.table_name, content):
                self.report.files_unchanged += 1
                return
            outcome = self._judge(file, content)
            if outcome.converted is not None and _stamp(file.path) != before:
                _discard(outcome.converted)
                raise _ContentUnknownError(
                    "it changed while it was read: it is taken up again by the next load"
                )
        except _ContentUnknownError as error:
            if self._ledger.knows(file.name, file.table_name, UNKNOWN_CONTENT):
                self.report.files_unchanged += 1
                return
            line = self._line(file, UNKNOWN_CONTENT, FAILED, str(error))
            outcome = _Outcome(line)
        self._pending.append(outcome)

    def _hash(self, file: LandingFile) -> str:
        """SHA-256 of a file's bytes. _ContentUnknownError where they can't be read."""
        digest = hashlib.sha256()
        try:
            with file.path.open("rb", buffering=0) as opened:
                size = os.fstat(opened.fileno()).st_size
                while block := opened.read(_HASH_BYTES):
                    digest.update(block)
                    self._tell(lambda: f"{file.name}: reading {size / 1e6:,.0f} MB")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise _ContentUnknownError(
                f"it can't be read ({reason}): let the load read it"
            ) from None
        return digest.hexdigest()

    def _judge(self, file: LandingFile, content: str) -> _Outcome:
        if file.status is not None:
            return _Outcome(self._line(file, content, file.status, file.message))
        if any(
            outcome.line.content_sha256 == content and outcome.converted is not None
            for outcome in self._pending
        ):
            self._commit()
        twin = self._ledger.loaded_as(file.table_name, content)
        if twin is not None:
            message = f"the same content was loaded from {twin}"
            return _Outcome(self._line(file, content, SKIPPED, message))
        try:
            converted = self._convert(file, content)
        except UnreadableFileError as error:
            return _Outcome(self._line(file, content, FAILED, str(error)))
        line = dataclasses.replace(
            self._line(file, content, LOADED, ""),
            rows_in=converted.rows_in,
            rows_quarantined=converted.rows_quarantined,
            extra_columns=converted.extra_columns,
        )
        return _Outcome(line, converted)

    def _line(self, file: LandingFile, content: str, status: str, message: str) -> LedgerLine:
        return LedgerLine(
            load_id=self.report.load_id,
            run_id=self.report.run_id,
            file=file.name,
            table_name=file.table_name,
            content_sha256=content,
            loaded_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            status=status,
            message=message,
            bytes=_size(file.path) if file.is_readable else 0,
        )

    # From a file to its rows

    def _convert(self, file: LandingFile, content: str) -> _Converted:
        """Write a file's rows aside. UnreadableFileError where it can't be read as a whole."""
        stem = f"{next(self._numbers):06d}"
        unpacked = self._work / f"{stem}.unpacked"
        try:
            path = file.path
            if file.is_gzip:
                unpack(path, unpacked)
                path = unpacked
            elif file.file_format == "parquet":
                # DuckDB would take some characters of a user's file name for a pattern.
                unpacked.symlink_to(path.absolute())
                path = unpacked
            table = TABLES[file.table_name]
            source = open_source(table, file.file_format, path, self._threads)
            return self._convert_source(table, source, file, content, stem)
        finally:
            unpacked.unlink(missing_ok=True)

    def _convert_source(
        self, table: Table, source: Source, file: LandingFile, content: str, stem: str
    ) -> _Converted:
        for attempt in itertools.count(1):
            written = self._work / f"{stem}-{attempt}.tmp"
            if not self._copy_rows(source, file, written):
                continue
            relation = f"read_parquet({literal(str(written))})"
            rows_in, lowest, extras = self._one(
                f"select count(*), min(_load_id), count(_extra) from {relation}"
            )
            extra_columns = source.extra_columns
            if isinstance(source, NdjsonSource):
                if lowest == NEEDS_NUMBER_TEXTS:
                    source.keeps_number_texts = True
                    written.unlink()
                    continue
                keys = self._json_keys(relation) if extras else []
                if attempt < 3 and source.learn_aliases(keys):
                    written.unlink()
                    continue
                extra_columns = [key for key in keys if not source.knows(key)]
            break
        is_clean = lowest is None or lowest > 0
        if is_clean:
            return _Converted(written, None, rows_in, 0, extra_columns or [])
        return self._set_bad_rows_apart(
            table, source, file, content, written, rows_in, extra_columns or []
        )

    def _copy_rows(self, source: Source, file: LandingFile, written: Path) -> bool:
        """Write all rows of a source, bad ones marked; False if that is to be tried once more."""
        source.on_rows = lambda rows: self._tell(
            lambda: f"{file.name}: {rows:,} rows so far ({self._place})"
        )
        query = source.query(self._connection, file.name, self.report.load_id)
        try:
            self._connection.execute(
                f"copy ({query}) to {literal(str(written))} ({PARQUET_OPTIONS})"
            )
        except duckdb.Error as error:
            failure = source.failure
            if isinstance(failure, UnreadableFileError):
                raise failure from None
            if isinstance(failure, OSError):
                reason = (failure.strerror or str(failure)).lower()
                raise UnreadableFileError(f"reading it failed ({reason}): copy it again") from None
            if failure is not None:
                raise failure from None
            if storage_error(error, self._layer.warehouse) is not None:
                raise
            if isinstance(source, NdjsonSource) and not source.has_bad_lines:
                source.has_bad_lines = True
                return False
            if isinstance(source, ParquetSource):
                reason = str(error).splitlines()[0]
                raise UnreadableFileError(
                    f"it is no whole Parquet file ({reason}): write it again"
                ) from None
            raise
        finally:
            with contextlib.suppress(duckdb.Error):
                self._connection.unregister("landing_rows")
        return True

    def _one(self, query: str) -> tuple[int, int | None, int]:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return row

    def _json_keys(self, relation: str) -> list[str]:
        rows = self._connection.execute(
            f"""
            select distinct unnest(json_keys(_extra)) as key
            from (select distinct _extra from {relation} where _extra is not null)
            where json_valid(_extra) and left(ltrim(_extra, e' \\t\\r\\n'), 1) = '{{'
            order by key
            """
        ).fetchall()
        return [key for (key,) in rows]

    def _set_bad_rows_apart(
        self,
        table: Table,
        source: Source,
        file: LandingFile,
        content: str,
        written: Path,
        rows_in: int,
        extra_columns: list[str],
    ) -> _Converted:
        relation = f"read_parquet({literal(str(written))})"
        untold = self._connection.execute(
            f"select _row_number from {relation} where _load_id < 0 and _extra is null"
        ).fetchall()
        texts = source.row_texts([number for (number,) in untold]) if untold else {}
        numbers = sorted(texts)
        self._connection.register(
            "row_texts",
            pa.table(
                {
                    "_row_number": pa.array(numbers, pa.int64()),
                    "row_text": pa.array([texts[number] for number in numbers], pa.string()),
                }
            ),
        )
        problems = [problem for problem, _ in checks(table)]
        columns = " ".join(
            f"when {-position} then {literal(problem.column)}"
            for position, problem in enumerate(problems, start=1)
            if problem.column is not None
        )
        reasons = " ".join(
            f"when {-position} then {literal(problem.reason)}"
            for position, problem in enumerate(problems, start=1)
        )
        raw = written.with_suffix(".good.tmp")
        quarantine = written.with_suffix(".bad.tmp")
        row = self._connection.execute(
            f"""
            copy (
                select
                    {literal(file.name)} as file,
                    {literal(table.name)} as table_name,
                    {literal(content)} as content_sha256,
                    bad._row_number as row_number,
                    case _load_id {columns} end as column_name,
                    case _load_id {reasons} end as reason,
                    sha256(coalesce(bad._extra, told.row_text)) as row_sha256,
                    coalesce(bad._extra, told.row_text) as row_text
                from {relation} as bad
                left join row_texts as told on bad._row_number = told._row_number
                where bad._load_id < 0
                order by bad._row_number
            ) to {literal(str(quarantine))} ({PARQUET_OPTIONS})
            """
        ).fetchone()
        assert row is not None
        self._connection.execute(
            f"copy (select * from {relation} where _load_id > 0)"
            f" to {literal(str(raw))} ({PARQUET_OPTIONS})"
        )
        self._connection.unregister("row_texts")
        written.unlink()
        return _Converted(raw, quarantine, rows_in, row[0], extra_columns)

    # From written rows to loaded ones

    def _commit(self) -> None:
        """Count duplicates of the files that wait, move them into place, write their lines."""
        outcomes, self._pending = self._pending, []
        new = {o.line.file: o.converted.raw for o in outcomes if o.converted is not None}
        counts: dict[str, int] = {}
        if new:
            table = TABLES[outcomes[0].line.table_name]
            old = [self._layer.warehouse / n for n in self._ledger.raw_files(table.name)]
            counts = count_rows_that_count(self._connection, table, new, old)
        for outcome in outcomes:
            line = outcome.line
            if outcome.converted is not None:
                line = self._move_into_place(outcome, counts[line.file])
            self._ledger.append(line)
            self.report.entries.append(line)
            self._tell_file(line)

    def _move_into_place(self, outcome: _Outcome, rows_loaded: int) -> LedgerLine:
        converted, line = outcome.converted, outcome.line
        assert converted is not None
        number = len(self.report.entries) + 1
        name = f"{line.load_id:06d}-{number:05d}-{line.content_sha256[:12]}.parquet"
        raw_file = f"raw/{line.table_name}/{name}"
        quarantine_file = None
        if converted.quarantine is not None:
            quarantine_file = f"quarantine/{name}"
            move_into_place(converted.quarantine, self._layer.warehouse / quarantine_file)
        move_into_place(converted.raw, self._layer.warehouse / raw_file)
        good = converted.rows_in - converted.rows_quarantined
        return dataclasses.replace(
            line,
            rows_loaded=rows_loaded,
            rows_duplicate=good - rows_loaded,
            raw_file=raw_file,
            quarantine_file=quarantine_file,
        )

    # Progress

    def _tell(self, line: Callable[[], str]) -> None:
        """Say how far a long load is, if it didn't speak for a while."""
        if time.monotonic() - self._last_told >= PROGRESS_SECONDS:
            self._say(line())

    def _say(self, line: str) -> None:
        self._last_told = time.monotonic()
        self._progress(line)

    def _tell_file(self, line: LedgerLine) -> None:
        if line.status != LOADED:
            self._say(f"{line.file}: {line.status}: {line.message}")
        elif line.rows_quarantined:
            self._say(
                f"{line.file}: {line.rows_quarantined:,} of {line.rows_in:,} rows in quarantine"
            )

    def _tell_table(self, name: str, lines: list[LedgerLine]) -> None:
        loaded = [line for line in lines if line.status == LOADED]
        if loaded:
            rows = sum(line.rows_in for line in loaded)
            duplicate = sum(line.rows_duplicate for line in loaded)
            files = f"{len(loaded)} file{'s' if len(loaded) > 1 else ''}"
            more = f", {duplicate:,} of them duplicates" if duplicate else ""
            self._say(f"{name}: {files}, {rows:,} rows{more}")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _discard(converted: _Converted) -> None:
    converted.raw.unlink(missing_ok=True)
    if converted.quarantine is not None:
        converted.quarantine.unlink(missing_ok=True)
