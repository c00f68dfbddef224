"""What runs note in WAREHOUSE/state, where the trust marts read it, one JSON object per line.

runs.ndjson has a line per run, test_results.ndjson one per data test of the newest run, and
unit_tests.ndjson is what the last `make test` left.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.errors import StorageError
from orchestration.settings import PROJECT_DIR, Settings

PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow")
UNIT_TESTS = PROJECT_DIR / ".state" / "unit_tests.ndjson"


@dataclass(frozen=True)
class Run:
    """A line of runs.ndjson.

    files is the number of landing files that the run took up, rows how many rows came in with
    them, issues the rows of data_quality_issues (None where the run ended before they were
    counted), versions a JSON object as text.
    """

    run_id: str
    started_at: str
    finished_at: str
    files: int
    rows: int
    issues: int | None
    is_published: bool
    versions: str

    @property
    def stamp(self) -> str:
        """What tells the run's published files from all others."""
        started = datetime.fromisoformat(self.started_at)
        return f"{started:%Y%m%dT%H%M%SZ}-{self.run_id[:8]}"


def iso(instant: datetime) -> str:
    """An instant as ISO 8601 in UTC, to the microsecond."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """The present instant as ISO 8601 in UTC."""
    return iso(datetime.now(UTC))


def versions() -> str:
    """The versions of what a run rests on, as a JSON object."""
    found = {package: importlib.metadata.version(package) for package in PACKAGES}
    return json.dumps({"python": platform.python_version(), **found}, sort_keys=True)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of an NDJSON file; none where there is no file.

    A last line that is only half there (the machine stopped while it was written) is left out.
    Raises StorageError where another line is damaged.
    """
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.endswith(b"\n"):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise StorageError(
                        f"Line {number} of {path} is damaged: put the file back from a backup, or "
                        "remove the line, and run again."
                    ) from error


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Replace an NDJSON file, so that it is seen whole, the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


def note_run(settings: Settings, run: Run) -> None:
    """Write the run's line; a line that it already has is replaced."""
    path = settings.state / "runs.ndjson"
    others = [line for line in read_lines(path) if line["run_id"] != run.run_id]
    write_lines(path, [*others, asdict(run)])


def noted_run(settings: Settings, run_id: str) -> Run | None:
    """The run's line, if it has one."""
    lines = list(read_lines(settings.state / "runs.ndjson"))
    return next((Run(**line) for line in reversed(lines) if line["run_id"] == run_id), None)


def last_run(settings: Settings) -> Run | None:
    """The newest run's line, if there is one."""
    lines = list(read_lines(settings.state / "runs.ndjson"))
    return Run(**lines[-1]) if lines else None


def last_published_run(settings: Settings, before: str) -> Run | None:
    """The line of the newest run that was published, other than the run of that id."""
    lines = reversed(list(read_lines(settings.state / "runs.ndjson")))
    return next(
        (Run(**line) for line in lines if line["is_published"] and line["run_id"] != before), None
    )


def noted_stamps(settings: Settings) -> list[str]:
    """The stamps of all runs that were published, in the order in which they ran."""
    lines = read_lines(settings.state / "runs.ndjson")
    return [Run(**line).stamp for line in lines if line["is_published"]]


def copy_unit_tests(settings: Settings) -> None:
    """Take up what the last `make test` left; an empty file where there is nothing."""
    target = settings.state / "unit_tests.ndjson"
    target.parent.mkdir(parents=True, exist_ok=True)
    if UNIT_TESTS.exists():
        shutil.copyfile(UNIT_TESTS, target)
    else:
        target.write_text("", encoding="utf-8")
