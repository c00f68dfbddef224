"""One writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from orchestration.errors import AnotherRunError, StorageError, UsageError


@contextlib.contextmanager
def only_writer(warehouse: Path) -> Iterator[None]:
    """Hold the warehouse folder for as long as the block lasts; it is created where it is missing.

    The kernel lets go of the lock when the process ends, however it ends.
    Raises AnotherRunError where another process, or another run of this one, holds it, UsageError
    where the path is no folder, and StorageError where it can't be written.
    """
    descriptor = _open_lock(warehouse)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise AnotherRunError(
                f"Another run is writing to {warehouse} (process {holder}): "
                "wait until it has ended, and run again."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


def _open_lock(warehouse: Path) -> int:
    if warehouse.exists() and not warehouse.is_dir():
        raise UsageError(f"{warehouse} is not a folder: set CAMPAIGN_WAREHOUSE to one.")
    try:
        warehouse.mkdir(parents=True, exist_ok=True)
        return os.open(warehouse / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageError(
            f"The warehouse {warehouse} can't be written ({error.strerror}): "
            "make it writable, or set CAMPAIGN_WAREHOUSE to another folder."
        ) from error
