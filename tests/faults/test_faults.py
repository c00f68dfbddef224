"""Some of the faults of `make faults`: whatever happens to a night, the next one loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import flip, truncate
from tests.faults.kills import moments
from tests.faults.place import Place
from tests.faults.trials import Result, Trials

# A night is killed in its load, its next try in the build, and the one after that in the publish.
ROUNDS = [
    (
        "half of a ledger line",
        "before assets.transform.note_run",
        r"before os.rename published/\S+ published/warehouse-",
    ),
    (
        "after load.ledger.Ledger.append",
        "before transform.progress.BuildProgress.note, call 90",
        r"before os.rename published/\S+ published/current.duckdb$",
    ),
    (
        "before load.keys.KeyStore.take_up",
        "before insert into .*changes.builds",
        "after publish.files.PublishedFolder.link",
    ),
    (
        "before load.loader.move_into_place, call 4",
        "after assets.transform.note_run",
        "after assets.published.copy_marts",
    ),
]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """What the trials of a test told."""
    return []


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory, results: list[Result]) -> Trials:
    """Nights over a part of the sample: after a first one, and with the second one's files."""
    trials = Trials(Place(tmp_path_factory.mktemp("faults")), results.append)
    trials.prepare()
    return trials


@pytest.fixture(autouse=True)
def nothing_is_lost(results: list[Result]) -> Iterator[None]:
    results.clear()
    yield
    assert results
    assert [(result.fault, result.problems) for result in results if result.problems] == []


@pytest.mark.parametrize("names", ROUNDS, ids=lambda names: names[0])
def test_a_night_that_is_killed_time_and_again(
    trials: Trials, results: list[Result], names: tuple[str, ...]
) -> None:
    steps = moments(trials.place.warehouse).values()
    known = {moment.name: moment for step in steps for moment in step}
    trials.named_kills([[known[name] for name in names]])
    assert [(result.kills, result.told) for result in results] == [(len(names), "")]


def test_a_limit_of_files_in_the_build(trials: Trials, results: list[Result]) -> None:
    trials.limited_files([1024 * 1024])
    assert results[0].under == [5]


def test_a_damaged_build_is_made_again(trials: Trials, results: list[Result]) -> None:
    trials.damage("build.duckdb", [truncate])
    assert results[0].under == [0]


def test_a_damaged_raw_file_is_named(trials: Trials) -> None:
    trials.damage_raw("raw/events/0*.parquet", [truncate])


@pytest.mark.parametrize("name", ["state/runs.ndjson", "dagster/history/runs.db"])
def test_a_damaged_note_of_runs_is_named_or_made_again(trials: Trials, name: str) -> None:
    trials.damage(name, [flip])


def test_a_clock_that_is_set_back(trials: Trials, results: list[Result]) -> None:
    trials.clocks([-1])
    assert results[0].under == [0]
