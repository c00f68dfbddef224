"""The named moments at which `make faults` kills a night are calls of functions that there are."""

from __future__ import annotations

import pkgutil
from functools import partial
from pathlib import Path

import pytest

from tests.faults.kills import kill_after, kill_before, moments

TARGETS = {
    moment.prepare.args[0]
    for step in moments(Path("warehouse")).values()
    for moment in step
    if isinstance(moment.prepare, partial) and moment.prepare.func in (kill_before, kill_after)
}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_night_can_be_killed_there(target: str) -> None:
    assert callable(pkgutil.resolve_name(target))
