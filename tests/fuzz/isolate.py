"""Runs fuzzed files in processes of their own, and finds the one that ends a process or a load."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import random
import resource
import shutil
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration.load import blocks
from tests.fuzz import cases, loads

# A load of a hundred small files takes seconds; one that takes this long hangs.
HANG_SECONDS = 120

# What a process may take, so that a file that unpacks without end harms no one.
_MEMORY_BYTES = 8 * 1024**3
_FILE_BYTES = 3 * 1024**3

# Small blocks make many of a small file.
_BLOCK_BYTES = (100, 1024, 4 * 1024 * 1024)


@dataclass
class Found:
    """What became of each file, and what was wrong: with the numbers of the files it takes."""

    outcomes: dict[int, str] = field(default_factory=dict)
    faults: list[tuple[list[int], str]] = field(default_factory=list)


def run(seed: int, numbers: list[int], folder: Path) -> Found:
    """Load the files of these numbers together; where that tells no file at fault, ever fewer."""
    outcomes, problems = _in_a_process(seed, numbers, folder)
    found = Found(dict(zip(numbers, outcomes, strict=False)))
    if all(number is not None for number, _ in problems):
        for number, problem in problems:
            assert number is not None
            found.outcomes[number] = "fault"
            found.faults.append(([number], problem))
        return found
    told = "\n".join(problem for _, problem in problems)
    if len(numbers) == 1:
        return Found({numbers[0]: "fault"}, [(numbers, told)])
    middle = len(numbers) // 2
    halves = [run(seed, half, folder) for half in (numbers[:middle], numbers[middle:])]
    found = Found(halves[0].outcomes | halves[1].outcomes, halves[0].faults + halves[1].faults)
    if not found.faults:
        found.faults.append((numbers, f"together only: {told}"))
    return found


def _in_a_process(
    seed: int, numbers: list[int], folder: Path
) -> tuple[list[str], list[loads.Problem]]:
    """What became of the files, and what was wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    trace = folder / "trace.txt"
    process = context.Process(target=_child, args=(seed, numbers, folder / "place", trace, sender))
    process.start()
    sender.close()
    try:
        if not receiver.poll(HANG_SECONDS):
            process.kill()
            process.join()
            return [], [(None, f"it hangs\n{trace.read_text(encoding='utf-8')}")]
        outcomes, problems = receiver.recv()
        process.join()
        return outcomes, problems
    except EOFError:
        process.join()
        told = trace.read_text(encoding="utf-8") if trace.exists() else ""
        return [], [(None, f"the process ended with {process.exitcode}\n{told}")]
    finally:
        receiver.close()


def _block_bytes(seed: int, numbers: list[int]) -> int:
    return random.Random(f"{seed} blocks {(numbers[0] - 1) // 100}").choice(_BLOCK_BYTES)


def _child(seed: int, numbers: list[int], place: Path, trace: Path, sender: Connection) -> None:
    with trace.open("w", encoding="utf-8") as file:
        faulthandler.enable(file)
        faulthandler.dump_traceback_later(HANG_SECONDS * 0.9, file=file)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        blocks.BLOCK_BYTES = _block_bytes(seed, numbers)
        try:
            made = [cases.make(seed, number) for number in numbers]
            sender.send(loads.run(made, place))
        except BaseException:
            sender.send(([], [(None, traceback.format_exc())]))
        sender.close()
        file.flush()
        # Threads of libraries needn't be waited for.
        os._exit(0)


def keep(seed: int, numbers: list[int], problem: str, folder: Path) -> Path:
    """Keep the files at fault, with what is wrong, in a folder of their own."""
    kept = folder / f"{seed}-{numbers[0]}"
    shutil.rmtree(kept, ignore_errors=True)
    (kept / "outside").mkdir(parents=True)
    (kept / "problem.txt").write_text(problem, encoding="utf-8")
    for number in numbers:
        cases.make(seed, number).put(kept / "landing", kept / "outside")
    return kept
