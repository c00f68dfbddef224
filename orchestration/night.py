"""What the assets of one run share: the settings, the run's identity, and the right to write."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from orchestration.failures import find_warehouse_error, one_line
from orchestration.instance import fail_dead_runs, forget_old_runs
from orchestration.lock import only_writer
from orchestration.publish.files import PublishedFolder
from orchestration.settings import Settings
from orchestration.state import (
    Run,
    iso,
    last_published_run,
    last_run,
    note_run,
    noted_run,
    now,
    read_lines,
    versions,
)
from orchestration.volume import Volume, volumes


@dataclass(frozen=True)
class Night:
    """A run of the warehouse, as long as it holds the lock."""

    settings: Settings
    run_id: str
    started_at: datetime

    def line(self, *, is_published: bool, issues: int | None) -> Run:
        """The run's line of runs.ndjson as things stand now; issues: None if not counted."""
        lines = self.ledger_lines()
        return Run(
            run_id=self.run_id,
            started_at=iso(self.started_at),
            finished_at=now(),
            files=len(lines),
            rows=sum(line["rows_in"] for line in lines),
            issues=issues,
            is_published=is_published,
            versions=versions(),
        )

    def volumes(self) -> list[Volume]:
        """How much the night would publish for the first time, beside what is usual."""
        last = last_published_run(self.settings, before=self.run_id)
        return volumes(read_lines(self.settings.ledger), self.run_id, last)

    def ledger_lines(self, *, earlier: bool = False) -> list[dict[str, Any]]:
        """What the load wrote into the ledger in this run: one line per landing file taken up.

        With earlier: what the loads of all other runs wrote.
        """
        lines = read_lines(self.settings.ledger)
        return [line for line in lines if (line["run_id"] != self.run_id) == earlier]


@dg.resource(description="The settings, and the lock that keeps every other run out.")
def night(context: dg.InitResourceContext) -> Iterator[Night]:
    """Give the run its Night, and hold the warehouse's lock until the run has ended."""
    settings = Settings.from_environment()
    run_id = context.run.run_id if context.run else ""
    this_run = Night(settings, run_id=run_id, started_at=datetime.now(UTC))
    with told_plainly(), only_writer(settings.warehouse):
        correct_last_run(settings)
        if context.instance:
            fail_dead_runs(context.instance, alive=run_id)
            forget_old_runs(context.instance)
        try:
            yield this_run
        finally:
            # A full disk has been told of by then, and the next run corrects what this one can't.
            with contextlib.suppress(OSError):
                if noted_run(settings, run_id) is None:
                    note_run(settings, this_run.line(is_published=False, issues=None))
                correct_last_run(settings)


def correct_last_run(settings: Settings) -> None:
    """Note that the last run wasn't published, where it ended between saying so and doing it."""
    last = last_run(settings)
    if last and last.is_published:
        database = PublishedFolder(settings.published).database(last.stamp)
        if not database.exists():
            note_run(settings, replace(last, is_published=False))


@contextlib.contextmanager
def told_plainly() -> Iterator[None]:
    """Turn a WarehouseError into a Dagster failure that is shown as it is, and not tried again."""
    try:
        yield
    except Exception as error:
        known = find_warehouse_error(error)
        if known is None:
            raise
        raise dg.Failure(description=one_line(known), allow_retries=False) from known
