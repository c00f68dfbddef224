"""Faults of disks, files and clocks, one function per fault."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch

# As <linux/capability.h> has it.
_CAPABILITY_VERSION_3 = 0x20080522

# Damage to a file


def truncate(path: Path) -> None:
    """Leave the first half of a file."""
    with _writable(path).open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def empty(path: Path) -> None:
    """Leave nothing of a file but its name."""
    _writable(path).write_bytes(b"")


def flip(path: Path) -> None:
    """Turn over the bits of 64 bytes in the middle of a file."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    for position in range(max(0, middle - 32), min(len(content), middle + 32)):
        content[position] ^= 0xFF
    _writable(path).write_bytes(content)


def blank(path: Path) -> None:
    """Put zeros where the second half of a file was, as a machine that lost power may."""
    content = path.read_bytes()
    kept = content[: len(content) // 2]
    _writable(path).write_bytes(kept.ljust(len(content), b"\0"))


def behead(path: Path) -> None:
    """Put zeros over the first 4 KB of a file, where most formats say what they are."""
    content = path.read_bytes()
    _writable(path).write_bytes(bytes(min(len(content), 4096)) + content[4096:])


def remove(path: Path) -> None:
    """Take a file away."""
    path.unlink()


DAMAGES: tuple[Callable[[Path], None], ...] = (truncate, empty, flip, blank, behead, remove)


def _writable(path: Path) -> Path:
    path.chmod(0o644)
    return path


# What keeps a night's process from writing; each is for `prepare` of `Place.night`


def limit_files(size: int) -> None:
    """Let no file that the process writes grow beyond so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def obey_modes() -> None:
    """Let the modes of files bind the process, also where it is root's."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capabilities can't be given up")


# Clocks


def set_clock(days: float) -> None:
    """Let the process see a time that is off by so many days."""
    shift = timedelta(days=days)

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + shift

    for module in ("orchestration.night", "orchestration.state", "orchestration.load.loader"):
        patch(f"{module}.datetime", Shifted).start()


def set_times(folder: Path, year: int) -> None:
    """Let all files below a folder be last changed in some year."""
    instant = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (instant, instant))
