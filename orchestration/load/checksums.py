"""Whether files of the raw layer are as they were written: no Parquet page says so itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestration.errors import StorageError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError where they can't be read."""
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_raw_files(warehouse: Path, ledger_lines: Iterable[Mapping[str, Any]]) -> None:
    """Compare raw and quarantine files with what lines of the ledger say of them.

    Lines of older versions have no checksums; their files are left out. Raises StorageError, which
    names the first file that is missing or differs, and OSError where one can't be read.
    """
    for line in ledger_lines:
        for kind in ("raw", "quarantine"):
            name, written = line.get(f"{kind}_file"), line.get(f"{kind}_sha256")
            if name is None or written is None:
                continue
            path = warehouse / name
            if not path.exists() or sha256_of(path) != written:
                raise StorageError(
                    f"The file {name} of {line['file']} in the warehouse {warehouse} is damaged:"
                    " restore it from a backup, or load all files into a new warehouse."
                )
