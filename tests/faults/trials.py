"""Trials: a warehouse after a good night, a fault, and the night that has to make good."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.faults import faults
from tests.faults.kills import Moment, kill_before_operation, moments, note_operations
from tests.faults.place import Ended, Place, Prepare, small_disk
from tests.faults.verdict import Verdicts

# Statuses that a night may end with where a fault is in its way.
TOLD = {1, 4, 5}

FIRST, SECOND, WHOLE = "first", "second", "whole"


@dataclass(frozen=True)
class Result:
    """What came of a fault: the kind, what it was, how the night under it and the next ended."""

    kind: str
    fault: str
    under: list[int | None]
    told: str
    problems: list[str]
    kills: int = 0


@dataclass
class Trials:
    """Runs trials at a place, one after the other; each tells its result."""

    place: Place
    tell: Callable[[Result], None]
    durations: dict[str, float] = field(default_factory=dict)
    operations: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Run the undisturbed nights: two, and one that brings the files of both.

        Raises RuntimeError where one of them fails.
        """
        notes = self.place.folder / "operations"
        self._undisturbed(FIRST)
        self.place.bring_second_files()
        self._undisturbed(SECOND, partial(note_operations, self.place.warehouse, notes))
        self.operations = notes.read_text(encoding="utf-8").splitlines()

    def prepare_whole(self) -> None:
        """Run an undisturbed first night that finds the files of both."""
        self.place.restore(None)
        self._undisturbed(WHOLE)

    def _undisturbed(self, name: str, prepare: Callable[[], object] | None = None) -> None:
        ended = self.place.night(prepare)
        if ended.status != 0:
            raise RuntimeError(f"An undisturbed night ended with {ended.status}: {ended.told}")
        self.durations[name] = ended.seconds
        self.place.save(name)

    def begin(self, start: str | None = FIRST) -> Verdicts:
        """Have the warehouse as it was, None: an empty one; gives the judge of what follows."""
        place = self.place
        place.restore(start)
        if start is None:
            return Verdicts(place, place.saved / WHOLE, None)
        return Verdicts(place, place.saved / SECOND, place.saved / start)

    # Kills

    def named_kills(self, rounds: Sequence[Sequence[Moment]]) -> None:
        """Kill a night at a named moment, its next tries at others, and let it through."""
        for one_round in rounds:
            verdicts, under, problems = self.begin(), [], []
            for moment in one_round:
                ended = self.place.night(moment.prepare)
                under.append(ended.status)
                problems += verdicts.for_readers()
                if not ended.was_killed:
                    problems.append(f"{moment.name}: not reached, {ended.told}")
            told = "; ".join(moment.name for moment in one_round)
            self._let_through("named moment", told, verdicts, under, problems)

    def kills_at_operations(self, count: int, rng: random.Random) -> None:
        """Kill nights before changes of files that Python does, drawn from all of a night."""
        while count > 0:
            verdicts, under, problems, told = self.begin(), [], [], []
            for number in sorted(
                rng.sample(range(1, len(self.operations) + 1), k=min(count, rng.randint(2, 6)))
            ):
                prepare = partial(kill_before_operation, self.place.warehouse, "", number)
                under.append(self.place.night(prepare).status)
                problems += verdicts.for_readers()
                told.append(f"before change {number} ({self.operations[number - 1]})")
                count -= 1
            self._let_through("change of a file", "; ".join(told), verdicts, under, problems)

    def kills_at_instants(self, count: int, rng: random.Random) -> None:
        """Kill nights at instants spread over how long they last, up to six times in a row.

        Of six rounds, four are of the second night, one of a first night and one of a second that
        builds every table anew.
        """
        shares = [(number + rng.random()) / count for number in range(count)]
        rng.shuffle(shares)
        number = 0
        while shares:
            number += 1
            start = None if number % 6 == 3 else FIRST
            is_anew = number % 6 == 0
            lasts = self.durations[SECOND if start and not is_anew else WHOLE]
            verdicts, under, problems, told = self.begin(start), [], [], []
            for _ in range(min(len(shares), rng.randint(3, 6))):
                seconds = shares.pop() * lasts
                ended = self.place.night(kill_after=seconds, full_refresh=is_anew)
                under.append(ended.status)
                if ended.status == 0:
                    # What an earlier one left had less to do: another instant stands in for this.
                    shares.insert(0, rng.random())
                problems += verdicts.for_readers()
                told.append(f"{seconds:.1f} s")
            what = "first night" if start is None else "full refresh" if is_anew else "second night"
            self._let_through("instant", f"{what} at {', '.join(told)}", verdicts, under, problems)

    def _let_through(
        self,
        kind: str,
        told: str,
        verdicts: Verdicts,
        under: list[int | None],
        problems: list[str],
    ) -> None:
        ended = self.place.night()
        problems += verdicts.in_the_end(ended)
        anew = "built anew" if "built from the raw layer" in ended.out else ""
        kills = sum(status == -9 for status in under)
        self.tell(Result(kind, told, under, anew, problems, kills))

    # Other faults

    def under_faults(self, faults: Sequence[Fault]) -> None:
        """Run a night under each fault, and see that it makes good or says what to do.

        A fault that ended a night is taken away. The next fault finds what that night left, and
        behind the last one, and behind a night that went through, nothing may be lost. Where that
        night left nothing that the next fault could hit, it is the last one, too.
        """
        verdicts = self.begin()
        is_open = False
        for fault in faults:
            if is_open and not any(self.place.warehouse.glob(fault.file)):
                self._make_good(verdicts, fault.kind)
                verdicts = self.begin()
            named = fault.named and _largest(self.place.warehouse, fault.named).name
            with fault.at(self.place) as prepare:
                ended = self.place.night(prepare, full_refresh=fault.full_refresh)
                problems = says(ended, named)
                if not fault.hits_readers:
                    problems += verdicts.for_readers()
                if ended.status == 0 and fault.has_to_be_told:
                    problems.append("the damage was not noticed")
                elif ended.status == 0:
                    problems += verdicts.in_the_end(ended)
            told = ended.told if ended.status != 0 else ""
            self.tell(Result(fault.kind, fault.name, [ended.status], told, problems))
            is_open = ended.status != 0
            if not is_open:
                verdicts = self.begin()
        if is_open:
            self._make_good(verdicts, faults[-1].kind)

    def _make_good(self, verdicts: Verdicts, kind: str) -> None:
        ended = self.place.night()
        self.tell(Result(kind, "none", [ended.status], "", verdicts.in_the_end(ended)))


