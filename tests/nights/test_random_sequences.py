"""Random nights give what a rebuild gives after each, and what the reference gives at the end.

`python -m tests.nights.soak` runs as many more as there is time for.
"""

from pathlib import Path

import pytest

from tests.nights.project import alter, copy_project, freeze
from tests.nights.sequence import KILLED, random_endings, replay
from tests.nights.soak import BUILT_MODES, GIVEN, SNAPSHOT, variables_of
from tests.nights.split import split

SCENARIOS = 25

NEEDS_SNAPSHOTS = pytest.mark.skipif(
    SNAPSHOT not in BUILT_MODES, reason="no model makes an association history from snapshots"
)


@pytest.mark.parametrize(
    ("seed", "mode"),
    [
        pytest.param(19, GIVEN, id="much-every-night"),
        pytest.param(29, GIVEN, id="little-every-night"),
        pytest.param(44, SNAPSHOT, id="associations-as-snapshots", marks=NEEDS_SNAPSHOTS),
    ],
)
def test_nights_give_what_a_rebuild_gives(tmp_path: Path, seed: int, mode: str) -> None:
    nights = split(seed, SCENARIOS, tmp_path / "landings", is_snapshot=mode == SNAPSHOT)
    found = replay(
        nights,
        tmp_path,
        variables=variables_of(seed, mode, SCENARIOS),
        # Where a kill strikes is no seed's to say.
        endings=random_endings(seed, len(nights), without=(KILLED,)),
        seed=seed,
    )
    assert not found.differences, str(found)


def test_a_model_that_takes_no_notice_of_new_rows_is_found_out(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    freeze(project, "campaign_influences")
    nights = split(49, 5, tmp_path / "landings")
    found = replay(nights[:2], tmp_path, project_dir=project)
    assert any("marts.campaign_influences:" in line for line in found.differences), str(found)


def test_rows_beyond_the_short_list_of_ids_are_found_too(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    # No small scenario has as many rows as the list.
    alter(
        project, "macros/nights/inputs.sql", "order by row_id limit 1000", "order by row_id limit 2"
    )
    alter(
        project,
        "macros/nights/inputs.sql",
        "order by row_id offset 1000",
        "order by row_id offset 2",
    )
    nights = split(29, 5, tmp_path / "landings")
    found = replay(nights[:3], tmp_path, project_dir=project)
    assert not found.differences, str(found)
