"""Some of the faults of `make faults`: whatever happens to a night, the next one loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.faults import behead, flip, truncate
from tests.faults.kills import moments
from tests.faults.place import Place
from tests.faults.trials import (
    Fault,
    Result,
    Trials,
    clock,
    damaged,
    limited_files,
    no_rights,
)

RAW = ("raw/events/0*.parquet", "quarantine/0*.parquet")

# A night is killed in its load, its next try in the build, and the one after that in the publish.
ROUNDS = [
    (
        "half of a ledger line",
        "before insert into .*changes.builds",
        r"before os.rename published/\S+ published/warehouse-",
    ),
    (
        "after load.ledger.Ledger.append",
        "after assets.transform.note_run",
        r"before os.rename published/\S+ published/current.duckdb$",
    ),
    (
        "before load.keys.KeyStore.take_up",
        "before transform.progress.BuildProgress.note, call 90",
        "after assets.published.copy_marts",
    ),
]

# Each ends a night early; in the order in which a night gets to them.
TOLD = [
    damaged("dagster/events/index.db", behead, named="dagster"),
    no_rights("raw/contacts", 0o555),
    *(damaged(name, flip, full_refresh=True, has_to_be_told=True) for name in RAW),
    no_rights("state", 0o555),
    limited_files(8 * 1024 * 1024),
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


def test_a_night_that_gives_up_says_why_and_loses_nothing(
    trials: Trials, results: list[Result]
) -> None:
    trials.under_faults(TOLD)
    assert [result.under for result in results] == [*([5] for _ in TOLD), [0]]


@pytest.mark.parametrize(
    "fault", [damaged("build.duckdb", truncate), clock(-1)], ids=lambda fault: fault.name
)
def test_a_night_that_goes_through_all_the_same(
    trials: Trials, results: list[Result], fault: Fault
) -> None:
    trials.under_faults([fault])
    assert [result.under for result in results] == [[0]]
