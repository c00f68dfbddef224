"""A landing folder and a warehouse, and nights there in processes of their own that may be killed.

A night's process is forked from one that has imported Dagster and dbt and parsed the project, which
takes longer than all the rest of a small night.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

from orchestration.publish.files import PublishedFolder
from orchestration.run import main
from orchestration.settings import PROJECT_DIR

SAMPLE = PROJECT_DIR / "seeds" / "sample"

# The files of events, of the sample's twelve, that keep a night short.
EVENTS = {"2025-01.csv", "2025-03.ndjson.gz", "2025-06.parquet", "2025-09.csv.gz"}

# They come with the second night: late events, corrections, merges and stage entries among them.
SECOND = {
    *("events/2025-03.ndjson.gz", "events/2025-06.parquet", "contacts/crm-2.csv"),
    *("contact_merges/contact-merges.csv", "deal_stage_history/deal-stage-history.csv"),
    "users/late.csv",
}

# A row of it goes to quarantine.
LATE_USERS = "user_id,name\nu-late,Late\n,Nobody\n"

# A night that lasts so long, in seconds, hangs.
PATIENCE = 300

Prepare = Callable[[], object]


@dataclass(frozen=True)
class Ended:
    """How a night ended: exit status (-9: killed, None: it hung), what it printed, seconds."""

    status: int | None
    out: str
    err: str
    seconds: float

    @property
    def told(self) -> str:
        """What it said of its failure, or its last line."""
        lines = (self.err.strip() or self.out.strip()).splitlines()
        return lines[-1] if lines else ""

    @property
    def was_killed(self) -> bool:
        return self.status == -signal.SIGKILL


class Place:
    """A folder with `landing` and `warehouse`. One per process, as its nights' parent knows it."""

    def __init__(self, folder: Path) -> None:
        """Make the landing folder of the first night, from the bundled sample."""
        self.folder = folder
        self.landing = folder / "landing"
        self.warehouse = folder / "warehouse"
        self.published = PublishedFolder(self.warehouse / "published")
        self.saved = folder / "saved"
        self._later = folder / "later"
        self._nights = 0
        shutil.copytree(SAMPLE, self.landing)
        for path in (self.landing / "events").iterdir():
            if path.name not in EVENTS:
                path.unlink()
        (self.landing / "users" / "late.csv").write_text(LATE_USERS, encoding="utf-8")
        _move(SECOND, self.landing, self._later)
        inherited = {name: "" for name in os.environ if name.startswith("CAMPAIGN_")}
        with patch.dict(os.environ, inherited | self.environment):
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["tests.faults.preload"])
            forkserver.ensure_running()
        self._context = context

    @property
    def environment(self) -> dict[str, str]:
        """The settings of its nights. Each removes the published files of the night before."""
        return {
            "CAMPAIGN_LANDING": str(self.landing),
            "CAMPAIGN_WAREHOUSE": str(self.warehouse),
            "CAMPAIGN_KEEP_PUBLISHED": "1",
            "CAMPAIGN_DASHBOARD": "0",
            # Each warehouse would make one of its own, and with it other ids of erased people.
            "CAMPAIGN_ERASURE_KEY": "that of every warehouse of the trials",
        }

    @property
    def current(self) -> Path:
        """What readers open."""
        return self.published.current

    def bring_second_files(self) -> None:
        """Put the second night's files into the landing folder."""
        _move(SECOND, self._later, self.landing)

    # The warehouse as it was

    def save(self, name: str) -> Path:
        """Keep a copy of the warehouse under a name; gives its folder."""
        shutil.copytree(self.warehouse, self.saved / name, symlinks=True)
        return self.saved / name

    def restore(self, name: str | None) -> None:
        """Have the warehouse as it was saved, None: an empty folder."""
        self.warehouse.mkdir(exist_ok=True)
        for path in self.warehouse.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if name is not None:
            shutil.copytree(self.saved / name, self.warehouse, symlinks=True, dirs_exist_ok=True)

    # Nights

    def night(
        self,
        prepare: Prepare | None = None,
        *,
        full_refresh: bool = False,
        kill_after: float | None = None,
    ) -> Ended:
        """Run a night.

        prepare: called in the night's process before anything else. kill_after: the process and
        all that it started are killed after so many seconds, unless they have ended.
        """
        self._nights += 1
        printed = self.folder / "printed"
        printed.mkdir(exist_ok=True)
        arguments = ["--full-refresh"] if full_refresh else []
        paths = [printed / f"{self._nights}.{name}" for name in ("out", "err")]
        process = self._context.Process(target=_be_a_night, args=(arguments, *paths, prepare))
        began = time.monotonic()
        process.start()
        process.join(PATIENCE if kill_after is None else kill_after)
        has_hung = kill_after is None and process.is_alive()
        _kill(process.pid)
        process.join()
        out, err = (path.read_text("utf-8") if path.exists() else "" for path in paths)
        status = None if has_hung else process.exitcode
        return Ended(status, out, err, time.monotonic() - began)


def _kill(pid: int | None) -> None:
    assert pid is not None
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def _be_a_night(arguments: list[str], out: Path, err: Path, prepare: Prepare | None) -> None:
    os.setpgid(0, 0)
    for path, stream in ((out, 1), (err, 2)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    if prepare is not None:
        prepare()
    sys.exit(main(arguments))


def _move(names: set[str], source: Path, target: Path) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).rename(target / name)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[int], None]]:
    """Mount a disk over a folder; gives what sets its size, to so many bytes.

    Raises OSError where that is forbidden.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise OSError(f"a disk can't be mounted here: {done.stderr.strip()}")

    def resize(size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)

    try:
        yield resize
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
