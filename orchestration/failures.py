"""From what went wrong underneath to the error that a user is told about."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from orchestration.errors import StorageError, WarehouseError

STORAGE_ERRNOS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.ENOTDIR,
    }
)
# How DuckDB, SQLite and Python word the same in messages that carry no error number.
STORAGE_PHRASES = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "read-only file system",
    "permission denied",
    "input/output error",
    "disk i/o error",
    "database or disk is full",
    "readonly database",
    "unable to open database file",
)
# How DuckDB words that a database file holds something else than what was written.
DAMAGE_PHRASES = (
    "not a valid duckdb database file",
    "corrupt",
    "checksum",
    "failed to load metadata",
    "failed to deserialize",
    "could not read enough bytes",
    "database has been invalidated",
)
# How SQLite, in which Dagster keeps its runs, words the same.
SQLITE_DAMAGE_PHRASES = ("database disk image is malformed", "file is not a database")


def speaks_of_storage(text: str) -> bool:
    """Whether a message tells of a full, read-only or unreadable disk."""
    return any(phrase in text.lower() for phrase in STORAGE_PHRASES)


def speaks_of_damage(text: str) -> bool:
    """Whether a message tells of a damaged database file."""
    return any(phrase in text.lower() for phrase in DAMAGE_PHRASES)


def find_warehouse_error(error: BaseException) -> WarehouseError | None:
    """The WarehouseError among the causes of an error, or the StorageError that they amount to."""
    causes = list(_causes(error))
    if (plain := _plain_error(causes)) is not None:
        return plain
    for cause in causes:
        if speaks_of_storage(str(cause)):
            return _storage_error("what the run writes", cause)
    return None


def find_dagster_error(error: BaseException, home: Path) -> StorageError | None:
    """What to tell of an error that comes from Dagster's storage, which lies in a folder."""
    causes = list(_causes(error))
    sqlite = next((cause for cause in causes if isinstance(cause, sqlite3.Error)), None)
    if sqlite is None or _plain_error(causes) is not None:
        return None
    if any(phrase in str(sqlite).lower() for phrase in SQLITE_DAMAGE_PHRASES):
        return StorageError(
            f"What Dagster has stored in {home} is damaged: remove that folder and run again; "
            "nothing but its list of runs is lost."
        )
    if speaks_of_storage(str(sqlite)):
        return _storage_error(f"what Dagster writes to {home}", sqlite)
    return None


def _plain_error(causes: list[BaseException]) -> WarehouseError | None:
    for cause in causes:
        if isinstance(cause, WarehouseError):
            return cause
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno in STORAGE_ERRNOS:
            return _storage_error("what the run writes", cause)
    return None


def _storage_error(what: str, cause: BaseException) -> StorageError:
    return StorageError(
        f"The disk refuses {what} ({one_line(cause)}): "
        "make room, or make the warehouse's folder writable, and run again."
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        # Dagster keeps what an asset raised beside the usual chain.
        cause = getattr(cause, "user_exception", None) or cause.__cause__ or cause.__context__


def one_line(error: object) -> str:
    """An error's message on one line."""
    return " ".join(str(error).split()) or type(error).__name__
