"""Where a night can be killed: before and after named steps, at each thing it does to a file.

Each function here is for `prepare` of `Place.night`: it arms the process, which then kills itself,
with the whole of its group.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.faults.place import Prepare

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_CHANGES = frozenset(
    {
        *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod"),
        *("os.truncate", "shutil.rmtree", "shutil.copyfile", "sqlite3.connect"),
    }
)


def die() -> None:
    """End this process and its group as no handler can prevent."""
    os.killpg(0, signal.SIGKILL)


def kill_before(target: str, time: int = 1) -> None:
    """Die where a function (`module.name`) is called for the n-th time."""
    _wrap(target, time, dies_before=True)


def kill_after(target: str, time: int = 1) -> None:
    """Die where a function returns for the n-th time."""
    _wrap(target, time, dies_before=False)


def _wrap(target: str, time: int, *, dies_before: bool) -> None:
    patcher = patch(target)
    original = patcher.get_original()[0]
    calls = 0

    def counting(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        is_last = calls == time
        if is_last and dies_before:
            die()
        result = original(*arguments, **options)
        if is_last:
            die()
        return result

    patch(target, counting).start()


def kill_before_statement(pattern: str, time: int = 1) -> None:
    """Die before dbt sends the n-th statement that has the pattern in it."""
    from dbt.adapters.sql.connections import SQLConnectionManager

    add_query = SQLConnectionManager.add_query
    found = 0

    def counting(self: Any, sql: str, *arguments: Any, **options: Any) -> Any:
        nonlocal found
        if re.search(pattern, sql):
            found += 1
            if found == time:
                die()
        return add_query(self, sql, *arguments, **options)

    patch.object(SQLConnectionManager, "add_query", counting).start()


def kill_within_ledger_line(time: int = 1) -> None:
    """Die in the middle of the n-th writing to the ledger."""
    write = os.write
    calls = 0

    def writing(descriptor: int, data: bytes) -> int:
        nonlocal calls
        if Path(f"/proc/self/fd/{descriptor}").readlink().name == "ledger.ndjson":
            calls += 1
            if calls == time:
                write(descriptor, data[: len(data) // 2])
                os.fsync(descriptor)
                die()
        return write(descriptor, data)

    patch("os.write", writing).start()


def kill_before_operation(warehouse: Path, pattern: str, time: int = 1) -> None:
    """Die before the n-th change of a file below the warehouse that has the pattern in it.

    A change is as `note_operations` tells it.
    """
    found = 0

    def look(operation: str) -> None:
        nonlocal found
        if re.search(pattern, operation):
            found += 1
            if found == time:
                die()

    _watch(warehouse, look)


def note_operations(warehouse: Path, notes: Path) -> None:
    """Write down each change of a file below the warehouse before Python does it, one per line.

    What DuckDB and SQLite write themselves isn't among them.
    """
    descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    _watch(warehouse, lambda operation: os.write(descriptor, f"{operation}\n".encode()))


def _watch(warehouse: Path, look: Callable[[str], object]) -> None:
    prefix = f"{warehouse}/"

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CHANGES or (event == "open" and not (arguments[2] or 0) & _WRITES):
            return
        paths = [os.fspath(each) for each in arguments if isinstance(each, str | os.PathLike)]
        inside = [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]
        if inside:
            look(f"{event} {' '.join(inside)}")

    sys.addaudithook(hook)


@dataclass(frozen=True)
class Moment:
    """A named instant of a night, and what lets the night die there."""

    name: str
    prepare: Prepare


def moments(warehouse: Path) -> dict[str, list[Moment]]:
    """The named moments of a night that has new files, by the step that they are in, in order."""
    operation = partial(_operation, warehouse)
    return {
        "start": [
            *_both("orchestration.run.prepare_dagster_home"),
            *_both("orchestration.night.correct_last_run"),
            *_both("orchestration.night.fail_dead_runs"),
            _before("orchestration.assets.raw.load_landing", 1),
            *_both("orchestration.load.storage.RawLayer.create"),
        ],
        "load": [
            Moment(
                "after assets.raw.load_landing",
                partial(kill_after, "orchestration.assets.raw.load_landing"),
            ),
            *_both("orchestration.load.loader.move_into_place"),
            *_both("orchestration.load.loader.move_into_place", 4),
            *_both("orchestration.load.loader.sync_folder", 2),
            *_both("orchestration.load.ledger.Ledger.append"),
            *_both("orchestration.load.ledger.Ledger.append", 3),
            *_both("orchestration.load.ledger.write_whole"),
            Moment("half of a ledger line", kill_within_ledger_line),
            Moment("half of the 4th ledger line", partial(kill_within_ledger_line, 4)),
            *_both("orchestration.load.keys.KeyStore.catch_up", 2),
            *_both("orchestration.load.keys.KeyStore.take_up"),
            *_both("orchestration.load.keys.KeyStore.take_up", 3),
            *_both("orchestration.load.contents.KnownContents.write"),
            operation(r"os.rename raw/\.contents"),
            operation(r"shutil.rmtree raw/\.work"),
        ],
        "build": [
            *_both("orchestration.assets.transform.Erasure.has_new_requests"),
            *_both("orchestration.assets.transform.judge_volume"),
            *_both("orchestration.transform.engine.why_anew"),
            *_both("orchestration.transform.dbt.Dbt.run"),
            *_both("orchestration.transform.dbt.Dbt.run", 2),
            *(
                _before("orchestration.transform.progress.BuildProgress.note", time)
                for time in (1, 30, 60, 90, 120, 150, 200, 300)
            ),
            _statement(r"create or replace table \S*changes.new_files"),
            _statement("delete from .*changes.builds"),
            _statement("insert into .*changes.builds"),
            *_both("orchestration.assets.transform.write_lines"),
            *_both("orchestration.transform.audit.judge"),
            *_both("orchestration.transform.audit.judge", 2),
            *_both("orchestration.assets.transform.count_issues"),
            *_both("orchestration.assets.transform.note_run"),
            operation("os.rename state/.runs.ndjson.new"),
            *_both("orchestration.assets.transform.copy_unit_tests"),
        ],
        "publish": [
            *_both("orchestration.assets.published.publish_night"),
            *_both("orchestration.assets.published.copy_marts"),
            *_both("orchestration.publish.copy.sync"),
            *_both("orchestration.publish.copy.sync", 20),
            *_both("orchestration.publish.files.PublishedFolder.finish"),
            operation("os.chmod published/"),
            operation(r"os.rename published/\S+ published/parquet-"),
            operation(r"os.rename published/\S+ published/warehouse-"),
            *_both("orchestration.publish.files.PublishedFolder.link"),
            operation("os.symlink .*published/"),
            operation(r"os.rename published/\S+ published/parquet$"),
            operation(r"os.rename published/\S+ published/current.duckdb$"),
            *_both("orchestration.publish.files.PublishedFolder.prune"),
            operation(r"os.remove published/warehouse-"),
            operation(r"shutil.rmtree published/parquet-"),
            *_both("orchestration.assets.checks.newest_load"),
            *_both("orchestration.night.correct_last_run", 2),
            *_both("orchestration.run.report"),
        ],
    }


def _both(target: str, time: int = 1) -> list[Moment]:
    name = _name(target, time)
    return [_before(target, time), Moment(f"after {name}", partial(kill_after, target, time))]


def _before(target: str, time: int) -> Moment:
    return Moment(f"before {_name(target, time)}", partial(kill_before, target, time))


def _name(target: str, time: int) -> str:
    short = target.removeprefix("orchestration.")
    return f"{short}, call {time}" if time > 1 else short


def _operation(warehouse: Path, pattern: str) -> Moment:
    return Moment(f"before {pattern}", partial(kill_before_operation, warehouse, pattern))


def _statement(pattern: str) -> Moment:
    return Moment(f"before {pattern}", partial(kill_before_statement, pattern))
