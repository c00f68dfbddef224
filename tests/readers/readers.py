"""Readers as processes, and what they have seen."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from tests.readers.reading import KINDS

# A reader that says nothing for so long hangs.
WAIT_SECONDS = 120


class Readers:
    """Processes that read a published folder until they are stopped.

    Used as a context: leaving it stops them.
    """

    def __init__(self, published: Path, folder: Path, number: int, pause: float = 0) -> None:
        """Start them, each kind in turn; what they see is written into the folder.

        pause: seconds between two readings of one reader.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._stop = folder / "stop"
        self._files = [
            folder / f"{position}-{kind}.ndjson"
            for position, kind in enumerate(islice(cycle(KINDS), number))
        ]
        self._processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.readers.reading"),
                    *(file.stem.partition("-")[2], str(published), str(self._stop), str(pause)),
                ],
                cwd=PROJECT,
                stdout=file.open("w"),
            )
            for file in self._files
        ]

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let them end after the reading that they are at."""
        self._stop.touch()
        for process in self._processes:
            process.wait(WAIT_SECONDS)

    def readings(self) -> dict[str, list[dict[str, Any]]]:
        """What each has seen so far, in order."""
        return {
            file.stem: [
                json.loads(line)
                for line in file.read_text(encoding="utf-8").splitlines(keepends=True)
                if line.endswith("\n")
            ]
            for file in self._files
        }

    def wait_until_each_has_seen(self, night: str) -> None:
        """Wait until the last reading of every reader is of that night."""
        self._wait(
            lambda seen: all(lines and lines[-1].get("night") == night for lines in seen.values()),
            f"to read {night}",
        )

    def _wait(
        self, condition: Callable[[Mapping[str, list[dict[str, Any]]]], bool], what: str
    ) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not condition(self.readings()):
            if time.monotonic() > end or any(p.poll() is not None for p in self._processes):
                raise AssertionError(f"The readers came to no end waiting {what}.")
            time.sleep(0.05)


def problems(readings: Mapping[str, list[dict[str, Any]]], truth: Mapping[str, str]) -> list[str]:
    """The readings that failed, and those of no night's marts or of more than one's.

    truth: the checksum of each night.
    """
    found = []
    for reader, lines in readings.items():
        for line in lines:
            if "error" in line:
                found.append(f"{reader}: {line['error']}")
            elif truth.get(line["night"]) != line["checksum"]:
                found.append(f"{reader}: marts of more than one night, {line['night']} among them")
    return found
