"""The raw layer's files: written aside, synced, renamed; and what to do when the disk refuses."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.errors import StorageError, WarehouseError
from orchestration.load.contracts import BOOKKEEPING_COLUMNS, QUARANTINE_COLUMNS, TABLES

EMPTY_FILE = "000000-empty.parquet"

# Measured on a million events: zstd halves the files but takes a quarter more of the time. A
# dictionary beyond 64 KB costs more to build than it saves.
PARQUET_OPTIONS = "format parquet, compression snappy, string_dictionary_page_size_limit 65536"

_OWN_FILE = re.compile(r"\d{6}-\d{5}-[0-9a-f]{12}\.parquet")

_STORAGE_ERRNOS = {
    errno.ENOSPC,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
}
_STORAGE_WORDS = re.compile(
    r"no space left|read-only file system|permission denied|quota|file too large"
    r"|could not write|cannot open file|could not create|failed to (offload|create|write)"
    r"|max_temp_directory_size|input/output error|out of memory|could not sync",
    re.IGNORECASE,
)


# DuckDB's other errors speak of what it reads, and may quote it.
_STORAGE_ERRORS = (duckdb.OperationalError, duckdb.PermissionException, duckdb.FatalException)


def _unquoted(error: BaseException) -> str:
    """An error's text without names of files, which may be any words."""
    return re.sub('"[^"]*"', "", str(error))


def storage_error(error: BaseException, warehouse: Path) -> StorageError | None:
    """The StorageError that an error of writing below the warehouse folder amounts to, if any."""
    if isinstance(error, OSError) and not isinstance(error, duckdb.Error):
        if error.errno not in _STORAGE_ERRNOS:
            return None
        # What is renamed has two names; it is the second that a folder refuses.
        refused = error.filename2 or error.filename
        reason = f"{error.strerror or error}{f': {refused}' if refused else ''}"
    elif isinstance(error, (duckdb.OutOfMemoryException, MemoryError)):
        return StorageError(
            f"Memory or space for temporary files below {warehouse} ran out"
            f" ({_first_sentence(error)}): give the load more, and run again."
        )
    elif isinstance(error, _STORAGE_ERRORS) and _STORAGE_WORDS.search(_unquoted(error)):
        reason = _first_sentence(error)
    else:
        return None
    return StorageError(
        f"Can't write to the warehouse {warehouse} ({reason}): make room or make it writable, and"
        " run again; what was loaded before is whole."
    )


def _first_sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


@contextlib.contextmanager
def writing_to(warehouse: Path) -> Iterator[None]:
    """Turn a full, read-only or forbidden disk into a StorageError."""
    try:
        yield
    except WarehouseError:
        raise
    except (OSError, duckdb.Error, MemoryError) as error:
        told = storage_error(error, warehouse)
        if told is None:
            raise
        raise told from error


def sync_file(path: Path) -> None:
    """Have a file's content on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError where they can't be read."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damaged_file(warehouse: Path, name: str, landing_file: str) -> StorageError:
    """The error of a raw or quarantine file that isn't as it was written."""
    return StorageError(
        f"The file {name} of {landing_file} in the warehouse {warehouse} is damaged:"
        " restore it from a backup, or load all files into a new warehouse."
    )


# A folder is synced as a file is: so that a new name in it survives a loss of power.
sync_folder = sync_file


def write_whole(path: Path, text: str) -> None:
    """Have a small file on the disk with a new content, seen whole: the old one or the new."""
    beside = path.with_name(f".{path.name.lstrip('.')}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def move_into_place(written: Path, final: Path) -> None:
    """Sync a file that was written aside and give it its name; its folder is yet to be synced."""
    sync_file(written)
    written.rename(final)


class RawLayer:
    """Where the parts of a warehouse's raw layer lie."""

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self.raw = warehouse / "raw"
        self.quarantine = warehouse / "quarantine"
        self.ledger = self.raw / "ledger.ndjson"
        self.lock = self.raw / ".lock"
        # These two are made again where they are missing.
        self.keys = self.raw / ".keys.duckdb"
        self.contents = self.raw / ".contents.json"
        self._work = self.raw / ".work"

    def create(self) -> None:
        """Make the folders and the files without rows that keep every glob from failing."""
        for folder in (self.quarantine, *(self.raw / name for name in TABLES)):
            folder.mkdir(parents=True, exist_ok=True)
        missing = [
            (
                self.raw / table.name / EMPTY_FILE,
                [
                    *((column.name, column.kind.sql_type) for column in table.columns),
                    *BOOKKEEPING_COLUMNS,
                ],
            )
            for table in TABLES.values()
        ]
        missing.append((self.quarantine / EMPTY_FILE, list(QUARANTINE_COLUMNS)))
        missing = [(path, columns) for path, columns in missing if not path.exists()]
        if not missing:
            return
        with self.work_folder() as work, duckdb.connect() as connection:
            for number, (path, columns) in enumerate(missing):
                written = work / f"empty-{number}.tmp"
                nulls = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns)
                target = str(written).replace("'", "''")
                connection.execute(
                    f"copy (select {nulls} limit 0) to '{target}' ({PARQUET_OPTIONS})"
                )
                move_into_place(written, path)
                sync_folder(path.parent)

    @contextlib.contextmanager
    def work_folder(self) -> Iterator[Path]:
        """An empty folder for files on their way, gone at the end."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        try:
            yield self._work
        finally:
            shutil.rmtree(self._work, ignore_errors=True)

    def files(self) -> set[str]:
        """Files of the tables and of quarantine, relative to the warehouse folder."""
        found: set[str] = set()
        for folder in ("quarantine", *(f"raw/{name}" for name in TABLES)):
            with os.scandir(self.warehouse / folder) as entries:
                found.update(f"{folder}/{entry.name}" for entry in entries if entry.is_file())
        return found

    def remove_leftovers(self, unknown: set[str]) -> list[str]:
        """Remove files of a load that ended before their ledger line, and name them.

        ``unknown``: the files that the ledger doesn't name; strangers among them stay.
        """
        leftovers = sorted(name for name in unknown if _OWN_FILE.fullmatch(Path(name).name))
        for name in leftovers:
            (self.warehouse / name).unlink()
        return leftovers
