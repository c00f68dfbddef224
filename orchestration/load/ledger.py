"""The ledger: one line per file that was seen. A file is loaded once its line is there.

How long it is, and the SHA-256 of its bytes, are noted beside it, so that no line of it is lost or
changed in silence: a raw file that no line names would be taken for what a killed load has left.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.errors import StorageError
from orchestration.load.contracts import GIVEN
from orchestration.load.storage import sync_folder, write_whole

LOADED = "loaded"
SKIPPED = "skipped"
FAILED = "failed"
UNKNOWN_TABLE = "unknown_table"

# Stands for the content of a file that couldn't be read; no file has this hash.
UNKNOWN_CONTENT = "0" * 64


@dataclass(frozen=True)
class LedgerLine:
    """What became of one file. Paths of raw and quarantine files are relative to the warehouse."""

    load_id: int
    run_id: str
    file: str
    table_name: str
    content_sha256: str
    loaded_at: str
    status: str
    message: str
    rows_in: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    raw_file: str | None = None
    quarantine_file: str | None = None
    extra_columns: list[str] = field(default_factory=list)
    bytes: int = 0
    # The contract that it was judged by. Older lines have none; there was one contract only.
    association_history: str = GIVEN
    # Of the bytes of raw_file and quarantine_file. Older lines have none.
    raw_sha256: str | None = None
    quarantine_sha256: str | None = None

    @property
    def files(self) -> list[str]:
        """The raw and quarantine files that it names."""
        return [name for name in (self.raw_file, self.quarantine_file) if name is not None]


def _damaged(what: str) -> StorageError:
    return StorageError(
        f"{what}: restore the warehouse's raw folder from a backup, or load all files into a new"
        " warehouse."
    )


_FIELDS = {column.name for column in dataclasses.fields(LedgerLine)}


class Ledger:
    """The lines so far, and a way to add one durably."""

    def __init__(self, path: Path) -> None:
        """Read a ledger, or begin one; a last line that was torn off by a kill is cut away.

        Raises StorageError where a line is damaged, or lines that were written are missing.
        """
        self.path = path
        self.lines: list[LedgerLine] = []
        self.was_torn = False
        self._note_path = path.with_name(f".{path.name}.written")
        self._bytes = 0
        self._digest = hashlib.sha256()
        self._read()
        self._newest: dict[tuple[str, str], LedgerLine] = {}
        self._newest_read: dict[tuple[str, str], LedgerLine] = {}
        self._loaded: dict[tuple[str, str], str] = {}
        for line in self.lines:
            self._note(line)

    def _read(self) -> None:
        content = self.path.read_bytes() if self.path.exists() else b""
        noted_bytes, noted_digest = self._read_note()
        *texts, torn = content.split(b"\n")
        whole = 0
        for number, text in enumerate(texts, start=1):
            try:
                values = json.loads(text)
                known = {name: value for name, value in values.items() if name in _FIELDS}
                self.lines.append(LedgerLine(**known))
                whole += len(text) + 1
            except (ValueError, TypeError, AttributeError) as error:
                if number == len(texts) and not torn and whole >= noted_bytes:
                    torn = text + b"\n"
                    break
                raise _damaged(f"Line {number} of the ledger {self.path} is damaged") from error
        if len(content) < noted_bytes:
            raise _damaged(f"The ledger {self.path} has lost its last lines")
        if noted_digest and hashlib.sha256(content[:noted_bytes]).hexdigest() != noted_digest:
            raise _damaged(f"The ledger {self.path} is not as it was written")
        self._take(content[:whole])
        if torn:
            with self.path.open("r+b") as file:
                file.truncate(whole)
                file.flush()
                os.fsync(file.fileno())
            self.was_torn = True

    def _read_note(self) -> tuple[int, str]:
        """How many bytes were written, and their SHA-256.

        An older version's ledger has no note; of lines that a load wrote last before it was killed,
        the note may not know.
        """
        if not self._note_path.exists():
            return 0, ""
        try:
            noted = json.loads(self._note_path.read_bytes())
            return int(noted["bytes"]), str(noted["sha256"])
        except (ValueError, TypeError, KeyError) as error:
            raise _damaged(f"The note {self._note_path} of the ledger is damaged") from error

    def _take(self, data: bytes) -> None:
        self._bytes += len(data)
        self._digest.update(data)

    def check_files(self, warehouse: Path, present: set[str]) -> None:
        """Raises StorageError where a file that a line names isn't among those that are there."""
        for line in self.lines:
            for name in line.files:
                if name not in present:
                    raise StorageError(
                        f"The file {name} of {line.file} is missing from the warehouse"
                        f" {warehouse}: restore it from a backup, or load all files into a new"
                        " warehouse."
                    )

    @property
    def next_load_id(self) -> int:
        """Ordinal of the load that comes next, from 1."""
        return max((line.load_id for line in self.lines), default=0) + 1

    @property
    def files(self) -> set[str]:
        """All raw and quarantine files that lines name."""
        return {name for line in self.lines for name in line.files}

    @property
    def has_loaded_files(self) -> bool:
        """Whether any file was ever loaded."""
        return bool(self._loaded)

    def raw_files(self, table_name: str) -> dict[str, int]:
        """Raw files of a table, relative to the warehouse, oldest first, with their rows."""
        return {
            line.raw_file: line.rows_in - line.rows_quarantined
            for line in self.lines
            if line.table_name == table_name and line.raw_file is not None
        }

    def newest(self, file: str, table_name: str) -> LedgerLine | None:
        """What was said last of this file."""
        return self._newest.get((file, table_name))

    def newest_read(self, file: str, table_name: str) -> LedgerLine | None:
        """What was said last of this file when its content could be read."""
        return self._newest_read.get((file, table_name))

    def loaded_as(self, table_name: str, content_sha256: str) -> str | None:
        """Under which path this content was loaded into the table, if it was."""
        return self._loaded.get((table_name, content_sha256))

    def append(self, lines: list[LedgerLine]) -> None:
        """Add lines and have them on the disk: what they name is loaded from then on."""
        texts = [json.dumps(dataclasses.asdict(line), ensure_ascii=False) for line in lines]
        data = "".join(f"{text}\n" for text in texts).encode("utf-8")
        self._take(data)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            before = os.fstat(descriptor).st_size
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
            except OSError:
                # Half a line, or one that isn't on the disk, must not be taken for a commit.
                os.ftruncate(descriptor, before)
                raise
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self.path.parent)
        written = {"bytes": self._bytes, "sha256": self._digest.hexdigest()}
        write_whole(self._note_path, json.dumps(written))
        for line in lines:
            self.lines.append(line)
            self._note(line)

    def _note(self, line: LedgerLine) -> None:
        self._newest[line.file, line.table_name] = line
        if line.content_sha256 != UNKNOWN_CONTENT:
            self._newest_read[line.file, line.table_name] = line
        if line.status == LOADED:
            self._loaded[line.table_name, line.content_sha256] = line.file
