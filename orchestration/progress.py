"""How a run tells what it does."""

from __future__ import annotations

import time

_BEGAN = time.monotonic()


def say(line: str) -> None:
    """Print a line, with the seconds since this process began."""
    print(f"[{time.monotonic() - _BEGAN:6.1f} s] {line}", flush=True)
