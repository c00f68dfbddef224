"""Contents of landing files that lie there as they did, so that they aren't all read each time."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

# A file that was written this lately (in nanoseconds) may be written again within one tick of its
# file system's clock, which is two seconds at most.
_SETTLED_AFTER = 3_000_000_000

Stamp = tuple[int, int, int, int, int]


def stamp(path: Path) -> Stamp | None:
    """What the file system says of a file that changes with its content; None if it is gone.

    The time of its last change of any kind (ctime) is among it, which nobody can set.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


class KnownContents:
    """The SHA-256 of landing files by name and stamp; what is lost is found again by reading."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began = time.time_ns()
        self._before = self._read()
        self._now: dict[str, tuple[Stamp, str]] = {}

    def _read(self) -> dict[str, tuple[Stamp, str]]:
        try:
            found = json.loads(self._path.read_bytes())
            return {name: (tuple(seen), content) for name, (seen, content) in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def content(self, name: str, seen: Stamp | None) -> str | None:
        """The content of a file, if it is known under that stamp."""
        before, content = self._before.get(name, (None, None))
        if seen is None or before != seen:
            return None
        return content

    def remember(self, name: str, seen: Stamp | None, content: str) -> None:
        """Note the content that a file had while its stamp was this one."""
        if seen is not None and max(seen[3:]) < self._began - _SETTLED_AFTER:
            self._now[name] = seen, content

    def write(self) -> None:
        """Write down what was remembered, and forget all else; a disk that refuses may."""
        if self._now == self._before:
            return
        written = self._path.with_name(f"{self._path.name}.new")
        with contextlib.suppress(OSError):
            written.write_text(json.dumps(self._now), encoding="utf-8")
            written.replace(self._path)