@dataclass(frozen=True)
class Fault:
    """What is wrong while a night runs.

    at: makes it so at a place, gives what the night's process is prepared with, and takes the fault
    away in the end. named: the pattern of the file that a night which gives up has to name; file:
    of the one that is hit.
    hits_readers: the published files themselves are damaged. has_to_be_told: no night can make it
    good.
    """

    kind: str
    name: str
    at: Callable[[Place], AbstractContextManager[Prepare | None]]
    named: str = ""
    file: str = "*"
    full_refresh: bool = False
    hits_readers: bool = False
    has_to_be_told: bool = False


def full_disk(room: int) -> Fault:
    """So many bytes of room on the disk of the warehouse."""

    @contextmanager
    def at(place: Place) -> Iterator[None]:
        place.save("moved")
        with small_disk(place.warehouse) as resize:
            place.restore("moved")
            resize(shutil.disk_usage(place.warehouse).used + room)
            yield
            resize(1 << 30)
            shutil.rmtree(place.saved / "moved")
            place.save("moved")
        place.restore("moved")
        shutil.rmtree(place.saved / "moved")

    return Fault("full disk", f"{room:,} bytes left", at)


def limited_files(size: int) -> Fault:
    """No file of the night can grow beyond so many bytes."""
    prepare = partial(faults.limit_files, size)
    return Fault("limit of files", f"{size:,} bytes", lambda place: nullcontext(prepare))


