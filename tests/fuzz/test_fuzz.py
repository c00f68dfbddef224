"""Hostile files never stop or hang a load, lose a row or touch what isn't the warehouse's."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import run_command
from tests.fuzz import cases, isolate, loads


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_few_hundred_hostile_files_do_no_harm(tmp_path: Path, seed: str) -> None:
    options = ("--files", "200", "--seed", seed, "--folder", str(tmp_path))
    done = run_command("tests.fuzz", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f"200 files, seed {seed}: no fault\n")


def test_a_file_follows_from_its_seed_and_number() -> None:
    for number in range(50):
        assert cases.make(3, number) == cases.make(3, number)


def _crash(number: int) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _hang(number: int) -> None:
    time.sleep(600)


def _raise(number: int) -> None:
    raise ValueError(f"file {number}")


@pytest.mark.parametrize(
    ("harm", "told"),
    [(_crash, "ended with -11"), (_hang, "it hangs"), (_raise, "ValueError: file 5")],
)
def test_the_one_file_that_does_harm_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: object, told: str
) -> None:
    def run(made: list[cases.Case], folder: Path) -> tuple[list[str], list[loads.Problem]]:
        for case in made:
            if case.number == 5:
                assert callable(harm)
                harm(case.number)
        return ["loaded" for _ in made], []

    monkeypatch.setattr(loads, "run", run)
    monkeypatch.setattr(isolate, "HANG_SECONDS", 4 if harm is _hang else 60)
    found = isolate.run(1, list(range(1, 9)), tmp_path / "run")
    ((numbers, problem),) = found.faults
    assert numbers == [5]
    assert told in problem
    assert found.outcomes == {n: "fault" if n == 5 else "loaded" for n in range(1, 9)}
    kept = isolate.keep(1, numbers, problem, tmp_path)
    assert (kept / "problem.txt").read_text(encoding="utf-8") == problem
    assert [path.name for path in (kept / "landing").rglob("*") if not path.is_dir()] != []
