"""The published folder: which files there are, which are linked, and how the link moves.

`current.duckdb` and `parquet` are links to the files of one stamp. A link is replaced by renaming a
new one over it, so that a reader finds the old file or the new one. Paths are never used twice:
a process that has a file of some path open gets that one again, whatever the path holds by then.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from orchestration.errors import UsageError
from orchestration.publish.copy import sync

CURRENT = "current.duckdb"
PARQUET = "parquet"
_PREFIX, _SUFFIX = "warehouse-", ".duckdb"
_UNFINISHED = ".unfinished-"


class PublishedFolder:
    """WAREHOUSE/published.

    ran: the stamps of runs in the order in which these ran. Their names tell it too, unless a clock
    was set back.
    """

    def __init__(self, folder: Path, ran: Sequence[str] = ()) -> None:
        self.folder = folder
        self._ran = {stamp: number for number, stamp in enumerate(ran)}

    @property
    def current(self) -> Path:
        """The link that readers open."""
        return self.folder / CURRENT

    def database(self, stamp: str) -> Path:
        """The published database of a stamp."""
        return self.folder / f"{_PREFIX}{stamp}{_SUFFIX}"

    def parquet(self, stamp: str) -> Path:
        """The folder of Parquet files of a stamp."""
        return self.folder / f"{PARQUET}-{stamp}"

    def unfinished(self, stamp: str) -> tuple[Path, Path]:
        """Where the database and the Parquet files of a stamp are written until they are whole."""
        return (
            self.folder / f"{_UNFINISHED}{stamp}{_SUFFIX}",
            self.folder / f"{_UNFINISHED}{PARQUET}-{stamp}",
        )

    def stamps(self) -> list[str]:
        """The stamps of the published databases, oldest first; those of unknown runs before all."""
        paths = self.folder.glob(f"{_PREFIX}*{_SUFFIX}")
        stamps = (path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for path in paths)
        return sorted(stamps, key=lambda stamp: (self._ran.get(stamp, -1), stamp))

    def linked(self) -> str | None:
        """The stamp that `current.duckdb` links to, None before the first night."""
        if not self.current.is_symlink():
            return None
        return self.current.readlink().name.removeprefix(_PREFIX).removesuffix(_SUFFIX)

    def finish(self, stamp: str) -> None:
        """Give the written files of a stamp their names, read-only, and link them."""
        database, parquet = self.unfinished(stamp)
        for path in (database, *parquet.iterdir()):
            path.chmod(0o444)
        parquet.rename(self.parquet(stamp))
        database.rename(self.database(stamp))
        self.link(stamp)

    def link(self, stamp: str) -> None:
        """Let both links point at the files of a stamp.

        What may fail, making the new links, comes before the renames, so that both links move.
        """
        targets = {PARQUET: self.parquet(stamp), CURRENT: self.database(stamp)}
        beside = {link: self.folder / f"{_UNFINISHED}{link}" for link in targets}
        for link, target in targets.items():
            beside[link].unlink(missing_ok=True)
            beside[link].symlink_to(target.name)
        for link in targets:
            beside[link].replace(self.folder / link)
        sync(self.folder)

    def discard(self, stamp: str) -> None:
        """Remove the files of a stamp, unless they are linked."""
        if self.linked() != stamp:
            self.database(stamp).unlink(missing_ok=True)
            shutil.rmtree(self.parquet(stamp), ignore_errors=True)

    def back(self) -> str:
        """Link the files before the linked ones; returns their stamp.

        Raises UsageError where there are none.
        """
        linked = self.linked()
        stamps = self.stamps()
        earlier = stamps[: stamps.index(linked)] if linked in stamps else []
        if not earlier:
            raise UsageError(
                f"There is no published warehouse before {linked or 'the first'} in {self.folder}: "
                "nothing to go back to."
            )
        self.link(earlier[-1])
        return earlier[-1]

    def discard_unfinished(self) -> None:
        """Remove what a publish that was cut short has left."""
        for path in self.folder.glob(f"{_UNFINISHED}*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        # Of a stamp, the database gets its name last and loses it first.
        for path in self.folder.glob(f"{PARQUET}-*"):
            if not self.database(path.name.removeprefix(f"{PARQUET}-")).exists():
                shutil.rmtree(path)

    def prune(self, keep: int) -> list[str]:
        """Leave the linked stamp and the newest others, `keep` in all. Returns the removed."""
        linked = self.linked()
        others = [stamp for stamp in self.stamps() if stamp != linked]
        removed = others[: max(0, len(others) - (keep - 1))]
        for stamp in removed:
            self.discard(stamp)
        return removed
