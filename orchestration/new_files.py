"""The sensor that starts a run when the landing folder holds a file that no load has seen."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import dagster as dg

from orchestration.jobs import nightly
from orchestration.load.landing import list_landing
from orchestration.settings import Settings
from orchestration.state import read_lines

# A file that changed so lately may still be on its way into the folder.
SETTLED_AFTER_SECONDS = 60
LOOK_EVERY_SECONDS = 60


@dg.sensor(
    name="new_files_sensor",
    job=nightly,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts a run when the landing folder holds a file that no load has seen.",
)
def new_files_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run, once for the same new files: a load that failed isn't asked for again."""
    new = unseen_files(Settings.from_environment())
    if not new:
        return dg.SkipReason("Every file of the landing folder has been seen.")
    newest = max(file.modified for file in new)
    if datetime.now().timestamp() - newest < SETTLED_AFTER_SECONDS:
        return dg.SkipReason("The newest file may still be on its way.")
    digest = fingerprint(new)
    if digest == context.cursor:
        return dg.SkipReason("A run was asked for these files; look at what became of it.")
    context.update_cursor(digest)
    return dg.RunRequest(run_key=digest, tags={"campaign/new_files": str(len(new))})


@dataclass(frozen=True)
class SeenFile:
    """A landing file as its folder lists it: size in bytes, mtime in epoch seconds."""

    name: str
    size: int
    modified: float


def unseen_files(settings: Settings) -> list[SeenFile]:
    """The landing files that the ledger doesn't know, or that were changed since it saw them.

    Raises UsageError where the landing folder can't be listed.
    """
    noted: dict[str, tuple[int, float]] = {}
    for line in read_lines(settings.ledger):
        noted_at = datetime.fromisoformat(line["loaded_at"]).timestamp()
        noted[line["file"]] = (line["bytes"], noted_at)
    return [file for file in _landing_files(settings) if _is_unseen(file, noted)]


def _is_unseen(file: SeenFile, noted: dict[str, tuple[int, float]]) -> bool:
    if file.name not in noted:
        return True
    size, noted_at = noted[file.name]
    return file.size != size or file.modified > noted_at


def _landing_files(settings: Settings) -> Iterator[SeenFile]:
    for file in list_landing(settings.landing):
        # Gone since it was listed, or never readable: the load reports it when it runs anyway.
        with contextlib.suppress(OSError):
            if file.is_readable:
                status = file.path.stat()
                yield SeenFile(file.name, status.st_size, status.st_mtime)


def fingerprint(files: list[SeenFile]) -> str:
    """What tells one set of files, with their sizes and times, from another."""
    listed = "\n".join(f"{file.name}\t{file.size}\t{file.modified}" for file in files)
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()
