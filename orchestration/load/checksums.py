"""Whether files of the raw layer are as they were written: no Parquet page says so itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestration.load.erasure import Register
from orchestration.load.storage import damaged_file, sha256_of


def check_raw_files(warehouse: Path, ledger_lines: Iterable[Mapping[str, Any]]) -> None:
    """Compare raw and quarantine files with what was noted when they were written.

    Lines of older versions have no checksums; their files are left out. Raises StorageError, which
    names the first file that is missing or differs, and OSError where one can't be read.
    """
    written_anew = Register.read(warehouse).checksums
    for line in ledger_lines:
        for kind in ("raw", "quarantine"):
            name, written = line.get(f"{kind}_file"), line.get(f"{kind}_sha256")
            if name is None or written is None:
                continue
            path = warehouse / name
            if not path.exists() or sha256_of(path) not in {written, *written_anew.get(name, [])}:
                raise damaged_file(warehouse, name, line["file"])
