"""Loads what is new in a landing folder into the raw layer of a warehouse."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import itertools
import os
import time
from collections.abc import Callable, Iterator, Set
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from orchestration.errors import (
    AnotherRunError,
    NothingToLoadError,
    StorageError,
    UsageError,
)
from orchestration.load.blocks import ReadFailedError, UnreadableFileError, reading
from orchestration.load.contents import KnownContents, Stamp, stamp
from orchestration.load.contracts import GIVEN, Table, tables
from orchestration.load.convert import Converted, Converter, convert_together
from orchestration.load.duplicates import count_rows_that_count
from orchestration.load.erasure import Eraser
from orchestration.load.keys import KeyStore
from orchestration.load.landing import LandingFile, list_landing
from orchestration.load.ledger import (
    FAILED,
    LOADED,
    SKIPPED,
    UNKNOWN_CONTENT,
    Ledger,
    LedgerLine,
)
from orchestration.load.parquet_source import ParquetShape, parquet_shape
from orchestration.load.report import LoadReport
from orchestration.load.storage import (
    RawLayer,
    move_into_place,
    sha256_of,
    storage_error,
    sync_folder,
    writing_to,
)

# Files are committed in groups, so that the keys of what was loaded before are looked through once
# per group. What a kill can cost grows with the group, and so does its memory (about 100 bytes a
# row).
GROUP_ROWS = 8_000_000
GROUP_FILES = 256

# Small Parquet files are converted together, so that a query is planned once for many of them. Each
# of them is open for writing meanwhile, and all their rows may lie in memory.
TOGETHER_FILES = 100
TOGETHER_ROWS = 250_000
TOGETHER_BYTES = 128 * 1024 * 1024

# A long load says how far it is this often, in seconds.
PROGRESS_SECONDS = 5.0

_HASH_BYTES = 1024 * 1024

T = TypeVar("T")


def init_raw(warehouse: Path) -> None:
    """Make the raw layer's folders, with a file without rows for each table and for quarantine.

    Raises StorageError where the disk refuses.
    """
    _check_warehouse_path(warehouse)
    with writing_to(warehouse):
        layer = RawLayer(warehouse)
        _make_folder(layer.raw)
        layer.create()


def load_landing(
    landing: Path,
    warehouse: Path,
    *,
    run_id: str,
    progress: Callable[[str], None] = print,
    association_history: str = GIVEN,
    memory_limit: str | None = None,
    threads: int | None = None,
    erasure_key: str = "",
) -> LoadReport:
    """Load the files of a landing folder that weren't loaded before.

    ``progress`` gets a line now and then. ``association_history``: whether rows of associations
    have their times (``given``), or may do without as these follow from what each load saw
    (``snapshot``). ``memory_limit`` (as ``4GB``) and ``threads`` bound
    DuckDB; without them it takes what the machine has. ``erasure_key``: under which people were
    erased; empty: that of the warehouse's key file. Their rows load without them (ID-6).

    Raises UsageError where an argument is none of those or the landing folder is missing or
    unreadable, NothingToLoadError where there never was a file of a table, AnotherRunError while
    another load writes to the warehouse, StorageError where the warehouse's disk refuses or its raw
    layer is damaged. What was committed before any of these stays loaded.
    """
    landing, warehouse = Path(landing), Path(warehouse)
    _check_warehouse_path(warehouse)
    tables(association_history)  # refuses what is none
    files = list_landing(landing)
    layer = RawLayer(warehouse)
    with writing_to(warehouse):
        _make_folder(layer.raw)
        with _only_load(layer):
            layer.create()
            ledger = Ledger(layer.ledger)
            present = layer.files()
            ledger.check_files(warehouse, present)
            layer.remove_leftovers(present - ledger.files)
            with (
                layer.work_folder() as work,
                _connect(work, memory_limit, threads) as connection,
            ):
                eraser = Eraser(layer, connection, work, erasure_key)
                eraser.scrub_all(ledger, progress)
                load = _Load(
                    layer,
                    ledger,
                    connection,
                    work,
                    eraser,
                    run_id,
                    progress,
                    threads,
                    association_history,
                )
                try:
                    load.take_all(files)
                finally:
                    load.close()
                # Deals that an erased contact is on may have come before the contact.
                eraser.scrub_all(ledger, progress, load.report.load_id)
    report = load.report
    report.nothing_ever_loaded = not ledger.has_loaded_files
    if report.nothing_ever_loaded and all(file.status is not None for file in files):
        raise NothingToLoadError(
            f"There is nothing to load in {landing}: put files into folders named as the tables,"
            " as events/part-000.csv, and run again."
        )
    return report


def forget_people(
    warehouse: Path,
    contacts: Set[str],
    visitors: Set[str],
    *,
    erasure_key: str = "",
    memory_limit: str | None = None,
    progress: Callable[[str], None] = print,
) -> None:
    """Erase contacts and visitors, by their ids, in every file of the raw layer (ID-6).

    The ids become pseudonyms under the key (empty: that of the key file, which is made where there
    is none), personal data null. Files that load later are rid of the people, too.

    Raises UsageError where the key isn't the one of earlier erasures or a visitor is on the list of
    excluded ones, AnotherRunError while a load writes to the warehouse, StorageError where the disk
    refuses; what is left undone by then, or by a kill, the next load does.
    """
    layer = RawLayer(Path(warehouse))
    with writing_to(layer.warehouse), _only_load(layer):
        ledger = Ledger(layer.ledger)
        ledger.check_files(layer.warehouse, layer.files())
        with layer.work_folder() as work, _connect(work, memory_limit, None) as connection:
            eraser = Eraser(layer, connection, work, erasure_key)
            eraser.add(contacts, visitors, ledger)
            eraser.scrub_all(ledger, progress)


def _check_warehouse_path(warehouse: Path) -> None:
    # Readers of the raw layer name its files by glob patterns.
    if any(character in str(warehouse) for character in "*?["):
        raise UsageError(
            f"The warehouse path {warehouse} has one of the characters * ? [ in it: name a folder"
            " without them."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(
            f"{folder} can't be made, as a file is in its way: name a folder as the warehouse."
        ) from None


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
    try:
        connection = duckdb.connect(":memory:", config=config)
    except duckdb.Error as error:
        if storage_error(error, work) is not None:
            raise
        raise UsageError(
            f"DuckDB refuses the memory limit {memory_limit!r} or {threads!r} threads"
            f" ({str(error).splitlines()[0]}): write a size as 4GB and a number from 1."
        ) from None
    connection.execute("set TimeZone = 'UTC'")
    # The cache would serve the old content of a path that was written anew.
    connection.execute("set enable_external_file_cache = false")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set preserve_insertion_order = true")
    return connection


@dataclass
class _Outcome:
    """What is to be committed for a file: a ledger line, and files to move into place.

    ``seen``: what the file system said before the file was read. ``is_waiting``: whether the file
    is yet to be converted, together with others of its ``shape`` if it has one.
    """

    file: LandingFile
    line: LedgerLine
    seen: Stamp | None = None
    is_waiting: bool = False
    shape: ParquetShape | None = None
    converted: Converted | None = None

    @property
    def rows(self) -> int:
        """Rows of the file, as far as they are known."""
        return self.shape.rows if self.shape is not None else self.line.rows_in


class _Load:
    """One load, file by file."""

    def __init__(
        self,
        layer: RawLayer,
        ledger: Ledger,
        connection: duckdb.DuckDBPyConnection,
        work: Path,
        eraser: Eraser,
        run_id: str,
        progress: Callable[[str], None],
        threads: int | None,
        association_history: str,
    ) -> None:
        self._layer = layer
        self._eraser = eraser
        self._ledger = ledger
        self._connection = connection
        self._work = work
        self._progress = progress
        self._threads = threads or len(os.sched_getaffinity(0))
        self._threads_in_use = threads
        self._association_history = association_history
        self._contracts = tables(association_history)
        self._contents = KnownContents(layer.contents)
        self._keys = KeyStore(connection, layer.keys, layer.warehouse)
        self._pending: list[_Outcome] = []
        self._numbers = itertools.count(1)
        self._worker = ThreadPoolExecutor(1)
        self._last_told = time.monotonic()
        self.report = LoadReport(ledger.next_load_id, run_id)

    def close(self) -> None:
        """Let go of the thread that it works with."""
        self._worker.shutdown()

    def take_all(self, files: list[LandingFile]) -> None:
        """Load, refuse or leave out each file."""
        numbered = enumerate(files, start=1)
        for table_name, group in itertools.groupby(numbered, lambda pair: pair[1].table_name):
            before = len(self.report.entries)
            for number, file in group:
                self._place = f"file {number} of {len(files)}"
                self._take(file)
                rows = sum(outcome.rows for outcome in self._pending)
                if rows >= GROUP_ROWS or len(self._pending) >= GROUP_FILES:
                    self._commit()
            self._commit()
            self._tell_table(table_name, self.report.entries[before:])
        self._contents.write()

    def _take(self, file: LandingFile) -> None:
        try:
            if not file.is_readable:
                raise ReadFailedError(file.message)
            before = stamp(file.path)
            content = self._content(file, before)
            if self._is_unchanged(file, content):
                self.report.files_unchanged += 1
                return
            outcome = self._judge(file, content, before)
        except ReadFailedError as error:
            line = self._unread(file, error)
            if line is not None:
                self._pending.append(_Outcome(file, line))
            return
        self._pending.append(outcome)
        if outcome.is_waiting and outcome.shape is None:
            self._convert_alone(outcome)
        elif outcome.is_waiting:
            self._convert_waiting(is_last=False)

    def _unread(self, file: LandingFile, error: ReadFailedError) -> LedgerLine | None:
        """What to note of a file that can't be read; None where that was said before.

        Its content isn't known, so that the next load tries it again.
        """
        newest = self._ledger.newest(file.name, file.table_name)
        if newest is not None and newest.content_sha256 == UNKNOWN_CONTENT:
            self._say(f"{file.name}: still {FAILED}: {error}")
            self.report.files_unchanged += 1
            return None
        return self._line(file, UNKNOWN_CONTENT, FAILED, str(error))

    def _is_unchanged(self, file: LandingFile, content: str) -> bool:
        """Whether all is said of a file already, as it lies there since its newest line."""
        line = self._ledger.newest_read(file.name, file.table_name)
        if line is None or line.content_sha256 != content:
            return False
        if line.status != FAILED or file.status is not None:
            return True
        # What one contract refuses, another may take.
        judged_by = tables(line.association_history)[file.table_name]
        return judged_by == self._contracts[file.table_name]

    def _content(self, file: LandingFile, before: Stamp | None) -> str:
        """SHA-256 of a file's bytes, read unless it lies there as it did."""
        content = self._contents.content(file.name, before)
        if content is None:
            content = self._hash(file)
            if stamp(file.path) != before:
                return content
        self._contents.remember(file.name, before, content)
        return content

    def _hash(self, file: LandingFile) -> str:
        """SHA-256 of a file's bytes. ReadFailedError where they can't be read."""
        digest = hashlib.sha256()
        with reading(), file.path.open("rb", buffering=0) as opened:
            while block := opened.read(_HASH_BYTES):
                digest.update(block)
                self._tell(lambda: self._how_far(file, None))
        return digest.hexdigest()

    def _judge(self, file: LandingFile, content: str, seen: Stamp | None) -> _Outcome:
        if file.status is not None:
            return _Outcome(file, self._line(file, content, file.status, file.message))
        if any(
            outcome.line.content_sha256 == content
            and (outcome.is_waiting or outcome.converted is not None)
            for outcome in self._pending
        ):
            self._commit()
        twin = self._ledger.loaded_as(file.table_name, content)
        if twin is not None:
            message = f"the same content was loaded from {twin}"
            return _Outcome(file, self._line(file, content, SKIPPED, message))
        line = self._line(file, content, LOADED, "")
        return _Outcome(file, line, seen, is_waiting=True, shape=_shape(file))

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
            association_history=self._association_history,
        )

    # From files to written rows

    def _convert_waiting(self, is_last: bool = True) -> None:
        """Convert the files that wait, together; if more may come, only once they are enough."""
        waiting = [outcome for outcome in self._pending if outcome.is_waiting]
        batches: dict[str, list[_Outcome]] = {}
        for outcome in waiting:
            assert outcome.shape is not None
            batches.setdefault(outcome.shape.schema, []).append(outcome)
        shapes = [outcome.shape for outcome in waiting if outcome.shape is not None]
        is_enough = (
            len(waiting) >= TOGETHER_FILES
            or sum(shape.rows for shape in shapes) >= TOGETHER_ROWS
            or sum(shape.size for shape in shapes) >= TOGETHER_BYTES
        )
        if not is_last and not is_enough:
            return
        for batch in batches.values():
            converted = self._convert_together(batch) if len(batch) > 1 else None
            for position, outcome in enumerate(batch):
                if converted is None:
                    self._convert_alone(outcome)
                else:
                    self._settle(outcome, converted[position])

    def _convert_together(self, batch: list[_Outcome]) -> list[Converted] | None:
        first = batch[0].file
        files = [(outcome.file, outcome.line.content_sha256) for outcome in batch]
        table, stem = self._contracts[first.table_name], f"{next(self._numbers):06d}"
        load_id = self.report.load_id
        # A second one takes as much as it gives where files are small, and mixes up their rows.
        self._use_threads(1)
        return self._wait_for(
            lambda: convert_together(files, table, load_id, self._connection, self._work, stem),
            lambda: self._how_far(first, None),
        )

    def _convert_alone(self, outcome: _Outcome) -> None:
        file, content = outcome.file, outcome.line.content_sha256
        try:
            converted = self._convert(file, content)
        except UnreadableFileError as error:
            outcome.line = self._line(file, content, FAILED, str(error))
            outcome.is_waiting = False
        except ReadFailedError as error:
            self._give_up(outcome, error)
        else:
            self._settle(outcome, converted)

    def _settle(self, outcome: _Outcome, converted: Converted) -> None:
        """Take what a file was converted to, unless it changed meanwhile."""
        if stamp(outcome.file.path) != outcome.seen:
            converted.discard()
            reason = "it changed while it was read: it is taken up again by the next load"
            self._give_up(outcome, ReadFailedError(reason))
            return
        outcome.line = dataclasses.replace(
            self._line(outcome.file, outcome.line.content_sha256, LOADED, ""),
            rows_in=converted.rows_in,
            rows_quarantined=converted.rows_quarantined,
            extra_columns=converted.extra_columns,
        )
        outcome.converted = converted
        outcome.is_waiting = False

    def _give_up(self, outcome: _Outcome, error: ReadFailedError) -> None:
        line = self._unread(outcome.file, error)
        if line is None:
            self._pending.remove(outcome)
            return
        outcome.line = line
        outcome.is_waiting = False

    def _convert(self, file: LandingFile, content: str) -> Converted:
        stem = f"{next(self._numbers):06d}"
        table = self._contracts[file.table_name]
        self._use_threads(self._threads)
        converter = Converter(
            file, table, content, self.report.load_id, self._connection, self._work, stem
        )
        return self._wait_for(
            lambda: converter.convert(self._threads),
            lambda: self._how_far(file, converter.rows_read),
        )

    def _use_threads(self, threads: int) -> None:
        """Have DuckDB run queries on so many threads."""
        if threads != self._threads_in_use:
            self._connection.execute(f"set threads = {threads}")
            self._threads_in_use = threads

    # From written rows to loaded ones

    def _commit(self) -> None:
        """Count duplicates of the files that wait, move them into place, write their lines."""
        self._convert_waiting()
        outcomes, self._pending = self._pending, []
        new = {o.line.file: o.converted.raw for o in outcomes if o.converted is not None}
        counts: dict[str, int] = {}
        if new:
            table = self._contracts[outcomes[0].line.table_name]
            self._use_threads(self._threads)
            self._erase(table, outcomes)
            counts = self._compare(table, lambda: self._count_rows_that_count(table, new))
        lines = []
        for number, outcome in enumerate(outcomes, start=len(self.report.entries) + 1):
            line = outcome.line
            if outcome.converted is not None:
                line = self._move_into_place(line, outcome.converted, number, counts[line.file])
            lines.append(line)
        for folder in {(self._layer.warehouse / n).parent for li in lines for n in li.files}:
            sync_folder(folder)
        if lines:
            self._ledger.append(lines)
            self._eraser.note_new(name for line in lines for name in line.files)
        if new:
            loaded = [line.raw_file for line in lines if line.raw_file is not None]
            self._compare(table, lambda: self._keys.take_up(table, loaded))
        self.report.entries += lines
        for line in lines:
            self._tell_file(line)

    def _erase(self, table: Table, outcomes: list[_Outcome]) -> None:
        converted = [outcome.converted for outcome in outcomes if outcome.converted is not None]
        quarantine = [one.quarantine for one in converted if one.quarantine is not None]
        self._eraser.scrub_new(table, [one.raw for one in converted], quarantine)

    def _count_rows_that_count(self, table: Table, new: dict[str, Path]) -> dict[str, int]:
        self._keys.catch_up(table, self._ledger.raw_files(table.name), GROUP_ROWS)
        rivals = self._keys.rivals(table, list(new.values()))
        old = [self._layer.warehouse / name for name in rivals]
        return count_rows_that_count(self._connection, table, new, old)

    def _compare(self, table: Table, work: Callable[[], T]) -> T:
        """Do a piece of work that reads raw files of a table."""
        try:
            return self._wait_for(work, lambda: f"{table.name}: looking for duplicates")
        except duckdb.Error as error:
            if storage_error(error, self._layer.warehouse) is not None:
                raise
            reason = str(error).splitlines()[0]
            raise StorageError(
                f"The raw files of {table.name} in {self._layer.warehouse} can't be read"
                f" ({reason}): restore them from a backup, or load all files into a new warehouse."
            ) from error

    def _move_into_place(
        self, line: LedgerLine, converted: Converted, number: int, rows_loaded: int
    ) -> LedgerLine:
        name = f"{line.load_id:06d}-{number:05d}-{line.content_sha256[:12]}.parquet"
        raw_file = f"raw/{line.table_name}/{name}"
        raw_sha256 = sha256_of(converted.raw)
        quarantine_file = quarantine_sha256 = None
        if converted.quarantine is not None:
            quarantine_file = f"quarantine/{name}"
            quarantine_sha256 = sha256_of(converted.quarantine)
            move_into_place(converted.quarantine, self._layer.warehouse / quarantine_file)
        move_into_place(converted.raw, self._layer.warehouse / raw_file)
        good = converted.rows_in - converted.rows_quarantined
        return dataclasses.replace(
            line,
            rows_loaded=rows_loaded,
            rows_duplicate=good - rows_loaded,
            raw_file=raw_file,
            quarantine_file=quarantine_file,
            raw_sha256=raw_sha256,
            quarantine_sha256=quarantine_sha256,
        )

    # Progress

    def _how_far(self, file: LandingFile, rows: int | None) -> str:
        so_far = f"{rows:,} rows so far" if rows else "reading"
        return f"{file.name}: {so_far} ({self._place})"

    def _wait_for(self, work: Callable[[], T], progress: Callable[[], str]) -> T:
        """Do a piece of work on a thread, to say meanwhile how far it is."""
        future = self._worker.submit(work)
        try:
            while True:
                done, _ = wait([future], timeout=PROGRESS_SECONDS)
                if done:
                    return future.result()
                self._tell(progress)
        except BaseException:
            self._connection.interrupt()
            wait([future])
            raise

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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _shape(file: LandingFile) -> ParquetShape | None:
    """The shape of a Parquet file that is small enough to be converted together with others."""
    if file.file_format != "parquet" or file.is_gzip:
        return None
    shape = parquet_shape(file.path)
    if shape is None or shape.rows == 0:
        return None
    is_small = shape.rows <= TOGETHER_ROWS // 4 and shape.size <= TOGETHER_BYTES // 4
    return shape if is_small else None