def no_rights(name: str, mode: int, *, named: str = "") -> Fault:
    """A folder or file that may not be written (or read); the empty name is the warehouse.

    named: what a night that gives up has to name instead, e.g. the folder.
    """

    @contextmanager
    def at(place: Place) -> Iterator[Prepare]:
        path = _largest(place.warehouse, name)
        before = path.stat().st_mode
        path.chmod(mode if path.is_dir() else mode & 0o444)
        yield faults.obey_modes
        path.chmod(before)
        # SQLite gives its logs the rights of their file.
        for log in path.parent.glob(f"{path.name}-*"):
            log.chmod(before)

    return Fault("rights", f"{name or '.'} {mode:03o}", at, named or name, file=name or "*")


def damaged(
    name: str,
    how: Callable[[Path], None],
    *,
    full_refresh: bool = False,
    has_to_be_told: bool = False,
    named: str = "",
) -> Fault:
    """A damaged file of the warehouse, the largest that a pattern names.

    named: what a night that gives up has to name instead, e.g. the folder.
    """

    @contextmanager
    def at(place: Place) -> Iterator[None]:
        path = _largest(place.warehouse, name)
        kept = place.folder / "kept"
        shutil.copy2(path, kept, follow_symlinks=False)
        how(path)
        yield
        # A night that forgets people removes the older ones' folders.
        if path.parent.exists():
            path.unlink(missing_ok=True)
            shutil.copy2(kept, path, follow_symlinks=False)
        kept.unlink()

    return Fault(
        "damage",
        f"{how.__name__} {name}{', built anew' if full_refresh else ''}",
        at,
        named or name,
        name,
        full_refresh,
        hits_readers=name.startswith("published/"),
        has_to_be_told=has_to_be_told,
    )


def damaged_log(how: Callable[[Path], None], moment: Moment) -> Fault:
    """A damaged write-ahead log, as a killed build leaves one."""

    @contextmanager
    def at(place: Place) -> Iterator[None]:
        place.night(moment.prepare)
        how(place.warehouse / "build.duckdb.wal")
        yield

    return Fault("damage", f"{how.__name__} build.duckdb.wal", at)


def clock(days: float) -> Fault:
    """A clock that is off by so many days."""
    prepare = partial(faults.set_clock, days)
    return Fault("clock", f"off by {days:+g} days", lambda place: nullcontext(prepare))


def times_of_files(year: int) -> Fault:
    """Landing files that were last changed in some year."""

    @contextmanager
    def at(place: Place) -> Iterator[None]:
        faults.set_times(place.landing, year)
        yield

    return Fault("clock", f"landing files of {year}", at)


def held_file(name: str) -> Fault:
    """Another program that has a database, or the lock, open."""
    # Who holds the lock is told by the number of the process.
    named = "" if name == ".lock" else name
    return Fault("held", name, lambda place: held(place.warehouse / name), named)


def says(ended: Ended, named: str = "") -> list[str]:
    """What is wrong with how a night under a fault ended."""
    if ended.status == 0:
        return []
    problems = []
    if ended.status not in TOLD:
        problems.append(f"ended with {ended.status}")
    if ended.err.count("\n") != 1:
        problems.append(f"{ended.err.count(chr(10))} lines on stderr")
    if named not in ended.err:
        problems.append(f"{named} is not named")
    return problems


def rounds_of(warehouse: Path) -> list[list[Moment]]:
    """The named moments in rounds, each with one of the load and its share of every other step."""
    steps = moments(warehouse)
    count = len(steps["load"])
    return [[moment for step in steps.values() for moment in step[n::count]] for n in range(count)]


def _largest(warehouse: Path, pattern: str) -> Path:
    """The largest of the files that a pattern names; the warehouse itself where it is empty."""
    if not pattern:
        return warehouse
    return max(warehouse.glob(pattern), key=lambda path: path.lstat().st_size)


_HOLD = {
    ".lock": "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX)",
    ".duckdb": "import duckdb, sys; f = duckdb.connect(sys.argv[1], read_only=True)",
}


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Have another process hold a database open for reading, or a lock."""
    suffix = path.suffix or path.name
    code = f"{_HOLD[suffix]}; print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.kill()
