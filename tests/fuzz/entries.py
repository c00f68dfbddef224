"""Entries of a landing folder that aren't plain files, and what a load has to say of them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

# Lies outside of the landing folder, and must come into no warehouse.
SECRET = "a secret that links lead to"

Place = Callable[[Path, Path], None]


def _link(target: str) -> Place:
    def place(path: Path, outside: Path) -> None:
        path.symlink_to(target.format(outside=outside))

    return place


def _fifo(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, outside: Path) -> None:
    # The kernel takes short paths only.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("socket")
        Path("socket").rename(path)
    finally:
        os.chdir(here)


def _folder(path: Path, outside: Path) -> None:
    path.mkdir()


def _folder_with_a_file(path: Path, outside: Path) -> None:
    path.mkdir()
    (path / "below.csv").write_text("event_id\n1\n", encoding="utf-8")


# By name: how to make it, and whether the load tells of it under its own name, as failed.
ENTRIES: dict[str, tuple[Place, bool]] = {
    "link out": (_link("{outside}/secret.csv"), True),
    "link out by dots": (_link("../../outside/secret.csv"), True),
    "link to a folder outside": (_link("{outside}"), True),
    "link to the system": (_link("/proc/self/mem"), True),
    "link to a device": (_link("/dev/zero"), True),
    "link to the warehouse": (_link("../../warehouse/raw/ledger.ndjson"), True),
    "link to nothing": (_link("nothing"), True),
    "link to itself": (_link("."), True),
    "link to a name that no file can have": (_link("x" * 300), True),
    "link to a path that none can have": (_link("a/" * 2040), True),
    "pipe": (_fifo, True),
    "socket": (_socket, True),
    "folder": (_folder, False),
    "folder with a file": (_folder_with_a_file, False),
}
