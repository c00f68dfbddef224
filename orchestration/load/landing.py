"""What lies in a landing folder, judged by names alone: nothing is opened here."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import UsageError
from orchestration.load.contracts import TABLES

FORMATS = ("parquet", "csv", "ndjson")

# Stands as the table's name of a file that lies in no table's folder.
NO_TABLE = "(none)"


@dataclass(frozen=True)
class LandingFile:
    """A file of a landing folder.

    ``name``: its path relative to the folder, with slashes. ``status``: None if it is to be read,
    else the ledger status that it gets unread, for the reason in ``message``. ``is_readable``:
    whether its content may be looked at (not so for links that lead out, pipes and folders).
    """

    path: Path
    name: str
    table_name: str
    file_format: str = ""
    is_gzip: bool = False
    status: str | None = None
    message: str = ""
    is_readable: bool = True


def _text(name: bytes) -> str:
    r"""A path as text; bytes that aren't UTF-8 as ``\xNN``, and a backslash doubled."""
    return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _format_of(name: str) -> tuple[str, bool] | None:
    words = name.lower().split(".")
    is_gzip = len(words) > 2 and words[-1] == "gz"
    if is_gzip:
        words.pop()
    return (words[-1], is_gzip) if len(words) > 1 and words[-1] in FORMATS else None


def _os_reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


class _Folder:
    """Collects the files of one landing folder."""

    def __init__(self, root: Path) -> None:
        self.prefix = os.path.join(root, "")  # noqa: PTH118 (a path has no such ending)
        self.real_root = os.path.realpath(root)
        self.found: list[tuple[bytes, LandingFile]] = []

    def add(
        self,
        path: str,
        table_name: str,
        status: str | None = None,
        message: str = "",
        file_format: str = "",
        is_gzip: bool = False,
        is_readable: bool = True,
    ) -> None:
        relative = os.fsencode(path.removeprefix(self.prefix)).replace(os.sep.encode(), b"/")
        file = LandingFile(
            Path(path),
            _text(relative),
            table_name,
            file_format,
            is_gzip,
            status,
            message,
            is_readable,
        )
        self.found.append((relative, file))

    def entries(self, path: str, table_name: str) -> list[os.DirEntry[str]]:
        """Visible entries of a folder; a folder that can't be listed is reported."""
        try:
            with os.scandir(path) as entries:
                return [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            reason = f"the folder can't be listed ({_os_reason(error)}): let the load read it"
            self.add(path, table_name, "failed", reason, is_readable=False)
            return []

    def leads_out(self, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a link to something outside of the landing folder."""
        if not entry.is_symlink():
            return False
        target = os.path.realpath(entry.path)
        return os.path.commonpath([target, self.real_root]) != self.real_root

    def refuse_odd_entry(self, entry: os.DirEntry[str], table_name: str) -> bool:
        """Report an entry that must not be opened, and say whether it was one."""
        reason = self._oddity(entry)
        if reason is not None:
            self.add(entry.path, table_name, "failed", reason, is_readable=False)
        return reason is not None

    def _oddity(self, entry: os.DirEntry[str]) -> str | None:
        if self.leads_out(entry):
            return "it is a link out of the landing folder: put the file itself here"
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            if entry.is_symlink():
                return "it is a link to nothing: put the file itself here"
            return f"it can't be looked at ({_os_reason(error)}): let the load read its folder"
        if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
            return None
        return "it is no regular file: put a file here"

    def add_all_below(self, path: str, table_name: str, status: str, message: str) -> None:
        """Report each file below a folder, unread."""
        for entry in self.entries(path, table_name):
            if self.refuse_odd_entry(entry, table_name):
                continue
            if not entry.is_dir():
                self.add(entry.path, table_name, status, message)
            elif entry.is_symlink():
                reason = "it is a link to a folder: put the files themselves here"
                self.add(entry.path, table_name, "failed", reason, is_readable=False)
            else:
                self.add_all_below(entry.path, table_name, status, message)

    def add_table_folder(self, path: str, table_name: str) -> None:
        """Add the files of a known table's folder."""
        for entry in self.entries(path, table_name):
            if self.refuse_odd_entry(entry, table_name):
                continue
            if entry.is_dir():
                message = f"it lies in a folder below {table_name}/: move it up"
                if entry.is_symlink():
                    self.add(entry.path, table_name, "failed", message, is_readable=False)
                else:
                    self.add_all_below(entry.path, table_name, "failed", message)
                continue
            form = _format_of(entry.name)
            if form is None:
                message = (
                    "its name has none of the known endings: write .parquet, .csv or .ndjson,"
                    " each also with .gz"
                )
                self.add(entry.path, table_name, "failed", message)
            else:
                self.add(entry.path, table_name, file_format=form[0], is_gzip=form[1])


def list_landing(landing: Path) -> list[LandingFile]:
    """All files of a landing folder in the order of the bytes of their relative paths.

    Names that begin with a dot are left out. Raises UsageError where the folder is missing or
    can't be listed.
    """
    try:
        with os.scandir(landing) as entries:
            top = [entry for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        raise UsageError(
            f"The landing folder {landing} does not exist: create it, or name another."
        ) from None
    except NotADirectoryError:
        raise UsageError(
            f"The landing folder {landing} is no folder: name the folder that holds a folder per"
            " table."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The landing folder {landing} can't be listed ({_os_reason(error)}): let this user"
            " read it."
        ) from None
    folder = _Folder(landing)
    for entry in top:
        known = entry.name in TABLES
        text = _text(os.fsencode(entry.name))
        if folder.refuse_odd_entry(entry, text if known else NO_TABLE):
            continue
        if not entry.is_dir():
            message = "it lies in no table's folder: move it into the folder of its table"
            folder.add(entry.path, NO_TABLE, "unknown_table", message)
        elif known:
            folder.add_table_folder(entry.path, entry.name)
        else:
            message = f"there is no table {text}: rename the folder to the table's name"
            folder.add_all_below(entry.path, text, "unknown_table", message)
    return [file for _, file in sorted(folder.found, key=lambda pair: pair[0])]
