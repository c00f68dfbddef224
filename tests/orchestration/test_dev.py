"""The Dagster UI listens on this machine only."""

import os
import sys
from pathlib import Path

import pytest

from orchestration import dev
from orchestration.settings import PROJECT_DIR


class StartedError(Exception):
    """The process has become another program."""


def test_the_page_listens_on_this_machine_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CAMPAIGN_LANDING", "DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("CAMPAIGN_WAREHOUSE", str(tmp_path))
    monkeypatch.chdir(PROJECT_DIR)
    monkeypatch.setattr(sys, "argv", ["dev", "--port", "3456"])
    started: list[str] = []

    def become(_: str, command: list[str]) -> None:
        started.extend(command)
        raise StartedError

    monkeypatch.setattr(os, "execv", become)
    with pytest.raises(StartedError):
        dev.main()
    assert started[1:4] == ["-m", "dagster", "dev"]
    assert started[started.index("--host") + 1] == "127.0.0.1"
    assert started[started.index("--port") + 1] == "3456"
